import { describe, expect, it } from '@jest/globals';
import type { Node } from '../api/node.ts';
import type { InstanceView, Instances } from '../cloud/instances.ts';
import { NodeController } from '../controllers/node/node-controller.ts';
import { addressList, testMetadata, testNode } from '../controllers/node/test-nodes.ts';
import { TestCluster, TestRecorder } from '../controllers/test-cluster.ts';
import { isNotFound } from '../kube/client/api-error.ts';
import { selectObjects } from '../kube/informer/select-objects.ts';
import { nodes, services } from '../kube/resources.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { MetricRegistry } from '../telemetry/metrics.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { ownNodesClient } from './own-nodes-client.ts';

const isOwn = ({ metadata }: Node): boolean => metadata.labels['pool'] === 'ours';
const { signal } = new AbortController();

function nodeOf(pool: string): Node {
  return testNode('a', { labels: { pool } });
}

describe('ownNodesClient', () => {
  it('finds no Node that is not its own, and everything else', async () => {
    const cluster = new TestCluster();
    const client = ownNodesClient(cluster.client, isOwn);
    cluster.putNode(nodeOf('ours'));
    expect((await client.get(nodes, { namespace: '', name: 'a' }, { signal })).metadata.name).toBe('a');
    cluster.putNode(nodeOf('theirs'));
    const failure = await client.get(nodes, { namespace: '', name: 'a' }, { signal }).catch((error: unknown) => error);
    expect(isNotFound(failure)).toBe(true);
    const none = await client.get(services, { namespace: 'x', name: 'a' }, { signal }).catch((error: unknown) => error);
    expect(cluster.reads).toContain('services/x/a');
    expect(isNotFound(none)).toBe(true);
  });

  it('keeps a node that is handed over while the cloud is asked from being written after the conflict', async () => {
    const clock = new FakeClock();
    const cluster = new TestCluster();
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    const view: InstanceView = {
      kind: 'present',
      state: 'running',
      metadata: testMetadata({ addresses: addressList('InternalIP=10.0.0.1') }),
    };
    const instances: Instances = {
      maxBatch: 10,
      scopeOf: () => 'any',
      async describe() {
        asked.resolve();
        await answer.promise;
        return new Map([['a', view]]);
      },
    };
    const abort = new AbortController();
    const controller = new NodeController({
      client: ownNodesClient(cluster.client, isOwn),
      nodes: selectObjects(cluster.nodes, isOwn),
      instances,
      recorder: new TestRecorder(),
      clock,
      logger: silentLogger,
      metrics: new MetricRegistry(),
    });
    cluster.putNode(nodeOf('ours'));
    const run = controller.run({ stopping: abort.signal, aborting: abort.signal });
    await asked.promise;
    const before = cluster.putNode(nodeOf('theirs'));
    answer.resolve();
    for (let turns = 0; turns < 40; turns++) await clock.settle();
    expect(cluster.node('a')).toEqual(before);
    expect(cluster.patches.map(({ outcome }) => outcome)).not.toContain('done');
    abort.abort();
    await run;
  });
});
