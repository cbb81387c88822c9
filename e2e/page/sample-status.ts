import type { ManagerStatus } from '@ccm-ts/cloud-provider';

export interface SampleSize {
  readonly nodes: number;
  readonly services: number;
}

const since = '2026-01-02T03:04:05.000Z';

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
        queues: [{ name: 'Nodes', depth: nodes }],
        facts: { nodes },
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
        facts: { services },
        items: Array.from({ length: services }, (_, index) => ({
          kind: 'Service',
          key: `default/web-${index}`,
          state: index % 2 === 0 ? 'converged' : 'failed',
          reason: index % 2 === 0 ? '' : 'Throttled',
          message: '',
          since,
          nextAttempt: '',
          plan: [`create LoadBalancer a${index} (scheme:  → internal)`],
        })),
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
