import { describe, expect, it } from '@jest/globals';
import type { Node, NodeSpec } from '../../api/node.ts';
import type { Service, ServiceSpec } from '../../api/service.ts';
import { excludeFromLoadBalancersLabel, toBeDeletedByAutoscalerTaint } from '../../api/well-known.ts';
import { Duration } from '../../base/duration.ts';
import { CloudError } from '../../cloud/cloud-error.ts';
import { ApiError } from '../../kube/client/api-error.ts';
import { isBackend, isSameBackend } from './backend-nodes.ts';
import { decideIntent, inputsFingerprint, unnamedClass } from './service-intent.ts';
import { isSameStatus, servicePatch } from './service-patches.ts';
import { testBackend } from './test-backend.ts';
import { Bench, finalizer, withPorts } from './test-bench.ts';
import { testPort, testService } from './test-kind.ts';

// The tables of the Go managers' tests (k8s.io/cloud-provider 0.36, controllers/service/controller_test.go and
// service/helpers), with what they expect of this controller. Where it differs, the row says so.

let points = 0;

/** A row counts when it was judged. */
function count<Row extends readonly unknown[]>(
  judge: (...row: Row) => Promise<void> | void,
): (...row: Row) => Promise<void> {
  return async (...row) => {
    await judge(...row);
    points++;
  };
}

const deleted = '2026-01-01T00:00:00Z';

function being(
  service: Service,
  change: { readonly deletionTimestamp?: string; readonly finalizers?: readonly string[] },
): Service {
  return { ...service, metadata: { ...service.metadata, ...change } };
}

function withSpec(service: Service, spec: Partial<ServiceSpec>): Service {
  return { ...service, spec: { ...service.spec, ...spec } };
}

function nodeOf(change: {
  readonly providerID?: string;
  readonly exclusion?: string;
  readonly taints?: readonly string[];
  readonly deletionTimestamp?: string;
  readonly ready?: string;
}): Node {
  const node = testBackend('node');
  const taints = (change.taints ?? []).map((key) => ({ key, value: '', effect: 'NoSchedule', timeAdded: '' }));
  const spec: NodeSpec = { ...node.spec, providerID: change.providerID ?? node.spec.providerID, taints };
  return {
    ...node,
    metadata: {
      ...node.metadata,
      deletionTimestamp: change.deletionTimestamp ?? '',
      labels: change.exclusion === undefined ? {} : { [excludeFromLoadBalancersLabel]: change.exclusion },
    },
    spec,
    status: {
      ...node.status,
      conditions: [{ type: 'Ready', status: change.ready ?? 'True', reason: '', lastTransitionTime: '' }],
    },
  };
}

describe('syncLoadBalancerIfNeeded', () => {
  const udp = withSpec(testService('web'), { ports: [{ ...testPort(53), protocol: 'UDP' }] });
  const sctp = withSpec(testService('web'), { ports: [{ ...testPort(132), protocol: 'SCTP' }] });
  const clusterIP = testService('web', { type: 'ClusterIP' });
  const created = ['create LoadBalancer service/uid-of-web', 'create Listener uid-of-web'];
  const rows: readonly (readonly [string, Service, readonly string[], number])[] = [
    ['ClusterIP', clusterIP, [], 0],
    ['UDP', udp, created, 2],
    ['TCP', testService('web'), created, 2],
    ['SCTP', sctp, created, 2],
    ['a class', testService('web', { loadBalancerClass: 'custom/class' }), [], 0],
    ['ClusterIP with finalizer', being(clusterIP, { finalizers: [finalizer] }), [], 1],
    [
      'being deleted with finalizer',
      being(testService('web'), { finalizers: [finalizer], deletionTimestamp: deleted }),
      [],
      1,
    ],
    ['with finalizer', being(testService('web'), { finalizers: [finalizer] }), created, 1],
  ];
  it.each(rows)(
    '%s',
    count(async (_name: string, service: Service, writes: readonly string[], patches: number) => {
      await using bench = new Bench();
      bench.cluster.putNode(testBackend('n1'));
      bench.cluster.putService(service);
      await bench.start();
      expect(bench.kind.writes).toEqual(writes);
      // Go takes the finalizer away in a patch of its own, apart from the status; here one patch does both.
      expect(bench.cluster.patches).toHaveLength(patches);
    }),
  );
});

describe('updateLoadBalancerHosts', () => {
  const many = ['s0', 's1', 's2', 's3'];
  const rows: readonly (readonly [string, readonly string[], readonly string[], number])[] = [
    ['no Service', [], [], 16],
    ['one that wants none', [], ['s0'], 16],
    ['one', ['s0'], [], 16],
    ['three', ['s0', 's1', 's2'], [], 16],
    ['two of four', ['s0', 's1'], ['s2', 's3'], 16],
    ['four by one worker', many, [], 1],
    ['four by two workers', many, [], 2],
  ];
  it.each(rows)(
    '%s',
    count(async (_name: string, wanting: readonly string[], others: readonly string[], concurrency: number) => {
      await using bench = new Bench({ concurrency });
      bench.cluster.putNode(testBackend('n1'));
      for (const name of wanting) bench.cluster.putService(testService(name));
      for (const name of others) bench.cluster.putService(testService(name, { type: 'ClusterIP' }));
      await bench.start();
      await bench.pass(Duration.seconds(2));
      bench.forget();
      bench.cluster.putNode(testBackend('n2'));
      await bench.pass(Duration.seconds(2));
      expect([...bench.kind.calls].sort()).toEqual(wanting.map((name) => `update Listener uid-of-${name}`));
    }),
  );
});

describe('the nodes of load balancers, and when they change', () => {
  const fine = nodeOf({});
  const rows: readonly (readonly [string, Node | undefined, Node | undefined, 'update' | 'nothing'])[] = [
    ['nothing changes', fine, fine, 'nothing'],
    ['a node comes', undefined, fine, 'update'],
    ['a node becomes NotReady', fine, nodeOf({ ready: 'False' }), 'nothing'],
    ['the autoscaler is about to remove a node', fine, nodeOf({ taints: [toBeDeletedByAutoscalerTaint] }), 'update'],
    ['a node becomes Ready', nodeOf({ ready: 'False' }), fine, 'nothing'],
    ['a node is excluded', fine, nodeOf({ exclusion: '' }), 'update'],
    ['a node goes', fine, undefined, 'update'],
    ['a node is being deleted', fine, nodeOf({ deletionTimestamp: deleted }), 'update'],
    ['a node gets another taint', fine, nodeOf({ taints: ['other'] }), 'nothing'],
  ];
  it.each(rows)(
    '%s',
    count(async (_name: string, before: Node | undefined, after: Node | undefined, expected: string) => {
      await using bench = new Bench();
      for (const name of ['n1', 'n2']) bench.cluster.putNode(testBackend(name));
      if (before) bench.cluster.putNode(before);
      for (const name of ['a', 'b', 'c']) bench.cluster.putService(testService(name));
      await bench.start();
      await bench.pass(Duration.seconds(2));
      bench.forget();
      if (after) bench.cluster.putNode(after);
      else bench.cluster.removeNode('node');
      await bench.pass(Duration.seconds(2));
      expect(bench.kind.calls).toHaveLength(expected === 'update' ? 3 : 0);
    }),
  );

  it(
    'a node comes while the first load balancer fails: the others are done, and it alone again',
    count(async () => {
      await using bench = new Bench();
      for (const name of ['a', 'b', 'c']) bench.cluster.putService(testService(name));
      await bench.start();
      await bench.pass(Duration.seconds(2));
      bench.forget();
      let failures = 1;
      bench.kind.onCall = (call) => {
        if (call === 'update Listener uid-of-a' && failures-- > 0) throw new CloudError('Unavailable', 'no answer');
      };
      bench.cluster.putNode(testBackend('n1'));
      await bench.pass(Duration.seconds(2));
      expect([...bench.kind.writes].sort()).toEqual(['a', 'b', 'c'].map((name) => `update Listener uid-of-${name}`));
      await bench.pass(Duration.seconds(10));
      expect(bench.kind.writes.filter((call) => call.endsWith('uid-of-a'))).toHaveLength(2);
      expect(bench.kind.writes).toHaveLength(4);
    }),
  );

  it(
    'a Service that is written meanwhile does not get the older nodes afterwards',
    count(async () => {
      await using bench = new Bench({ concurrency: 1 });
      for (const name of ['a', 'b']) bench.cluster.putService(testService(name));
      await bench.start();
      await bench.pass(Duration.seconds(2));
      let release = (): void => {};
      bench.kind.onCall = (call) =>
        call === 'update Listener uid-of-a' ? new Promise<void>((resolve) => (release = resolve)) : undefined;
      bench.cluster.putNode(testBackend('n1'));
      await bench.pass(Duration.seconds(2));
      bench.cluster.putNode(testBackend('n2'));
      bench.change('ns/b', withPorts(443));
      bench.kind.onCall = () => {};
      release();
      await bench.pass(Duration.seconds(3));
      const backends = ['fake://n1', 'fake://n2'];
      expect(bench.kind.cloud.get('service/uid-of-b')?.listeners.get('uid-of-b')).toEqual({ ports: [443], backends });
      expect(bench.kind.cloud.get('service/uid-of-a')?.listeners.get('uid-of-a')?.backends).toEqual(backends);
    }),
  );
});

describe('nodeSetsEqual', () => {
  const rows: readonly (readonly [string, Node, Node, boolean])[] = [
    ['the providerID appears', nodeOf({ providerID: '' }), nodeOf({}), false],
    ['nothing', nodeOf({}), nodeOf({}), true],
    ['another machine of the name', nodeOf({}), nodeOf({ providerID: 'fake://other' }), false],
  ];
  it.each(rows)(
    '%s',
    count((_name: string, old: Node, next: Node, expected: boolean) => {
      expect(isSameBackend(old, next)).toBe(expected);
    }),
  );
});

describe('node predicates', () => {
  // Go's set of today admits nodes without a providerID; here they can't be named to a cloud yet.
  const rows: readonly (readonly [string, Node, boolean])[] = [
    ['Ready', nodeOf({}), true],
    ['without providerID', nodeOf({ providerID: '' }), false],
    ['NotReady', nodeOf({ ready: 'False' }), true],
    ['Unknown', nodeOf({ ready: 'Unknown' }), true],
    ['excluded by an empty label', nodeOf({ exclusion: '' }), false],
    ['not excluded by false', nodeOf({ exclusion: 'false' }), true],
    ['excluded by true', nodeOf({ exclusion: 'true' }), false],
    ['excluded by anything else', nodeOf({ exclusion: 'foo' }), false],
    ['about to be removed by the autoscaler', nodeOf({ taints: [toBeDeletedByAutoscalerTaint] }), false],
    ['being deleted', nodeOf({ deletionTimestamp: deleted }), false],
  ];
  it.each(rows)(
    '%s',
    count((_name: string, node: Node, expected: boolean) => {
      expect(isBackend(node)).toBe(expected);
    }),
  );
});

describe('shouldSyncUpdatedNode', () => {
  const changes: readonly (readonly [string, Parameters<typeof nodeOf>[0]])[] = [
    ['fine', {}],
    ['NotReady', { ready: 'False' }],
    ['tainted', { taints: ['other'] }],
    ['without providerID', { providerID: '' }],
    ['other providerID', { providerID: 'fake://other' }],
    ['excluded', { exclusion: 'true' }],
    ['not excluded', { exclusion: 'false' }],
    ['about to go', { taints: [toBeDeletedByAutoscalerTaint] }],
    ['being deleted', { deletionTimestamp: deleted }],
  ];
  const rows = changes.flatMap(([was, before]) => changes.map(([is, after]) => [was, is, before, after] as const));
  it.each(rows)(
    'from %s to %s',
    count((_was: string, _is: string, before: Parameters<typeof nodeOf>[0], after: Parameters<typeof nodeOf>[0]) => {
      const [old, next] = [nodeOf(before), nodeOf(after)];
      // What matters is what load balancers are told: whether the node is there, as which machine, with which labels.
      const told = (node: Node): string =>
        isBackend(node) ? `${node.spec.providerID} ${JSON.stringify(node.metadata.labels)}` : '';
      expect(isSameBackend(old, next)).toBe(told(old) === told(next));
    }),
  );
});

describe('needsCleanup', () => {
  const context = { classes: unnamedClass, finalizers: new Set([finalizer]), memory: 'unknown' as const };
  const rows: readonly (readonly [string, Service, boolean])[] = [
    ['no finalizer', testService('a'), false],
    ['finalizer, NodePort', testService('a', { type: 'NodePort', finalizers: [finalizer] }), true],
    ['finalizer, LoadBalancer', testService('a', { finalizers: [finalizer] }), false],
    [
      'finalizer, being deleted',
      being(testService('a', { finalizers: [finalizer] }), { deletionTimestamp: deleted }),
      true,
    ],
  ];
  it.each(rows)(
    '%s',
    count((_name: string, service: Service, expected: boolean) => {
      expect(decideIntent(service, context) === 'gone').toBe(expected);
    }),
  );
});

describe('needsUpdate', () => {
  const base = withSpec(testService('a'), { externalIPs: ['1.1.1.1'] });
  const [port] = base.spec.ports;
  const withPort = (change: Partial<NonNullable<typeof port>>): Service =>
    withSpec(base, { ports: port ? [{ ...port, ...change }] : [] });
  const rows: readonly (readonly [string, Service, Service, boolean])[] = [
    ['type', base, withSpec(base, { type: 'ClusterIP' }), true],
    ['ports', base, withSpec(base, { ports: [testPort(8080)] }), true],
    ['number of external IPs', base, withSpec(base, { externalIPs: ['1.1.1.1', '2.2.2.2'] }), true],
    ['external IP', base, withSpec(base, { externalIPs: ['2.2.2.2'] }), true],
    ['UID', base, { ...base, metadata: { ...base.metadata, uid: 'other' } }, true],
    ['traffic policy', base, withSpec(base, { externalTrafficPolicy: 'Local' }), true],
    ['health check port', base, withSpec(base, { healthCheckNodePort: 30_999 }), true],
    ['number of the target port', base, withPort({ targetPort: '8081' }), true],
    ['name of the target port', base, withPort({ targetPort: 'other' }), true],
    ['the same appProtocol', withPort({ appProtocol: 'http' }), withPort({ appProtocol: 'http' }), false],
    ['single to dual stack', base, withSpec(base, { ipFamilies: ['IPv4', 'IPv6'] }), true],
    ['dual to single stack', withSpec(base, { ipFamilies: ['IPv4', 'IPv6'] }), base, true],
    ['the same families', withSpec(base, { ipFamilies: ['IPv6'] }), withSpec(base, { ipFamilies: ['IPv6'] }), false],
    ['appProtocol set', base, withPort({ appProtocol: 'http' }), true],
    ['appProtocol changed', withPort({ appProtocol: 'http' }), withPort({ appProtocol: 'https' }), true],
    ['session affinity', base, withSpec(base, { sessionAffinity: 'ClientIP' }), true],
    ['time of the affinity', base, withSpec(base, { sessionAffinityTimeout: 60 }), true],
    ['address asked for', base, withSpec(base, { loadBalancerIP: '1.2.3.4' }), true],
    ['source ranges', base, withSpec(base, { loadBalancerSourceRanges: ['10.0.0.0/8'] }), true],
    ['annotation', base, { ...base, metadata: { ...base.metadata, annotations: { a: 'b' } } }, true],
    ['labels', base, { ...base, metadata: { ...base.metadata, labels: { a: 'b' } } }, false],
    ['cluster IPs', base, withSpec(base, { clusterIPs: ['10.0.0.9'] }), false],
  ];
  it.each(rows)(
    '%s',
    count((_name: string, old: Service, next: Service, expected: boolean) => {
      expect(inputsFingerprint(old, {}) !== inputsFingerprint(next, {})).toBe(expected);
    }),
  );
});

describe('finalizers and status', () => {
  const now = new Date(0);
  const without = testService('a');
  const withFinalizer = testService('a', { finalizers: [finalizer] });
  const ingress = [{ ip: '1.1.1.1', hostname: '', ipMode: '' }];
  const balanced = { ...without, status: { ...without.status, loadBalancer: { ingress } } };
  const rows: readonly (readonly [string, Service, Parameters<typeof servicePatch>[1], boolean])[] = [
    ['finalizer is there', withFinalizer, { addFinalizer: finalizer }, false],
    ['finalizer is added', without, { addFinalizer: finalizer }, true],
    ['finalizer is not there', without, { removeFinalizers: [finalizer] }, false],
    ['finalizer is removed', withFinalizer, { removeFinalizers: [finalizer] }, true],
    ['the same status', balanced, { loadBalancer: { ingress } }, false],
    ['status is added', without, { loadBalancer: { ingress } }, true],
    ['no status to clear', without, { loadBalancer: { ingress: [] } }, false],
    ['status is cleared', balanced, { loadBalancer: { ingress: [] } }, true],
  ];
  it.each(rows)(
    '%s',
    count((_name: string, service: Service, writes: Parameters<typeof servicePatch>[1], expected: boolean) => {
      expect(servicePatch(service, writes, now) !== undefined).toBe(expected);
    }),
  );

  const vip = { ip: '1.1.1.1', hostname: '', ipMode: 'VIP' };
  const proxy = { ...vip, ipMode: 'Proxy' };
  const host = { ip: '', hostname: 'a.example', ipMode: '' };
  const statuses: readonly (readonly [string, readonly (typeof vip)[], readonly (typeof vip)[], boolean])[] = [
    ['none and none', [], [], true],
    ['none and one', [], [vip], false],
    ['the same address', [vip], [vip], true],
    ['other addresses', [vip], [{ ...vip, ip: '2.2.2.2' }], false],
    ['the same name', [host], [host], true],
    ['other names', [host], [{ ...host, hostname: 'b.example' }], false],
    ['address and name', [vip], [host], false],
    ['another order', [vip, host], [host, vip], false],
    ['other modes', [vip], [proxy], false],
    ['the mode that the server sets', [{ ...vip, ipMode: '' }], [vip], true],
  ];
  it.each(statuses)(
    'status: %s',
    count((_name: string, left: readonly (typeof vip)[], right: readonly (typeof vip)[], expected: boolean) => {
      expect(isSameStatus({ ingress: left }, { ingress: right })).toBe(expected);
    }),
  );
});

describe('processServiceCreateOrUpdate and deletion', () => {
  it(
    'a status that meets a conflict is an Event and tried again',
    count(async () => {
      await using bench = new Bench();
      let failures = 5;
      bench.cluster.beforePatch = (_resource, _key, body) => {
        if (JSON.stringify(body).includes('ingress') && failures-- > 0)
          throw new ApiError('conflict', { kind: 'conflict', status: 409 });
      };
      bench.cluster.putService(testService('web'));
      await bench.start();
      expect(bench.recorder.reasons('ns/web')).toContain('Warning SyncLoadBalancerFailed');
      await bench.pass(Duration.seconds(10));
      expect(bench.cluster.service('ns/web')?.status.loadBalancer.ingress).toHaveLength(1);
    }),
  );

  it(
    'a finalizer that can not be written is an Event, and nothing is made before it is',
    count(async () => {
      await using bench = new Bench();
      let failures = 2;
      bench.cluster.beforePatch = () => {
        if (failures-- > 0) throw new ApiError('overloaded', { kind: 'internal', status: 500 });
      };
      bench.cluster.putService(testService('web'));
      await bench.start();
      await bench.pass(Duration.seconds(6));
      expect(bench.kind.writes).toEqual([]);
      expect(bench.recorder.events.filter((line) => line.includes('SyncLoadBalancerFailed'))).toEqual([
        'Warning SyncLoadBalancerFailed ns/web: Error syncing load balancer: failed to prepare the Service: overloaded',
      ]);
      await bench.pass(Duration.seconds(20));
      expect(bench.kind.cloud.size).toBe(1);
      expect(bench.recorder.reasons('ns/web').at(-1)).toBe('Normal EnsuredLoadBalancer');
    }),
  );

  it(
    'a status of a Service that is gone is no failure',
    count(async () => {
      await using bench = new Bench();
      bench.cluster.beforePatch = (_resource, key, body) => {
        if (JSON.stringify(body).includes('ingress')) bench.cluster.dropService(key);
      };
      bench.cluster.putService(testService('web'));
      await bench.start();
      expect(bench.recorder.reasons('ns/web')).not.toContain('Warning SyncLoadBalancerFailed');
      await bench.pass(Duration.seconds(10));
      expect(bench.kind.cloud.size).toBe(0);
    }),
  );

  it(
    'a Service that nobody knows is nobody’s concern',
    count(async () => {
      await using bench = new Bench();
      await bench.start();
      bench.cluster.services.remove('ns/nobody');
      await bench.settle();
      expect(bench.kind.calls).toEqual([]);
    }),
  );

  it(
    'an error of the cloud is told and tried again, and success forgets the Service',
    count(async () => {
      await using bench = new Bench();
      bench.cluster.putService(testService('web'));
      await bench.start();
      let failures = 1;
      bench.kind.onCall = (call) => {
        if (call.startsWith('delete') && failures-- > 0) throw new CloudError('Unavailable', 'no answer');
      };
      bench.cluster.deleteService('ns/web');
      await bench.settle();
      expect(bench.recorder.reasons('ns/web').at(-1)).toBe('Warning SyncLoadBalancerFailed');
      await bench.pass(Duration.seconds(10));
      expect(bench.controller.status().facts).toMatchObject({ services: 0, groups: 0 });
    }),
  );

  const delays: readonly (readonly [string, CloudError | undefined, number])[] = [
    ['success is not repeated', undefined, 0],
    ['a failure is repeated after five seconds', new CloudError('Unavailable', 'no answer'), 5],
    [
      'being asked to wait is waiting as long',
      new CloudError('Throttled', 'slow down', { retryAfter: Duration.seconds(42) }),
      42,
    ],
  ];
  it.each(delays)(
    '%s',
    count(async (_name: string, error: CloudError | undefined, seconds: number) => {
      await using bench = new Bench();
      let isFirst = true;
      bench.kind.onCall = (call) => {
        if (!call.startsWith('create') || !isFirst || !error) return;
        isFirst = false;
        throw error;
      };
      bench.cluster.putService(testService('web'));
      await bench.start();
      if (seconds > 0) {
        await bench.pass(Duration.seconds(seconds - 1));
        expect(bench.kind.reads).toBe(1);
        await bench.pass(Duration.seconds(1));
        expect(bench.kind.reads).toBe(2);
      }
      await bench.pass(Duration.minutes(10));
      expect(bench.kind.reads).toBe(seconds > 0 ? 2 : 1);
    }),
  );
});

it('prints how many rows were judged', () => {
  process.stdout.write(`${JSON.stringify({ proof: 'go-cases-service', points })}\n`);
  expect(points).toBeGreaterThanOrEqual(150);
});
