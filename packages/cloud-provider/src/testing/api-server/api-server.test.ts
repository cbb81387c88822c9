import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { KubeConfig } from '@kubernetes/client-node';
import { startApiServer } from './api-server.ts';
import { RawClient } from './raw-client.ts';

describe('ApiServer', () => {
  it('has what every cluster has', async () => {
    await using server = await startApiServer();
    const namespaces = server.store.list('namespaces').map((one) => one.metadata.name);
    expect(namespaces).toEqual(['default', 'kube-node-lease', 'kube-public', 'kube-system']);
    expect(server.store.get('namespaces', 'kube-system')?.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(server.store.get('services', 'kubernetes')?.spec.clusterIP).toBe('10.0.0.1');
    expect(server.store.get('namespaces', 'default')).toMatchObject({
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
  });

  it('is found by discovery, old and new', async () => {
    await using server = await startApiServer();
    const client = new RawClient(server);
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    const core = await client.get('/api', { accept });
    expect(core.type).toBe(accept);
    expect(core.body).toMatchObject({ kind: 'APIGroupDiscoveryList', items: [{ versions: [{ version: 'v1' }] }] });
    const groups = await client.get('/apis', { accept });
    expect(groups.body).toMatchObject({
      items: [
        { metadata: { name: 'coordination.k8s.io' } },
        { metadata: { name: 'discovery.k8s.io' } },
        { metadata: { name: 'events.k8s.io' } },
      ],
    });
    expect((await client.get('/api')).body).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
    expect((await client.get('/apis')).body['kind']).toBe('APIGroupList');
    expect((await client.get('/apis/discovery.k8s.io')).body['kind']).toBe('APIGroup');
    const resources = await client.get('/api/v1');
    expect(resources.body).toMatchObject({
      kind: 'APIResourceList',
      resources: expect.arrayContaining([
        expect.objectContaining({ name: 'nodes', shortNames: ['no'], namespaced: false }),
        expect.objectContaining({ name: 'services/status', verbs: ['get', 'patch', 'update'] }),
      ]),
    });
    expect((await client.get('/version')).body['gitVersion']).toMatch(/^v1\.\d+\.\d+$/);
    for (const path of ['/healthz', '/livez', '/readyz']) expect((await client.get(path)).body).toEqual({ text: 'ok' });
  });

  it('describes its types, so that kubectl can apply', async () => {
    await using server = await startApiServer();
    const client = new RawClient(server);
    const index = await client.get('/openapi/v3');
    expect(Object.keys(index.body['paths'] ?? {})).toContain('api/v1');
    const document = await client.get('/openapi/v3/api/v1?hash=x');
    expect(document.body).toMatchObject({
      components: {
        schemas: {
          'io.k8s.api.core.v1.ServiceSpec': {
            properties: { ports: { 'x-kubernetes-patch-merge-key': 'port', 'x-kubernetes-patch-strategy': 'merge' } },
          },
        },
      },
    });
  });

  it('writes a kubeconfig that clients read, for its owner alone', async () => {
    await using server = await startApiServer({ token: 'secret' });
    const folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
    try {
      const path = join(folder, 'config');
      await server.writeKubeconfig(path);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      const config = new KubeConfig();
      config.loadFromString(await readFile(path, 'utf8'));
      expect(config.getCurrentCluster()?.server).toBe(server.url);
      expect(config.getCurrentUser()?.token).toBe('secret');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('wants its token when it has one', async () => {
    await using server = await startApiServer({ token: 'secret' });
    const reply = await new RawClient(server).get('/api/v1/nodes');
    expect(reply.body).toMatchObject({ kind: 'Status', code: 401, reason: 'Unauthorized' });
    const allowed = await fetch(`${server.url}/api/v1/nodes`, { headers: { authorization: 'Bearer secret' } });
    expect(allowed.status).toBe(200);
  });

  it('comes back on the same port with the same objects', async () => {
    await using server = await startApiServer();
    const { port, url } = server;
    server.store.create('nodes', { metadata: { name: 'n' } });
    await using watch = await new RawClient(server).watch('/api/v1/nodes');
    await watch.next();
    await server.stop();
    await expect(watch.next()).rejects.toThrow();
    await expect(fetch(url)).rejects.toThrow();
    await server.start();
    expect(server.port).toBe(port);
    expect((await new RawClient(server).get('/api/v1/nodes/n')).code).toBe(200);
  });

  it('shares the work of encoding among watches, and takes many objects quickly', async () => {
    await using server = await startApiServer();
    const client = new RawClient(server);
    const watches = await Promise.all(Array.from({ length: 5 }, () => client.watch('/api/v1/nodes')));
    for (let index = 0; index < 500; index += 1) server.store.create('nodes', { metadata: { name: `n${index}` } });
    for (const watch of watches) {
      for (let index = 0; index < 500; index += 1) expect((await watch.next())?.type).toBe('ADDED');
      await watch[Symbol.asyncDispose]();
    }
  });
});

describe('ObjectStore', () => {
  it('reads and writes without HTTP, by the same rules', async () => {
    await using server = await startApiServer();
    const { store } = server;
    const seen: string[] = [];
    const stop = store.watch('nodes', ({ type, object }) => seen.push(`${type} ${object.metadata.name}`));
    store.create('nodes', { metadata: { name: 'n' } });
    store.update('nodes', 'n', (node) => ({ ...node, spec: { ...node.spec, providerID: 'x://1' } }));
    expect(() => store.create('nodes', { metadata: { name: 'n' } })).toThrow('already exists');
    expect(() => store.patch('nodes', 'none', {})).toThrow('not found');
    expect(store.get('nodes', 'n')?.spec.providerID).toBe('x://1');
    expect(store.delete('nodes', 'n')).toBe(true);
    expect(store.delete('nodes', 'n')).toBe(false);
    stop();
    store.create('nodes', { metadata: { name: 'm' } });
    expect(seen).toEqual(['ADDED n', 'MODIFIED n', 'DELETED n']);
  });

  it('speaks either form of Events', async () => {
    await using server = await startApiServer();
    server.store.create('events', {
      metadata: { name: 'e' },
      involvedObject: { kind: 'Node', name: 'n' },
      message: 'hello',
    });
    expect(server.store.get('events.events.k8s.io', 'e')).toMatchObject({ regarding: { name: 'n' }, note: 'hello' });
  });
});
