import { describe, expect, it } from '@jest/globals';
import { Duration } from '../../../base/duration.ts';
import { FakeClock } from '../../fake-clock.ts';
import type { CloudReply, InputOf, OperationName, OutputOf } from './api.ts';
import { MemoryCloud } from './memory-cloud.ts';
import type { CloudSettings } from './settings.ts';

const never = new AbortController().signal;
const ms = (count: number): Duration => Duration.milliseconds(count);

function setUp(settings: Partial<CloudSettings> = {}) {
  const clock = new FakeClock();
  const cloud = new MemoryCloud({ clock, ownerTag: 'owner', settings });
  const ask = <Name extends OperationName>(
    operation: Name,
    input: InputOf<Name>,
    cluster = 'blue',
  ): Promise<CloudReply<Name>> => cloud.handle({ operation, caller: { cluster }, input }, never);
  const demand = async <Name extends OperationName>(operation: Name, input: InputOf<Name>): Promise<OutputOf<Name>> => {
    const reply = await ask(operation, input);
    if (reply.kind === 'refused') throw new Error(`${reply.code}: ${reply.message}`);
    return reply.output;
  };
  return { clock, cloud, ask, demand };
}

const wanted: InputOf<'CreateLoadBalancer'> = {
  name: 'web',
  networkID: 'net-main',
  scheme: 'public',
  allowedRanges: ['0.0.0.0/0'],
  healthCheck: { protocol: 'tcp', port: 80, path: '' },
  tags: { owner: 'blue' },
};
const listener = { protocol: 'TCP', port: 80, backendPort: 30_080, affinity: 'none' };

describe('machines', () => {
  it('go through their states as time passes, and are forgotten at last', async () => {
    const { clock, cloud, ask, demand } = setUp({ machineTransition: Duration.seconds(10) });
    const { id } = cloud.operator.launch({ name: 'n1', zone: 'memory-1a' });
    const state = async (): Promise<string> => (await demand('GetInstance', { id })).instance.state;
    expect(await state()).toBe('pending');
    await clock.advance(Duration.seconds(10));
    expect(await state()).toBe('running');
    cloud.operator.stop(id);
    expect(await state()).toBe('stopping');
    await clock.advance(Duration.seconds(10));
    expect(await state()).toBe('stopped');
    cloud.operator.terminate(id);
    expect(await state()).toBe('terminating');
    await clock.advance(Duration.seconds(10));
    expect(await state()).toBe('terminated');
    await clock.advance(Duration.hours(1));
    expect(await ask('GetInstance', { id })).toMatchObject({ kind: 'refused', status: 404, code: 'NotFound' });
    expect(cloud.snapshot().instances).toEqual([]);
  });

  it('are described by ids and names together, each once', async () => {
    const { cloud, demand } = setUp();
    const one = cloud.operator.launch({ name: 'n1', zone: 'memory-1a' });
    const two = cloud.operator.launch({ name: 'n2', zone: 'memory-1b' });
    const namesake = cloud.operator.launch({ name: 'n2', zone: 'memory-1c' });
    const { instances } = await demand('DescribeInstances', { ids: [one.id, two.id, 'm-0'], names: ['n2', 'n9'] });
    expect(instances.map((instance) => instance.id).sort()).toEqual([one.id, two.id, namesake.id].sort());
  });

  it('are found by name even beside a terminated namesake', async () => {
    const { cloud, demand } = setUp();
    const old = cloud.operator.launch({ name: 'n1', zone: 'memory-1a' });
    cloud.operator.terminate(old.id);
    expect((await demand('GetInstanceByName', { name: 'n1' })).instance.id).toBe(old.id);
    const { id } = cloud.operator.launch({ name: 'n1', zone: 'memory-1a' });
    expect((await demand('GetInstanceByName', { name: 'n1' })).instance.id).toBe(id);
  });

  it('are described a hundred at a time', async () => {
    const { ask } = setUp();
    const names = Array.from({ length: 101 }, (_, index) => `n${index}`);
    expect(await ask('DescribeInstances', { ids: [], names })).toMatchObject({ status: 400, field: 'names' });
  });
});

describe('load balancers', () => {
  it('are busy after each change and refuse others meanwhile', async () => {
    const { clock, ask, demand } = setUp({ provisioning: ms(500), updating: ms(200), deleting: ms(300) });
    const { id, status } = await demand('CreateLoadBalancer', wanted);
    expect(status).toBe('PENDING_CREATE');
    expect(await ask('CreateListener', { loadBalancerID: id, listener })).toMatchObject({ status: 409, code: 'Busy' });
    await clock.advance(ms(500));
    expect(await demand('CreateListener', { loadBalancerID: id, listener })).toMatchObject({
      status: 'PENDING_UPDATE',
    });
    expect(await ask('SetBackends', { loadBalancerID: id, instanceIDs: [] })).toMatchObject({ code: 'Busy' });
    await clock.advance(ms(200));
    expect(await demand('DeleteLoadBalancer', { id })).toMatchObject({ status: 'PENDING_DELETE' });
    expect(await ask('CreateLoadBalancer', wanted)).toMatchObject({ code: 'AlreadyExists' });
    await clock.advance(ms(300));
    expect(await ask('GetLoadBalancer', { name: 'web' })).toMatchObject({ code: 'NotFound' });
    expect((await demand('CreateLoadBalancer', wanted)).id).not.toBe(id);
  });

  it('refuse a change that was made from an older state', async () => {
    const { ask, demand } = setUp();
    const { id, revision } = await demand('CreateLoadBalancer', wanted);
    await demand('CreateListener', { loadBalancerID: id, listener });
    const stale = { loadBalancerID: id, instanceIDs: [], ifRevision: revision };
    expect(await ask('SetBackends', stale)).toMatchObject({ status: 412, code: 'RevisionMismatch' });
  });

  it.each([
    ['a name with capitals', { name: 'Web' }, 'name'],
    ['a range that is none', { allowedRanges: ['everybody'] }, 'allowedRanges'],
    ['another network', { networkID: 'net-9' }, 'networkID'],
  ])('refuse %s', async (_, change, field) => {
    const { ask } = setUp();
    expect(await ask('CreateLoadBalancer', { ...wanted, ...change })).toMatchObject({ status: 400, field });
  });

  it('have only machines that exist as backends', async () => {
    const { ask, demand, cloud } = setUp();
    const { id } = await demand('CreateLoadBalancer', wanted);
    const machine = cloud.operator.launch({ name: 'n1', zone: 'memory-1a' });
    const refused = await ask('SetBackends', { loadBalancerID: id, instanceIDs: [machine.id, 'm-404'] });
    expect(refused).toMatchObject({ status: 400, field: 'instanceIDs' });
    await demand('SetBackends', { loadBalancerID: id, instanceIDs: [machine.id] });
    expect(cloud.snapshot().loadBalancers[0]?.backends).toEqual([machine.id]);
  });

  it('are listed page by page', async () => {
    const { demand } = setUp();
    for (let index = 0; index < 150; index++) await demand('CreateLoadBalancer', { ...wanted, name: `web-${index}` });
    const first = await demand('ListLoadBalancers', { pageToken: '' });
    const second = await demand('ListLoadBalancers', { pageToken: first.nextPageToken });
    expect([first.loadBalancers.length, second.loadBalancers.length, second.nextPageToken]).toEqual([100, 50, '']);
    expect(new Set([...first.loadBalancers, ...second.loadBalancers].map(({ name }) => name)).size).toBe(150);
  });

  it('are limited by the quotas of the account', async () => {
    const { ask, demand, cloud } = setUp();
    cloud.configure({ quotas: { ...cloud.settings.quotas, loadBalancers: 1, listenersPerLoadBalancer: 1 } });
    const { id } = await demand('CreateLoadBalancer', wanted);
    expect(await ask('CreateLoadBalancer', { ...wanted, name: 'web-2' })).toMatchObject({ code: 'QuotaExceeded' });
    await demand('CreateListener', { loadBalancerID: id, listener });
    expect(await ask('CreateListener', { loadBalancerID: id, listener: { ...listener, port: 81 } })).toMatchObject({
      code: 'QuotaExceeded',
    });
  });
});

describe('routes', () => {
  it('are written in batches in which each item succeeds or fails for itself', async () => {
    const { demand, cloud } = setUp();
    const { id } = cloud.operator.launch({ name: 'n1', zone: 'memory-1a' });
    const route = (cidr: string, instanceID = id) => ({ cidr, instanceID, tags: { owner: 'blue' } });
    const table = { tableID: 'rt-main' };
    await demand('CreateRoutes', { ...table, routes: [route('10.1.0.0/24')] });
    const routes = [route('10.1.0.0/24'), route('10.1.1.0/24'), route('10.1.2.0/24', 'm-404')];
    const { failed } = await demand('CreateRoutes', { ...table, routes });
    expect(failed.map(({ cidr, code }) => [cidr, code])).toEqual([
      ['10.1.0.0/24', 'AlreadyExists'],
      ['10.1.2.0/24', 'InvalidParameter'],
    ]);
    const deleted = await demand('DeleteRoutes', { ...table, cidrs: ['10.1.0.0/24', '10.1.9.0/24'] });
    expect(deleted.failed).toMatchObject([{ cidr: '10.1.9.0/24', code: 'NotFound' }]);
    expect((await demand('ListRoutes', { ...table, pageToken: '' })).routes.map(({ cidr }) => cidr)).toEqual([
      '10.1.1.0/24',
    ]);
  });
});

describe('unkindness', () => {
  it('takes time', async () => {
    const { clock, ask } = setUp({ latency: ms(50) });
    let isAnswered = false;
    const asked = ask('GetAccount', {}).then(() => {
      isAnswered = true;
    });
    await clock.advance(ms(49));
    expect(isAnswered).toBe(false);
    await clock.advance(ms(1));
    await asked;
  });

  it('throttles each group of operations for itself and says when to come back', async () => {
    const { clock, cloud, ask } = setUp({ rateLimits: { 'load-balancers-read': { rate: 2, burst: 1 } } });
    await ask('GetLoadBalancer', { name: 'web' });
    expect(await ask('GetLoadBalancer', { name: 'web' })).toMatchObject({
      status: 429,
      code: 'Throttled',
      retryAfterMilliseconds: 500,
    });
    expect(await ask('GetAccount', {})).toMatchObject({ kind: 'accepted' });
    await clock.advance(ms(500));
    expect(await ask('GetLoadBalancer', { name: 'web' })).toMatchObject({ code: 'NotFound' });
    expect(cloud.log.counts()).toEqual({
      GetLoadBalancer: { accepted: 2, throttled: 1, failed: 0 },
      GetAccount: { accepted: 1, throttled: 0, failed: 0 },
    });
  });

  it('shows reads an older state, and writes the present one', async () => {
    const { clock, ask, demand } = setUp({ readLag: Duration.seconds(2) });
    const { id } = await demand('CreateLoadBalancer', wanted);
    expect(await ask('GetLoadBalancer', { name: 'web' })).toMatchObject({ code: 'NotFound' });
    expect(await ask('CreateLoadBalancer', wanted)).toMatchObject({ code: 'AlreadyExists' });
    await clock.advance(Duration.seconds(2));
    expect(await ask('GetLoadBalancer', { name: 'web' })).toMatchObject({ kind: 'accepted' });
    await demand('DeleteLoadBalancer', { id });
    expect(await ask('GetLoadBalancer', { name: 'web' })).toMatchObject({ kind: 'accepted' });
    expect(await ask('DeleteLoadBalancer', { id })).toMatchObject({ code: 'NotFound' });
    await clock.advance(Duration.seconds(2));
    expect(await ask('GetLoadBalancer', { name: 'web' })).toMatchObject({ code: 'NotFound' });
  });

  it('loses a request before it is done', async () => {
    const { cloud, ask } = setUp();
    cloud.faults.add({ effect: { kind: 'loseRequest' }, match: { kind: 'write' }, times: 1 });
    await expect(ask('CreateLoadBalancer', wanted)).rejects.toThrow('the connection broke');
    expect(cloud.snapshot().loadBalancers).toEqual([]);
    expect(await ask('CreateLoadBalancer', wanted)).toMatchObject({ kind: 'accepted' });
  });

  it('does what it was asked and breaks the connection', async () => {
    const { cloud, ask } = setUp();
    cloud.faults.add({ effect: { kind: 'loseReply', how: 'reset' }, times: 1 });
    await expect(ask('CreateLoadBalancer', wanted)).rejects.toThrow('before the answer');
    expect(cloud.snapshot().loadBalancers.map(({ name }) => name)).toEqual(['web']);
    expect(cloud.log.records).toMatchObject([
      { outcome: 'accepted', isReplyLost: true, touched: ['load-balancer/web'] },
    ]);
  });

  it('does what it was asked and stays silent until the caller hangs up', async () => {
    const { cloud } = setUp();
    cloud.faults.add({ effect: { kind: 'loseReply', how: 'silence' } });
    const caller = new AbortController();
    const request = { operation: 'CreateLoadBalancer', caller: { cluster: 'blue' }, input: wanted } as const;
    const asked = cloud.handle(request, caller.signal);
    caller.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
    expect(cloud.snapshot().loadBalancers).toHaveLength(1);
  });

  it('leaves items out of a list without a word', async () => {
    const { cloud, demand } = setUp();
    const ids = [1, 2, 3, 4].map((number) => cloud.operator.launch({ name: `n${number}`, zone: 'memory-1a' }).id);
    cloud.faults.add({ effect: { kind: 'omit', every: 2 }, times: 1 });
    expect((await demand('DescribeInstances', { ids, names: [] })).instances).toHaveLength(2);
    expect((await demand('DescribeInstances', { ids, names: [] })).instances).toHaveLength(4);
  });

  it('denies what the credentials do not allow, and fails as a whole', async () => {
    const { cloud, ask } = setUp({ denied: ['GetAccount'] });
    expect(await ask('GetAccount', {})).toMatchObject({ status: 403, permission: 'memory:GetAccount' });
    cloud.faults.add({ effect: { kind: 'unavailable', retryAfter: ms(700) }, match: { kind: 'read' } });
    expect(await ask('DescribeNetwork', {})).toMatchObject({ status: 503, retryAfterMilliseconds: 700 });
    cloud.faults.clear();
    expect(await ask('DescribeNetwork', {})).toMatchObject({ kind: 'accepted' });
  });

  it('is the same for the same seed', async () => {
    const run = async (): Promise<unknown> => {
      const { cloud, demand } = setUp();
      cloud.operator.launch({ name: 'n1', zone: 'memory-1a' });
      await demand('CreateLoadBalancer', wanted);
      return cloud.snapshot();
    };
    expect(await run()).toEqual(await run());
  });
});

describe('the judgement of writes', () => {
  it('finds nothing wrong with who changes his own', async () => {
    const { cloud, demand } = setUp();
    const { id } = await demand('CreateLoadBalancer', wanted);
    await demand('CreateListener', { loadBalancerID: id, listener });
    await demand('DeleteLoadBalancer', { id });
    expect(cloud.foreignWrites).toEqual([]);
  });

  it('goes by the tags of the object, and by its maker where it has none', async () => {
    const { cloud, ask } = setUp();
    const untagged = { ...wanted, tags: {}, listeners: [], backends: [] };
    const greens = cloud.operator.plantLoadBalancer(
      { ...untagged, name: 'greens', tags: { owner: 'green' } },
      'nobody',
    );
    const persons = cloud.operator.plantLoadBalancer({ ...untagged, name: 'persons' }, 'a person');
    const ours = cloud.operator.plantLoadBalancer({ ...untagged, name: 'ours' }, 'blue');
    for (const id of [greens, persons, ours]) await ask('UpdateLoadBalancer', { id, tags: { owner: 'blue' } });
    expect(cloud.foreignWrites.map(({ object, owner, cluster }) => [object, owner, cluster])).toEqual([
      ['load-balancer/greens', 'green', 'blue'],
      ['load-balancer/persons', 'a person', 'blue'],
    ]);
  });

  it('covers routes, and counts only what was really changed', async () => {
    const { cloud, ask } = setUp({ denied: ['ReplaceRoutes'] });
    const { id } = cloud.operator.launch({ name: 'n1', zone: 'memory-1a' });
    cloud.operator.plantRoute({ cidr: '10.9.0.0/24', instanceID: id, tags: {} }, 'a person');
    const route = { cidr: '10.9.0.0/24', instanceID: id, tags: { owner: 'blue' } };
    await ask('ReplaceRoutes', { tableID: 'rt-main', routes: [route] });
    expect(cloud.foreignWrites).toEqual([]);
    await ask('DeleteRoutes', { tableID: 'rt-main', cidrs: ['10.9.0.0/24'] });
    expect(cloud.foreignWrites).toMatchObject([{ operation: 'DeleteRoutes', object: 'route/10.9.0.0/24' }]);
  });
});
