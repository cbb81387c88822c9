import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Node } from '../../api/node.ts';
import { Duration } from '../../base/duration.ts';
import type { InstanceMetadata, InstanceView } from '../../cloud/instances.ts';
import { silentLogger } from '../../telemetry/logger.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { labelValueFault, qualifiedNameFault } from '../../testing/api-server/names.ts';
import { badText } from '../test-bad-text.ts';
import { TestCluster, TestRecorder } from '../test-cluster.ts';
import { doubtfulAddresses } from './address-condition.ts';
import { NodeController } from './node-controller.ts';
import { isUninitialized } from './plan-node.ts';
import { addressList, testMetadata, testNode } from './test-nodes.ts';

const runs = 150;
const address = fc.record({
  type: fc.oneof(fc.constantFrom('InternalIP', 'ExternalIP', 'Hostname', 'InternalDNS'), badText),
  address: fc.oneof(fc.ipV4(), fc.ipV6(), badText),
});
const labels = fc.dictionary(fc.oneof(badText, fc.constantFrom('v.example/a', 'kubernetes.io/a')), badText, {
  maxKeys: 6,
});

const badNode: fc.Arbitrary<Node> = fc
  .record({
    annotation: fc.option(badText, { nil: undefined }),
    addresses: fc.array(address, { maxLength: 6 }),
    providerID: fc.oneof(fc.constant(''), badText),
    labels,
    conditions: fc.array(fc.record({ type: badText, status: badText, reason: badText, lastTransitionTime: badText }), {
      maxLength: 4,
    }),
    podCIDRs: fc.array(badText, { maxLength: 3 }),
    creationTimestamp: badText,
  })
  .map(({ annotation, conditions, podCIDRs, creationTimestamp, ...rest }) => {
    const annotations = annotation === undefined ? {} : { 'alpha.kubernetes.io/provided-node-ip': annotation };
    const node = testNode('bad', { ...rest, annotations });
    return {
      metadata: { ...node.metadata, creationTimestamp },
      spec: { ...node.spec, podCIDRs },
      status: { ...node.status, conditions },
    };
  });

const badMetadata: fc.Arbitrary<InstanceMetadata> = fc.record({
  providerID: badText,
  instanceType: badText,
  addresses: fc.array(address, { maxLength: 6 }),
  zone: badText,
  region: badText,
  additionalLabels: labels,
});

let points = 0;
let rejections = 0;

it('survives whatever nodes and clouds say, and holds up no other node', async () => {
  await fc.assert(
    fc.asyncProperty(
      badNode,
      badMetadata,
      fc.array(fc.constantFrom('recreate', 'jump', 'edit'), { maxLength: 3 }),
      judge,
    ),
    { numRuns: runs },
  );
  process.stdout.write(`${JSON.stringify({ proof: 'node-bad-input', points, rejections })}\n`);
  expect(points).toBeGreaterThanOrEqual(runs);
  expect(rejections).toBeGreaterThan(0);
}, 300_000);

async function judge(bad: Node, metadata: InstanceMetadata, disturbances: readonly string[]): Promise<void> {
  const clock = new FakeClock();
  const cluster = new TestCluster();
  const recorder = new TestRecorder();
  const stop = new AbortController();
  const good = testMetadata({ providerID: 'fake://good', addresses: addressList('InternalIP=10.0.0.2') });
  const views: ReadonlyMap<string, InstanceView> = new Map([
    ['bad', { kind: 'present', state: 'running', metadata }],
    ['good', { kind: 'present', state: 'running', metadata: good }],
  ]);
  const controller = new NodeController({
    client: cluster.client,
    nodes: cluster.nodes,
    instances: { maxBatch: 100, scopeOf: () => 'any', describe: () => Promise.resolve(views) },
    recorder,
    clock,
    logger: silentLogger,
    metrics: new MetricRegistry(),
  });
  const run = controller.run({ stopping: stop.signal, aborting: stop.signal });
  cluster.putNode(bad);
  cluster.putNode(testNode('good'));
  for (const [index, disturbance] of disturbances.entries()) {
    if (disturbance === 'jump') clock.jumpWallClock(Duration.hours(index % 2 === 0 ? 30 : -50));
    else if (disturbance === 'edit') cluster.putNode({ ...(cluster.node('bad') ?? bad), status: bad.status });
    else {
      cluster.removeNode('bad');
      cluster.putNode({ ...bad, metadata: { ...bad.metadata, uid: `uid-${index}` } });
    }
    await clock.settle();
  }
  await clock.advance(Duration.minutes(11));
  for (let turn = 0; turn < 10; turn++) await clock.settle();
  stop.abort(new Error('the run is over'));
  await run;

  expect(isUninitialized(cluster.node('good')!)).toBe(false);
  const node = cluster.node('bad')!;
  const warnings = recorder.reasons('bad').filter((reason) => reason.startsWith('Warning'));
  // Either it is complete, or an Event says why it is not.
  if (isUninitialized(node)) expect(warnings).not.toEqual([]);
  else expect(node.spec.providerID).not.toBe('');
  if (node.status.conditions.some(({ type, status }) => type === doubtfulAddresses && status === 'True')) {
    expect(warnings).not.toEqual([]);
  }
  for (const patch of cluster.patches) {
    const body = patch.body['metadata'] as { readonly labels?: Readonly<Record<string, string>> };
    for (const [key, value] of Object.entries(body.labels ?? {})) {
      // A label that the API server refuses would keep the node from working for ever.
      expect([...qualifiedNameFault('l', key), ...labelValueFault('l', value)]).toEqual([]);
    }
  }
  points++;
  rejections += warnings.length;
}
