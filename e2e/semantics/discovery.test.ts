import assert from 'node:assert/strict';
import { describe, it } from '../harness/node-test.ts';
import { connectToServer, ownNamespace, paths } from './wire/fixture.ts';

interface ResourceList {
  readonly kind: string;
  readonly groupVersion: string;
  readonly resources: readonly {
    readonly name: string;
    readonly kind: string;
    readonly namespaced: boolean;
    readonly verbs: readonly string[];
    readonly shortNames?: readonly string[];
  }[];
}

const allVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

describe('discovery', () => {
  const server = connectToServer();

  it('says its version', async () => {
    const version = (await server.send('GET', '/version')).body as { gitVersion: string; major: string; minor: string };
    assert.match(version.gitVersion, /^v1\.\d+\.\d+/);
    assert.equal(version.gitVersion.startsWith(`v${version.major}.${version.minor}.`), true);
  });

  for (const path of ['/healthz', '/livez', '/readyz']) {
    it(`answers ${path} with ok`, async () => {
      const reply = await server.send('GET', path);
      assert.deepEqual([reply.status, reply.body], [200, 'ok']);
    });
  }

  it('names the versions of the core group', async () => {
    const versions = (await server.send('GET', '/api')).body as { kind: string; versions: string[] };
    assert.deepEqual([versions.kind, versions.versions], ['APIVersions', ['v1']]);
  });

  it('names the groups', async () => {
    const groups = (await server.send('GET', '/apis')).body as {
      kind: string;
      groups: { name: string; preferredVersion: unknown }[];
    };
    assert.equal(groups.kind, 'APIGroupList');
    for (const name of ['coordination.k8s.io', 'discovery.k8s.io', 'events.k8s.io']) {
      const group = groups.groups.find((each) => each.name === name);
      assert.deepEqual(group?.preferredVersion, { groupVersion: `${name}/v1`, version: 'v1' });
    }
  });

  it('names the resources of core/v1', async () => {
    const list = (await server.send('GET', '/api/v1')).body as ResourceList;
    assert.deepEqual([list.kind, list.groupVersion], ['APIResourceList', 'v1']);
    const byName = new Map(list.resources.map((resource) => [resource.name, resource]));
    const nodes = byName.get('nodes');
    assert.deepEqual([nodes?.kind, nodes?.namespaced, nodes?.shortNames], ['Node', false, ['no']]);
    assert.deepEqual([...(nodes?.verbs ?? [])].sort(), allVerbs);
    assert.deepEqual([...(byName.get('nodes/status')?.verbs ?? [])].sort(), ['get', 'patch', 'update']);
    const services = byName.get('services');
    assert.deepEqual([services?.kind, services?.namespaced, services?.shortNames], ['Service', true, ['svc']]);
    assert.ok(byName.has('services/status'));
  });

  for (const [group, resource, kind] of [
    ['coordination.k8s.io', 'leases', 'Lease'],
    ['discovery.k8s.io', 'endpointslices', 'EndpointSlice'],
    ['events.k8s.io', 'events', 'Event'],
  ] as const) {
    it(`names the resources of ${group}/v1`, async () => {
      const list = (await server.send('GET', `/apis/${group}/v1`)).body as ResourceList;
      const found = list.resources.find((each) => each.name === resource);
      assert.deepEqual([found?.kind, found?.namespaced], [kind, true]);
    });
  }

  it('gives everything at once to those who ask for aggregated discovery', async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
    const list = (await server.send('GET', '/api', { accept })).body as {
      kind: string;
      items: { versions: { version: string; resources: { resource: string; responseKind: { kind: string } }[] }[] }[];
    };
    assert.equal(list.kind, 'APIGroupDiscoveryList');
    const nodes = list.items[0]?.versions[0]?.resources.find((each) => each.resource === 'nodes');
    assert.equal(nodes?.responseKind.kind, 'Node');
  });

  it('has the namespaces that every cluster has', async () => {
    const names = (await server.list(paths.namespaces)).items.map((item) => item.metadata.name);
    for (const name of ['default', 'kube-system', 'kube-public']) assert.ok(names.includes(name), name);
  });

  it('identifies the cluster by the uid of kube-system', async () => {
    const first = await server.get(`${paths.namespaces}/kube-system`);
    assert.match(first.metadata.uid, /^[0-9a-f-]{36}$/);
    assert.equal((await server.get(`${paths.namespaces}/kube-system`)).metadata.uid, first.metadata.uid);
  });

  it('makes a new namespace active', async () => {
    const name = await ownNamespace(server, 'active');
    const namespace = await server.get(`${paths.namespaces}/${name}`);
    assert.deepEqual(namespace.status, { phase: 'Active' });
    assert.deepEqual(namespace.spec, { finalizers: ['kubernetes'] });
    assert.equal(namespace.metadata.labels?.['kubernetes.io/metadata.name'], name);
  });
});
