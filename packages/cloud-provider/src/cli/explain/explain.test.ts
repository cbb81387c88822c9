import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Duration } from '../../base/duration.ts';
import { type Bench, setUpBusyBench } from '../test-bench.ts';

interface Incident {
  readonly title: string;
  readonly cause?: (bench: Bench) => void | Promise<void>;
  /** The first line about the Service `web`. */
  readonly service: RegExp;
  /** The first line about the Node `n1`. */
  readonly node: RegExp;
}

type Effect = Parameters<Bench['cloud']['faults']['add']>[0]['effect'];

/** All that is asked after the first call, which asks whether the cloud answers at all. */
function fault({ cloud }: Bench, effect: Effect): void {
  for (const operation of ['DescribeInstances', 'DescribeNetwork', 'GetLoadBalancer'] as const) {
    cloud.faults.add({ effect, match: { operation } });
  }
}

function holdLease({ api }: Bench, renewTime: string): void {
  const name = 'cloud-controller-manager';
  const spec = { holderIdentity: 'manager-1', leaseDurationSeconds: 15, renewTime };
  api.store.create('leases', { metadata: { namespace: 'kube-system', name }, spec });
}

function tell(
  { api }: Bench,
  about: { readonly kind: string; readonly name: string; readonly namespace?: string },
): void {
  const at = '2026-01-02T03:04:05.000000Z';
  api.store.create('events', {
    metadata: { namespace: about.namespace ?? 'default', name: `${about.name}.1` },
    eventTime: at,
    type: 'Warning',
    reason: 'SyncLoadBalancerFailed',
    message: 'the quota "load balancers" is used up\u001b[31m',
    action: 'Sync',
    reportingComponent: 'service-lb-controller',
    reportingInstance: 'manager-1',
    involvedObject: { apiVersion: 'v1', ...about },
  });
}

const incidents: readonly Incident[] = [
  {
    title: 'no manager has ever run',
    service:
      /: 2 writes are due: the Service has no address yet; no manager makes them: the lease kube-system\/cloud-controller-manager is not there/,
    node: /: 2 writes are due: the node waits to be initialised, and its machine was found; no manager makes them/,
  },
  {
    title: 'the manager has stopped',
    cause: (bench) => holdLease(bench, '2026-01-02T03:04:05.000000Z'),
    service:
      /no manager makes them: the lease .* is not renewed since 2026-01-02T03:04:05.* — no manager is at work: look at its pods/,
    node: /no manager makes them/,
  },
  {
    title: 'a manager has only just begun',
    cause: (bench) => holdLease(bench, new Date().toISOString().replace('Z', '000Z')),
    service:
      /the manager makes them within seconds \(the lease .* is held by manager-1\): if they stay, look at its log/,
    node: /is held by manager-1/,
  },
  {
    title: 'a manager that fails at what only it tries',
    cause: (bench) => tell(bench, { kind: 'Service', name: 'web', namespace: 'default' }),
    service:
      /2 writes are due: .*; the manager failed when it last tried, at 2026-01-02T03:04:05: SyncLoadBalancerFailed: the quota "load balancers" is used up \[31m$/,
    node: /no manager makes them/,
  },
  {
    title: 'all is well',
    cause: (bench) => bench.settle(),
    service: /: as it should be, reached at \d/,
    node: /: as its machine is$/,
  },
  {
    title: 'a throttling cloud',
    cause: (bench) => fault(bench, { kind: 'throttle', retryAfter: Duration.seconds(9) }),
    service: /: not known: the cloud throttles: .*DescribeNetwork.* — try again in/,
    node: /: not known: the cloud throttles: .*DescribeInstances.* — try again in/,
  },
  {
    title: 'a cloud that denies',
    cause: (bench) => fault(bench, { kind: 'deny' }),
    service: /: not known: the cloud refuses these credentials .*DescribeNetwork.* — check the credentials/,
    node: /: not known: the cloud refuses these credentials .*DescribeInstances.* — check the credentials/,
  },
  {
    title: 'a quota that is used up',
    cause: (bench) => fault(bench, { kind: 'quota' }),
    service: /: not known: a quota of the cloud is used up: .* — have the quota raised/,
    node: /: not known: a quota of the cloud is used up/,
  },
  {
    title: 'a cloud that is down',
    cause: (bench) => fault(bench, { kind: 'unavailable' }),
    service: /: not known: the cloud can't be reached: .* — check network, proxy and the endpoint/,
    node: /: not known: the cloud can't be reached/,
  },
  {
    title: 'a protected Service that goes',
    async cause(bench) {
      await bench.settle();
      bench.api.store.patch('services', 'web', { metadata: { annotations: { 'ccm-ts/protect': 'true' } } });
      bench.api.store.delete('services', 'web');
    },
    service: /: refused: Protected: .*set the annotation ccm-ts\/protect to false/,
    node: /: as its machine is$/,
  },
  {
    title: 'a machine that is gone',
    async cause(bench) {
      await bench.settle();
      for (const { id } of bench.cloud.snapshot().instances) bench.cloud.operator.terminate(id);
      bench.api.store.patch('nodes', { name: 'n1', subresource: 'status' } as never, {
        status: { conditions: [{ type: 'Ready', status: 'Unknown' }] },
      });
    },
    service: /./,
    node: /: it is about to be deleted: the cloud says that its machine is gone: \S+ is in state terminated/,
  },
];

describe('explain answers in its first line', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await setUpBusyBench();
  }, 60_000);

  afterEach(async () => {
    await bench[Symbol.asyncDispose]();
  }, 60_000);

  it.each(incidents)(
    'about $title',
    async ({ cause, node, service }) => {
      await cause?.(bench);
      expect((await bench.run('explain', 'service/web')).first).toMatch(service);
      expect((await bench.run('explain', 'node/n1')).first).toMatch(node);
    },
    120_000,
  );
});
