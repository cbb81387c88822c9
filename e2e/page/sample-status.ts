import type { ManagerStatus } from '@ccm-ts/cloud-provider';

type ItemStatus = ManagerStatus['controllers'][number]['items'][number];

export interface SampleSize {
  readonly nodes: number;
  readonly services: number;
}

const since = '2026-01-02T03:04:05.000Z';

function service(index: number): ItemStatus {
  const isWell = index % 2 === 0;
  return {
    kind: 'Service',
    key: `default/web-${index}`,
    state: isWell ? 'converged' : 'failed',
    reason: isWell ? '' : 'CloudThrottled',
    message: isWell ? '' : 'the cloud takes no more requests of this kind for now',
    since,
    nextAttempt: isWell ? '' : '2026-01-02T03:05:12.000Z',
    plan: [`create LoadBalancer a${index} (scheme:  → internal)`],
  };
}

/**
 * The same with all that can go wrong, and words as long as they get.
 */
export function troubledStatus(): ManagerStatus {
  const status = sampleStatus({ nodes: 12, services: 8 });
  const [nodes, services] = status.controllers;
  if (!nodes || !services) throw new Error('the sample has lost its controllers');
  const namespace = 'a-namespace-that-has-as-many-letters-as-are-allowed-for-one-abc';
  const refused: ItemStatus = {
    kind: 'Service',
    key: `${namespace}/ingress-of-the-customers-who-pay`,
    state: 'refused',
    reason: 'OwnershipConflict',
    message:
      'the load balancer arn:cloud:elasticloadbalancing:region-1:000000000000:loadbalancer/net/a0123456789abcdef0123456789abcde/0123456789abcdef ' +
      'carries the stamp of another cluster (11111111-2222-4333-8444-555555555555); annotate the Service with ccm-ts/adopt, or remove it by hand',
    since: '2025-12-24T03:04:05.000Z',
    nextAttempt: '2026-01-02T03:10:06.000Z',
    plan: [
      'create LoadBalancer a0123456789abcdef0123456789abcde (scheme:  → internet-facing, subnets:  → subnet-1, subnet-2, subnet-3)',
      'create TargetGroup k8s-customers-ingress-0123456789 (port:  → 31234, protocol:  → TCP)',
      'then create Listener 443 (port:  → 443)',
    ],
  };
  const orphan: ItemStatus = {
    kind: 'LoadBalancer',
    key: 'a99999999999999999999999999999999',
    state: 'orphan',
    reason: 'OwnerGone',
    message: 'Service default/was-here is not in the cluster',
    since: '2026-01-01T03:04:05.000Z',
    nextAttempt: '',
    plan: ['delete LoadBalancer a99999999999999999999999999999999'],
  };
  const suspect: ItemStatus = {
    kind: 'Node',
    key: 'node-of-a-machine-that-is-gone',
    state: 'blocked',
    reason: 'DeletionSuspended',
    message: 'the cloud says that its machine is gone: terminated (request 0123), confirmed after 12s',
    since,
    nextAttempt: '',
    plan: [],
  };
  return {
    ...status,
    leadership: {
      state: 'standby',
      identity: 'host-of-this-replica_1',
      leader: 'host-of-the-other-replica_0123456789',
    },
    controllers: [
      nodes,
      {
        name: 'cloud-node-lifecycle-controller',
        queues: [{ name: 'NodeLifecycle', depth: 1 }],
        facts: { machinesAbsent: 31, deletionBreaker: `open since ${since}: 31 of 90 nodes were absent` },
        items: [suspect],
      },
      { ...services, items: [refused, ...services.items] },
      {
        name: 'orphan-controller',
        queues: [],
        facts: { 'unlisted SecurityGroup': 'CloudDenied: DescribeSecurityGroups' },
        items: [orphan],
      },
    ],
    operations: status.operations.map((record, index) => {
      if (index % 20 === 19)
        return { ...record, phase: 'refused', message: 'OwnershipConflict: the stamp of another cluster' };
      return index % 10 === 9
        ? { ...record, phase: 'failed', message: 'Throttled: Rate exceeded (request 4711)' }
        : record;
    }),
  };
}

/** A status such as a large cluster gives while much is going on. */
export function sampleStatus({ nodes, services }: SampleSize): ManagerStatus {
  return {
    version: '1.36.0',
    provider: 'sample',
    cluster: { uid: '6d9d1a3e-0000-4000-8000-000000000001', name: 'kubernetes' },
    startedAt: since,
    now: '2026-01-02T03:05:06.000Z',
    leadership: { state: 'leading', identity: 'host_1', leader: 'host_1' },
    notReady: ["the cloud can't be asked: connection refused"],
    controllers: [
      {
        name: 'cloud-node-controller',
        queues: [
          { name: 'Nodes', depth: nodes },
          { name: 'NodesUpkeep', depth: 0 },
        ],
        facts: { nodes, waiting: nodes, foreign: 0, initialized: 12, waitingForTheCloud: 3 },
        items: Array.from({ length: nodes }, (_, index) => ({
          kind: 'Node',
          key: `node-${index}`,
          state: 'waiting',
          reason: 'InstanceNotFound',
          message: 'the cloud knows no machine of this name',
          since,
          nextAttempt: '2026-01-02T03:05:10.000Z',
          plan: [],
        })),
      },
      {
        name: 'service-lb-controller',
        queues: [{ name: 'service', depth: 2 }],
        facts: { services, groups: services, backends: nodes },
        items: Array.from({ length: services }, (_, index) => service(index)),
      },
    ],
    budgets: [
      {
        apiGroup: 'describe',
        scope: 'account/region',
        budget: {
          rate: 12.5,
          tokens: 3,
          waiting: { initialize: 4, change: 0, delete: 0, upkeep: 1, sweep: 0 },
          started: 1234,
          throttled: 7,
          heldFor: undefined,
        },
      },
    ],
    operations: Array.from({ length: 300 }, (_, index) => ({
      sequence: index + 1,
      time: since,
      group: 'service/1',
      verb: 'create' as const,
      kind: 'LoadBalancer',
      name: `a${index}`,
      phase: 'applied' as const,
      text: `create LoadBalancer a${index}`,
      changes: [],
      message: '',
    })),
    process: { residentBytes: 100 * 1024 * 1024, eventLoopDelay: { p50: '1ms', p99: '5ms', max: '12ms' } },
  };
}
