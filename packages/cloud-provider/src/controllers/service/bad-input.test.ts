import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Node } from '../../api/node.ts';
import type { Service, ServicePort } from '../../api/service.ts';
import { onDeleteAnnotation, sourceRangesAnnotation } from '../../api/well-known.ts';
import { Duration } from '../../base/duration.ts';
import { OperationLog } from '../../reconcile/operation-log.ts';
import { silentLogger } from '../../telemetry/logger.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import { internalAnnotation } from '../../testing/memory-cloud/load-balancers/memory-lb/desired.ts';
import { testCluster } from '../../testing/memory-cloud/load-balancers/memory-lb/test-services.ts';
import { setUp } from '../../testing/memory-cloud/test-bed.ts';
import { TestCluster, TestRecorder } from '../test-cluster.ts';
import { groupAnnotation } from './group-record.ts';
import { ServiceController } from './service-controller.ts';
import { testBackend } from './test-backend.ts';
import { testPort, testService } from './test-kind.ts';

/** Control characters, halves of characters, writing of all directions, what other programs take for code. */
const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    ' ',
    '\0',
    '\u202e',
    '\ud800',
    '🙂'.repeat(300),
    '${x}',
    '__proto__',
    '10.0.0.0/8,',
    '::/0',
    'TRUE',
  ),
);
const port: fc.Arbitrary<ServicePort> = fc.record({
  name: nasty,
  protocol: fc.oneof({ arbitrary: fc.constantFrom('TCP', 'UDP'), weight: 4 }, fc.constantFrom('SCTP', ''), nasty),
  port: fc.oneof(fc.integer({ min: 1, max: 65_535 }), fc.constantFrom(-1, 0, 65_536, Number.MAX_SAFE_INTEGER)),
  targetPort: nasty,
  nodePort: fc.oneof(
    { arbitrary: fc.integer({ min: 30_000, max: 32_767 }), weight: 4 },
    fc.constantFrom(0, -1, 99_999),
  ),
  appProtocol: nasty,
});
const service: fc.Arbitrary<Service> = fc
  .record({
    uid: fc.integer({ min: 1, max: 6 }),
    annotations: fc.dictionary(
      fc.oneof(fc.constantFrom(internalAnnotation, sourceRangesAnnotation, groupAnnotation, onDeleteAnnotation), nasty),
      nasty,
      { maxKeys: 4 },
    ),
    labels: fc.dictionary(nasty, nasty, { maxKeys: 2 }),
    ports: fc.oneof(
      { arbitrary: fc.array(port, { maxLength: 4 }), weight: 9 },
      fc.integer({ min: 100, max: 300 }).map((count) => Array.from({ length: count }, (_, at) => testPort(at + 1))),
    ),
    type: fc.oneof(
      { arbitrary: fc.constant('LoadBalancer'), weight: 8 },
      fc.constantFrom('ClusterIP', 'ExternalName', 'Nonsense'),
    ),
    ranges: fc.array(fc.oneof(nasty, fc.constant('10.0.0.0/8')), { maxLength: 3 }),
    policy: fc.oneof(fc.constantFrom('Cluster', 'Local'), nasty),
    families: fc.array(nasty, { maxLength: 2 }),
    loadBalancerClass: fc.option(nasty, { nil: undefined, freq: 9 }),
    finalizers: fc.array(fc.oneof(fc.constant('service.kubernetes.io/load-balancer-cleanup'), nasty), { maxLength: 2 }),
    deletionTimestamp: fc.oneof({ arbitrary: fc.constant(''), weight: 6 }, fc.constant('2026-01-01T00:00:00Z'), nasty),
  })
  .map((drawn) => {
    const base = testService('bad', { ports: [] });
    const { uid, annotations, labels, finalizers, deletionTimestamp } = drawn;
    // Objects of one name that are born again have another UID; a few come back as they were.
    const metadata = { ...base.metadata, uid: `bad-${uid}`, annotations, labels, finalizers, deletionTimestamp };
    const spec = {
      ...base.spec,
      type: drawn.type,
      ports: drawn.ports,
      loadBalancerSourceRanges: drawn.ranges,
      externalTrafficPolicy: drawn.policy,
      ipFamilies: drawn.families,
      loadBalancerClass: drawn.loadBalancerClass,
    };
    return { ...base, metadata, spec };
  });
const node: fc.Arbitrary<Node> = fc
  .record({
    name: fc.integer({ min: 1, max: 4 }),
    providerID: fc.oneof(nasty, fc.constantFrom('memory:///a/i-1', 'memory:///', 'memory://', 'other:///x/i-1')),
    labels: fc.dictionary(nasty, nasty, { maxKeys: 2 }),
    addresses: fc.array(fc.record({ type: nasty, address: nasty }), { maxLength: 3 }),
  })
  .map(({ name, providerID, labels, addresses }) => {
    const base = testBackend(`bad-node-${name}`);
    return {
      ...base,
      metadata: { ...base.metadata, labels },
      spec: { ...base.spec, providerID },
      status: { ...base.status, addresses },
    };
  });
const step = fc.oneof(
  { arbitrary: service.map((value) => ({ do: 'service', value }) as const), weight: 6 },
  { arbitrary: node.map((value) => ({ do: 'node', value }) as const), weight: 2 },
  fc.constantFrom({ do: 'drop' } as const, { do: 'delete' } as const, { do: 'many nodes' } as const),
  fc.integer({ min: 0, max: 400 }).map((seconds) => ({ do: 'wait', seconds }) as const),
);

/** What an Event about a Service that can't be served says at least: which field, which value, and what to write instead. */
const rejection =
  /^Warning SyncLoadBalancerFailed ns\/bad: Error syncing load balancer: \S+: ".*" is not possible: .+$/s;

describe('Services and Nodes with anything in them', () => {
  it('crash nothing and hold nobody else up, and each rejection says what is wrong and what to write', async () => {
    let histories = 0;
    let rejections = 0;
    const judge = async (
      steps: readonly (typeof step extends fc.Arbitrary<infer Value> ? Value : never)[],
    ): Promise<void> => {
      await using bed = await setUp('embedded');
      const cluster = new TestCluster();
      const recorder = new TestRecorder();
      const abort = new AbortController();
      const machine = bed.cloud.operator.launch({ name: 'good', zone: 'memory-1a' });
      const good = testBackend('good');
      cluster.putNode({ ...good, spec: { ...good.spec, providerID: `memory:///memory-1a/${machine.id}` } });
      const failures: unknown[] = [];
      const controller = new ServiceController({
        client: cluster.client,
        services: cluster.services,
        nodes: cluster.nodes,
        kinds: [bed.balancers],
        cluster: testCluster,
        recorder,
        operations: new OperationLog(bed.clock),
        clock: bed.clock,
        logger: silentLogger,
        metrics: new MetricRegistry(),
      });
      const run = controller
        .run({ stopping: abort.signal, aborting: abort.signal })
        .catch((error: unknown) => failures.push(error));
      for (const one of steps) {
        switch (one.do) {
          case 'service':
            cluster.putService(one.value);
            break;
          case 'node':
            cluster.putNode(one.value);
            break;
          case 'drop':
            cluster.dropService('ns/bad');
            break;
          case 'delete':
            cluster.deleteService('ns/bad');
            break;
          case 'many nodes':
            for (let number = 0; number < 300; number++) cluster.putNode(testBackend(`many-${number}`));
            break;
          case 'wait':
            await bed.clock.advance(Duration.seconds(one.seconds));
            break;
        }
        for (let turn = 0; turn < 5; turn++) await bed.clock.settle();
      }
      // Whoever comes now is served as if nothing had happened.
      cluster.putService(testService('good', { uid: '00000000-0000-0000-0000-000000000001' }));
      for (let second = 0; second < 20; second++) {
        await bed.clock.advance(Duration.seconds(1));
        for (let turn = 0; turn < 5; turn++) await bed.clock.settle();
      }
      expect(failures).toEqual([]);
      expect(cluster.service('ns/good')?.status.loadBalancer.ingress).toHaveLength(1);
      const told = recorder.events.filter((line) => line.includes('is not possible'));
      for (const line of told) expect(line).toMatch(rejection);
      rejections += told.length;
      const { items } = controller.status();
      for (const item of items) expect(item.reason).not.toBe('ProviderDefect');
      abort.abort(new Error('stopped'));
      await run;
      histories++;
    };
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 15 }), judge), { numRuns: 100 });
    process.stdout.write(`${JSON.stringify({ proof: 'service-bad-input', points: histories, rejections })}\n`);
    expect(rejections).toBeGreaterThan(0);
  }, 240_000);
});
