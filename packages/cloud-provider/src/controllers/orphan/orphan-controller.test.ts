import { describe, expect, it } from '@jest/globals';
import { Duration } from '../../base/duration.ts';
import { CloudError } from '../../cloud/cloud-error.ts';
import { type OrphanBench, nodeWith, plant, serviceOf, setUp } from './test-bench.ts';
import { defaultOrphanLimits } from './orphan-settings.ts';

const hour = Duration.hours(1);

/** The first sweep, and the second look half an hour later. */
async function passFirstRound(bench: OrphanBench): Promise<void> {
  await bench.pass(Duration.minutes(40));
}

function states(bench: OrphanBench): readonly string[] {
  return bench.controller.status().items.map(({ key, kind, state }) => `${state} ${kind} ${key}`);
}

describe('the orphan controller', () => {
  it('reports what has lost its owner, once, and deletes nothing', async () => {
    await using bench = setUp();
    const lost = plant(bench.cloud, 'aaaa0001');
    plant(bench.cloud, 'aaaa0002');
    bench.cluster.putService(serviceOf('aaaa0002'));
    await bench.pass(Duration.minutes(6));
    expect(states(bench)).toEqual([`waiting LoadBalancer ${lost}`]);
    expect(bench.recorder.events).toEqual([]);

    await passFirstRound(bench);
    await bench.pass(hour.times(5));
    expect(states(bench)).toEqual([`orphan LoadBalancer ${lost}`]);
    expect(bench.recorder.events).toHaveLength(1);
    expect(bench.recorder.events[0]).toMatch(/^Warning OrphanFound kube-system: LoadBalancer aaaaa0001 \(lb-/);
    expect(bench.recorder.events[0]).toContain('Service default/of-aaaa0001 (UID aaaa0001)');
    expect(await bench.metrics.render()).toContain('ccm_orphans{kind="LoadBalancer"} 1');
    expect(bench.balancers()).toHaveLength(2);
  });

  it('lists each kind once an hour at most, and looks at single objects only when they may be orphans', async () => {
    await using bench = setUp();
    plant(bench.cloud, 'aaaa0001');
    bench.cluster.putService(serviceOf('aaaa0001'));
    await bench.pass(hour.times(10));
    expect(bench.calls('ListLoadBalancers')).toBe(10);
    expect(bench.calls('ListRoutes')).toBe(10);
    expect(bench.calls('GetLoadBalancer')).toBe(0);
    expect(bench.cluster.patches).toEqual([]);
  });

  it('begins as soon as it goes on', async () => {
    await using bench = setUp({ sweepPeriod: Duration.minutes(1) });
    await bench.pass(Duration.seconds(59));
    expect(bench.calls('ListLoadBalancers')).toBe(0);
    await bench.pass(Duration.seconds(2));
    expect(bench.calls('ListLoadBalancers')).toBe(1);
  });

  it('deletes it when told to, and says so', async () => {
    await using bench = setUp({ policy: 'delete' });
    plant(bench.cloud, 'aaaa0001');
    const kept = plant(bench.cloud, 'aaaa0002');
    bench.cluster.putService(serviceOf('aaaa0002'));
    await passFirstRound(bench);
    expect(bench.balancers()).toEqual([kept]);
    expect(bench.recorder.reasons('kube-system')).toEqual(['Warning OrphanFound', 'Normal OrphanDeleted']);
    expect(bench.controller.status().facts).toMatchObject({ deleted: 1, orphans: 0 });
    expect(bench.cloud.foreignWrites).toEqual([]);
    expect(bench.operations.records().map(({ phase, text }) => `${phase} ${text}`)).toEqual([
      'planned delete LoadBalancer aaaaa0001',
      'applied delete LoadBalancer aaaaa0001',
    ]);
  });

  it('waits for a deletion that takes its time', async () => {
    await using bench = setUp({
      policy: 'delete',
      cloud: { deleting: Duration.minutes(1), readLag: Duration.seconds(2) },
    });
    plant(bench.cloud, 'aaaa0001');
    await bench.pass(Duration.minutes(35).plus(Duration.seconds(10)));
    expect(bench.controller.status().items).toMatchObject([{ state: 'deleting', reason: 'Deleting' }]);
    await bench.pass(Duration.minutes(2));
    expect(bench.balancers()).toEqual([]);
    expect(states(bench)).toEqual([]);
    expect(bench.recorder.reasons('kube-system')).toEqual(['Warning OrphanFound', 'Normal OrphanDeleted']);
  });

  it.each([
    ['is stamped for another cluster', { stamp: 'cluster-red' }],
    ['carries no stamp and tells no owner', { stamp: undefined, uid: undefined, name: undefined }],
  ])('leaves alone what %s', async (_name, tags) => {
    await using bench = setUp({ policy: 'delete' });
    const foreign = plant(bench.cloud, 'aaaa0001', tags);
    await bench.pass(hour.times(3));
    expect(bench.balancers()).toEqual([foreign]);
    expect(states(bench)).toEqual([]);
  });

  it('reports what carries no stamp, and never deletes it', async () => {
    await using bench = setUp({ policy: 'delete' });
    const unproven = plant(bench.cloud, 'aaaa0001', { stamp: undefined });
    await bench.pass(hour.times(3));
    expect(bench.balancers()).toEqual([unproven]);
    expect(states(bench)).toEqual([`orphan LoadBalancer ${unproven}`]);
    expect(bench.recorder.events[0]).toContain('It is not deleted: it carries no stamp');
  });

  it('reports a route whose range no Node has, and never deletes it: the range may be given out again', async () => {
    await using bench = setUp({ policy: 'delete' });
    const machine = bench.cloud.operator.launch({ name: 'a', zone: 'memory-1a' });
    const tags = { 'ccm-ts/cluster-uid': 'cluster-blue' };
    bench.cloud.operator.plantRoute({ cidr: '10.0.1.0/24', instanceID: machine.id, tags }, 'cluster-blue');
    bench.cloud.operator.plantRoute({ cidr: '10.0.2.0/24', instanceID: machine.id, tags }, 'cluster-blue');
    bench.cluster.putNode(nodeWith('a', '10.0.1.0/24'));
    await bench.pass(hour.times(2));
    expect(states(bench)).toEqual(['orphan Routes route-table/rt-main/10.0.2.0/24']);
    expect(bench.cloud.snapshot().routes).toHaveLength(2);
  });

  it('acquits what gets its owner before the second look', async () => {
    await using bench = setUp({ policy: 'delete' });
    plant(bench.cloud, 'aaaa0001');
    await bench.pass(Duration.minutes(6));
    expect(states(bench)).toHaveLength(1);
    bench.cluster.putService(serviceOf('aaaa0001'));
    await passFirstRound(bench);
    expect(states(bench)).toEqual([]);
    expect(bench.balancers()).toHaveLength(1);
  });

  it('believes the API server, not its informer', async () => {
    await using bench = setUp({ policy: 'delete' });
    const release = bench.cluster.holdInformers();
    plant(bench.cloud, 'aaaa0001', { name: 'default/wrong' });
    bench.cluster.putService(serviceOf('aaaa0001'));
    await bench.pass(hour.times(2));
    expect(bench.balancers()).toHaveLength(1);
    expect(bench.recorder.events).toEqual([]);
    release();
  });

  it('reads the API server again in a round that takes long', async () => {
    const opened = Promise.withResolvers<void>();
    const looks: string[] = [];
    await using bench = setUp({
      policy: 'delete',
      gate: {
        async run(call, context, send) {
          if (call.operation === 'GetLoadBalancer' && looks.push(call.operation) === 2) await opened.promise;
          return send(context.signal, () => {});
        },
      },
    });
    const release = bench.cluster.holdInformers();
    const first = plant(bench.cloud, 'aaaa0001');
    const second = plant(bench.cloud, 'aaaa0002');
    await passFirstRound(bench);
    expect(looks).toHaveLength(2);
    bench.cluster.putService(serviceOf('aaaa0002'));
    await bench.pass(Duration.seconds(31));
    opened.resolve();
    await bench.pass(Duration.minutes(2));
    expect(bench.balancers()).toContain(second);
    expect(bench.balancers()).not.toContain(first);
    release();
  });

  it('looks at the cluster once more right before it deletes', async () => {
    const guard = { mode: 'run', isProtected: () => claim() } as const;
    await using bench = setUp({ policy: 'delete', guard });
    const claim = (): boolean => {
      bench.cluster.putService(serviceOf('aaaa0001'));
      return false;
    };
    const name = plant(bench.cloud, 'aaaa0001');
    await passFirstRound(bench);
    expect(bench.operations.records().map(({ phase }) => phase)).toEqual(['planned']);
    expect(bench.balancers()).toEqual([name]);
    expect(states(bench)).toEqual([]);
    expect(bench.recorder.reasons('kube-system')).toEqual(['Warning OrphanFound']);
  });

  it('calls nothing an orphan while the API server does not say who is there', async () => {
    await using bench = setUp({ policy: 'delete' });
    bench.api.state = 'forbids';
    plant(bench.cloud, 'aaaa0001');
    await bench.pass(hour.times(2));
    expect(bench.balancers()).toHaveLength(1);
    expect(bench.recorder.events).toEqual([]);
    expect(bench.controller.status().items[0]?.message).toContain('is not known');
    bench.api.state = 'up';
    await bench.pass(hour.times(2));
    expect(bench.balancers()).toEqual([]);
  });

  it('begins anew with what claims another owner at the second look', async () => {
    await using bench = setUp({ policy: 'delete' });
    const name = plant(bench.cloud, 'aaaa0001');
    await bench.pass(Duration.minutes(6));
    const tags = { 'ccm-ts/cluster-uid': 'cluster-blue', 'kubernetes.io/service-uid': 'aaaa0009' };
    bench.cloud.operator.tamperLoadBalancer(name, { tags });
    await bench.pass(Duration.minutes(30));
    expect(bench.balancers()).toEqual([name]);
    expect(states(bench)).toEqual([`waiting LoadBalancer ${name}`]);
    await bench.pass(Duration.minutes(40));
    expect(bench.balancers()).toEqual([]);
  });

  it('keeps what it knows when a list fails, and says why it failed', async () => {
    await using bench = setUp();
    const lost = plant(bench.cloud, 'aaaa0001');
    await passFirstRound(bench);
    bench.cloud.faults.add({ effect: { kind: 'deny' }, match: { operation: 'ListLoadBalancers' } });
    await bench.pass(hour);
    expect(states(bench)).toEqual([`orphan LoadBalancer ${lost}`]);
    expect(bench.controller.status().facts['unlisted LoadBalancer']).toMatch(/^Denied: /);
    bench.cloud.faults.clear();
    await bench.pass(hour);
    expect(bench.controller.status().facts).not.toHaveProperty('unlisted LoadBalancer');
  });

  it('tries again later when the second look fails', async () => {
    await using bench = setUp({ policy: 'delete' });
    plant(bench.cloud, 'aaaa0001');
    await bench.pass(Duration.minutes(6));
    bench.cloud.faults.add({ effect: { kind: 'unavailable' }, match: { operation: 'GetLoadBalancer' }, times: 2 });
    await passFirstRound(bench);
    expect(bench.balancers()).toEqual([]);
  });

  it('deletes at most so many in a minute', async () => {
    await using bench = setUp({ policy: 'delete' });
    for (let index = 0; index < 12; index++) plant(bench.cloud, `aaaa00${10 + index}`);
    await bench.pass(Duration.minutes(35).plus(Duration.seconds(1)));
    expect(bench.balancers()).toHaveLength(7);
    const looks = bench.calls('GetLoadBalancer');
    await bench.pass(Duration.minutes(1));
    expect(bench.balancers()).toHaveLength(2);
    await bench.pass(Duration.minutes(1));
    expect(bench.balancers()).toEqual([]);
    // Each of those that had to wait was looked at once more before it went.
    expect(bench.calls('GetLoadBalancer') - looks).toBe(7);
  });

  it('deletes nothing while too many are orphans, and says so once', async () => {
    await using bench = setUp({
      policy: 'delete',
      limits: { ...defaultOrphanLimits, breaker: { objects: 2, percent: 30 } },
    });
    for (let index = 0; index < 3; index++) plant(bench.cloud, `aaaa00${10 + index}`);
    await bench.pass(hour.times(4));
    expect(bench.recorder.reasons('kube-system').filter((reason) => reason.includes('Stopped'))).toHaveLength(1);
    expect(bench.balancers()).toHaveLength(3);
    bench.cluster.putService(serviceOf('aaaa0010'));
    await bench.pass(hour);
    expect(bench.balancers()).toEqual(['aaaaa0010']);
  });

  it('stops at the guard', async () => {
    await using bench = setUp({ policy: 'delete', guard: { mode: 'observe', isProtected: () => false } });
    plant(bench.cloud, 'aaaa0001');
    await bench.pass(hour.times(2));
    expect(bench.balancers()).toHaveLength(1);
    expect(bench.controller.status().items).toMatchObject([{ state: 'failed', reason: 'ObserveOnly' }]);
    expect(bench.recorder.reasons('kube-system')).toEqual(['Warning OrphanFound', 'Warning OrphanNotDeleted']);
  });

  it('says why something could not be deleted, and tries again', async () => {
    await using bench = setUp({ policy: 'delete' });
    plant(bench.cloud, 'aaaa0001');
    bench.cloud.faults.add({ effect: { kind: 'deny' }, match: { operation: 'DeleteLoadBalancer' }, times: 2 });
    await bench.pass(Duration.minutes(35).plus(Duration.seconds(5)));
    expect(bench.controller.status().items).toMatchObject([{ state: 'failed', reason: 'Denied' }]);
    await bench.pass(Duration.minutes(10));
    expect(bench.balancers()).toEqual([]);
  });

  it('writes nothing once the lease is lost', async () => {
    await using bench = setUp({
      policy: 'delete',
      gate: {
        run(call, context, send) {
          if (call.kind === 'write') return Promise.reject(new CloudError('Unavailable', 'the lease is lost'));
          return send(context.signal, () => {});
        },
      },
    });
    plant(bench.cloud, 'aaaa0001');
    await bench.pass(hour);
    expect(bench.balancers()).toHaveLength(1);
  });
});
