import assert from 'node:assert/strict';
import { type KubernetesObject, resources } from '@ccm-ts/cloud-provider';
import { describe, it } from '../harness/node-test.ts';
import { connectToServer, lease, node, ownNamespace, paths, service, uniqueName } from './wire/fixture.ts';
import { flakyLine } from './wire/flaky-line.ts';
import { connectOurClient, firstBreach, observe } from './wire/observed-informer.ts';
import { readAccess } from '../kube-apiserver/kubeconfig.ts';
import { kubeconfigVariable } from './wire/connection.ts';
import { readFileSync } from 'node:fs';

/** Numbers that look random and are the same in every run. */
function* pseudoRandom(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

describe('our client', () => {
  const server = connectToServer();

  /** Writes to Nodes of a group in a random order: creations, label and status changes, leaving and entering, deletions. */
  async function history(group: string, steps: number, onStep: (step: number) => void): Promise<void> {
    const random = pseudoRandom(steps);
    const present = new Set<string>();
    for (let step = 0; step < steps; step++) {
      const name = `${group}-${Math.floor(random.next().value * 8)}`;
      const path = `${paths.nodes}/${name}`;
      const choice = random.next().value;
      if (!present.has(name)) {
        await server.create(paths.nodes, node(name, {}, { labels: { group } }));
        present.add(name);
      } else if (choice < 0.15) {
        await server.delete(path);
        present.delete(name);
      } else if (choice < 0.3) {
        await server.patch('merge', path, { metadata: { labels: { group: choice < 0.22 ? 'elsewhere' : group } } });
      } else if (choice < 0.65) {
        await server.patch('merge', path, { metadata: { labels: { step: String(step) } } });
      } else {
        await server.patch('merge', `${path}/status`, {
          status: { addresses: [{ type: 'Hostname', address: `h${step}` }] },
        });
      }
      onStep(step);
    }
    const end = `${group}-end`;
    await server.create(paths.nodes, node(end, {}, { labels: { group } }));
  }

  /** The one object of the group must come out equal from both encodings, and from lists and watches. */
  async function isReadAlike<T extends KubernetesObject>(
    resource: resources.Resource<T>,
    group: string,
  ): Promise<void> {
    const labelSelector = `group=${group}`;
    const seen: (readonly T[])[] = [];
    for (const contentType of ['json', 'protobuf'] as const) {
      await using observed = await observe(resource, { contentType, labelSelector });
      const client = await connectOurClient(contentType);
      const list = await client.list(resource, { signal: AbortSignal.timeout(10_000), labelSelector });
      await client.close();
      seen.push(list.items, [...observed.informer.store.list()]);
    }
    assert.equal(seen[0]?.length, 1, resource.plural);
    for (const other of seen.slice(1)) assert.deepEqual(other, seen[0], resource.plural);
  }

  for (const contentType of ['json', 'protobuf'] as const) {
    it(`${contentType}: tells each transition once, as the watch itself shows it`, async () => {
      const group = uniqueName('told');
      const labelSelector = `group=${group}`;
      await server.create(paths.nodes, node(`${group}-before`, {}, { labels: { group } }));
      await using observed = await observe(resources.nodes, { contentType, labelSelector });
      const { metadata } = await server.list(paths.nodes);
      await using watch = await server.watch(paths.nodes, { resourceVersion: metadata.resourceVersion, labelSelector });
      await history(group, 120, () => undefined);
      const events = (await watch.until((event) => event.object.metadata.name === `${group}-end`)).filter(
        (event) => event.type !== 'BOOKMARK',
      );
      await observed.until((told) => told.at(-1)?.object.metadata.name === `${group}-end`);
      const types = { ADDED: 'add', MODIFIED: 'update', DELETED: 'delete', BOOKMARK: '', ERROR: '' } as const;
      assert.deepEqual(
        observed.told
          .slice(1)
          .map(({ type, object }) => `${type} ${object.metadata.name} ${object.metadata.resourceVersion}`),
        events.map(({ type, object }) => `${types[type]} ${object.metadata.name} ${object.metadata.resourceVersion}`),
      );
      assert.equal(firstBreach(observed.told), undefined);
    });

    it(`${contentType}: keeps its promises and ends up right over a line that is cut again and again`, async () => {
      const group = uniqueName('cut');
      const labelSelector = `group=${group}`;
      const { url } = readAccess(readFileSync(process.env[kubeconfigVariable] ?? '', 'utf8'));
      await using line = await flakyLine(url);
      await using observed = await observe(resources.nodes, { contentType, labelSelector, url: line.url });
      await history(group, 160, (step) => {
        if (step % 40 === 20) line.cut();
        if (step === 100) line.interrupt();
        if (step === 130) line.mend();
      });
      await observed.until((told) => told.some(({ object }) => object.metadata.name === `${group}-end`));
      const list = await server.list(paths.nodes, { labelSelector });
      assert.equal(firstBreach(observed.told), undefined);
      assert.deepEqual(
        [...observed.informer.store.list()]
          .map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`)
          .sort(),
        list.items.map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`).sort(),
      );
    });
  }

  it('reads the same from JSON and from protobuf, by list and by watch', async () => {
    const namespace = await ownNamespace(server, 'encodings');
    const group = namespace;
    const labels = { group };
    const meta = { labels, annotations: { 'example.com/a': 'ä"\\\u0001' }, finalizers: ['example.com/hold'] };
    await server.create(
      paths.nodes,
      node(
        group,
        {
          spec: {
            providerID: 'sim://a',
            podCIDRs: ['10.1.0.0/24'],
            podCIDR: '10.1.0.0/24',
            taints: [{ key: 'k', effect: 'NoExecute' }],
          },
          status: { addresses: [{ type: 'InternalIP', address: '10.0.0.1' }] },
        },
        { ...meta, finalizers: [] },
      ),
    );
    await server.create(paths.services(namespace), {
      ...service(
        'a',
        {
          type: 'LoadBalancer',
          externalTrafficPolicy: 'Local',
          loadBalancerClass: 'example.com/class',
          loadBalancerSourceRanges: ['192.0.2.0/24'],
          sessionAffinity: 'ClientIP',
          ports: [
            { name: 'a', port: 80, targetPort: 'web', appProtocol: 'http' },
            { name: 'b', port: 81, protocol: 'UDP' },
          ],
        },
        meta,
      ),
    });
    await server.patch('merge', `${paths.services(namespace)}/a/status`, {
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }, { hostname: 'lb.example.com' }] } },
    });
    await server.create(
      paths.leases(namespace),
      lease('a', { holderIdentity: 'one', leaseDurationSeconds: 15, renewTime: '2026-01-02T03:04:05.678901Z' }, meta),
    );
    await server.create(paths.endpointSlices(namespace), {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'a', ...meta },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.1.0.1'], conditions: { ready: true }, nodeName: group }],
      ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
    });
    await isReadAlike(resources.nodes, group);
    await isReadAlike(resources.services, group);
    await isReadAlike(resources.leases, group);
    await isReadAlike(resources.endpointSlices, group);
  });
});
