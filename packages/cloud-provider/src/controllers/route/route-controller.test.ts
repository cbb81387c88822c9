import { describe, expect, it } from '@jest/globals';
import { Duration } from '../../base/duration.ts';
import { ApiError } from '../../kube/client/api-error.ts';
import { routeBench, routedNode } from './test-bench.ts';

const seconds = (count: number) => Duration.seconds(count);
const served = 'False RouteCreated';
const unserved = 'True NoRouteCreated';
const foreign = { ownership: { kind: 'unproven', reason: 'it carries no stamp' } } as const;

function range(index: number): string {
  return `10.120.${index}.0/24`;
}

describe('RouteController', () => {
  it('works when nodes come, change and go, and asks the cloud nothing else', async () => {
    await using bench = routeBench();
    const { clock, cluster, routes } = bench;
    cluster.putNode(routedNode('a', { podCIDRs: [range(1)] }));
    bench.start();
    await clock.advance(seconds(1));
    expect(routes.calls).toEqual(['facts', 'observe', `create ${range(1)}`]);
    routes.calls.length = 0;

    cluster.putNode(routedNode('b', { podCIDRs: [range(2)] }));
    await clock.advance(seconds(1));
    expect(routes.calls.splice(0)).toEqual([`create ${range(2)}`]);

    cluster.putNode(routedNode('b', { podCIDRs: [range(2)], providerID: 'test://b-2' }));
    await clock.advance(seconds(1));
    expect(routes.calls.splice(0)).toEqual(['observe', `update ${range(2)}`]);

    cluster.removeNode('a');
    await clock.advance(seconds(1));
    expect(routes.calls.splice(0)).toEqual(['observe', `delete ${range(1)}`]);

    cluster.putNode(routedNode('c'));
    cluster.putNode({ ...routedNode('b', { podCIDRs: [range(2)], providerID: 'test://b-2', address: '10.9.9.9' }) });
    cluster.removeNode('c');
    await clock.advance(Duration.minutes(50));
    expect(routes.calls).toEqual([]);
    expect(routes.entries()).toEqual([`${range(2)} b-2`]);
    expect(await bench.metrics.render()).toMatch(/route_controller_route_sync_total \d/);
  });

  it('gathers changes of a moment in one pass', async () => {
    await using bench = routeBench();
    const { clock, cluster, routes } = bench;
    bench.start();
    await clock.advance(seconds(1));
    routes.batch = 100;
    routes.calls.length = 0;
    for (let index = 0; index < 30; index++) {
      cluster.putNode(routedNode(`n${index}`, { podCIDRs: [range(index)] }));
      await clock.advance(Duration.milliseconds(10));
    }
    await clock.advance(seconds(1));
    expect(routes.calls).toHaveLength(1);
    expect(routes.entries()).toHaveLength(30);
  });

  it('repairs in the resync what somebody changed in the cloud', async () => {
    await using bench = routeBench({ resyncPeriod: Duration.minutes(2) });
    const { clock, cluster, routes } = bench;
    cluster.putNode(routedNode('a', { podCIDRs: [range(1)] }));
    bench.start();
    await clock.advance(seconds(1));
    routes.put(range(1), 'x');
    routes.put(range(7), 'x');
    routes.calls.length = 0;
    await clock.advance(Duration.minutes(1));
    expect(routes.calls).toEqual([]);
    await clock.advance(Duration.minutes(2));
    expect(routes.entries()).toEqual([`${range(1)} a`]);
    await clock.advance(Duration.minutes(20));
    expect(routes.calls.filter((call) => call === 'observe')).toHaveLength(11);
    expect(routes.writes()).toHaveLength(2);
  });

  it('goes on past a route that fails, and tries that one again by back-off', async () => {
    await using bench = routeBench();
    const { clock, cluster, recorder, routes } = bench;
    routes.fail = (call) => (call === `create ${range(1)}` ? 'Invalid' : undefined);
    for (const index of [0, 1, 2]) cluster.putNode(routedNode(`n${index}`, { podCIDRs: [range(index)] }));
    const controller = bench.start();
    await clock.advance(Duration.milliseconds(100));
    expect(routes.entries()).toEqual([`${range(0)} n0`, `${range(2)} n2`]);
    expect(['n0', 'n1', 'n2'].map((name) => bench.condition(name))).toEqual([served, unserved, served]);
    expect(recorder.events).toEqual([
      `Warning FailedToCreateRoute n1: Could not create route uid-of-n1 ${range(1)} for node n1: create ${range(1)}: Invalid`,
    ]);
    expect(controller.status()).toMatchObject({
      items: [{ kind: 'Node', key: 'n1', state: 'failed', reason: 'FailedToCreateRoute' }],
      facts: { nodesServed: 2, nodesWithoutRoutes: 1 },
    });

    // A node that comes meanwhile does not wait for it, nor is it tried for that.
    await clock.advance(Duration.minutes(1));
    const tried = () => routes.calls.filter((call) => call === `create ${range(1)}`).length;
    expect(tried()).toBe(6);
    cluster.putNode(routedNode('n3', { podCIDRs: [range(3)] }));
    await clock.advance(Duration.milliseconds(600));
    expect(routes.entries()).toHaveLength(3);
    expect(tried()).toBe(6);
    await clock.advance(seconds(5));
    expect(tried()).toBe(7);

    routes.fail = () => undefined;
    await clock.advance(Duration.minutes(5));
    expect(routes.entries()).toHaveLength(4);
    expect(bench.condition('n1')).toBe(served);
    expect(controller.status().items).toEqual([]);
    routes.calls.length = 0;
    await clock.advance(Duration.minutes(30));
    expect(routes.calls).toEqual([]);
  });

  it('reads after a failure before it writes again', async () => {
    await using bench = routeBench();
    const { clock, cluster, routes } = bench;
    bench.start();
    await clock.advance(seconds(1));
    routes.calls.length = 0;
    routes.fail = (call) => (call === `create ${range(1)}` ? 'Unknown' : undefined);
    for (const index of [1, 2]) cluster.putNode(routedNode(`n${index}`, { podCIDRs: [range(index)] }));
    await clock.advance(Duration.milliseconds(600));
    cluster.putNode(routedNode('n3', { podCIDRs: [range(3)] }));
    await clock.advance(Duration.milliseconds(600));
    expect(routes.calls).toEqual([`create ${range(1)}`, `create ${range(2)}`, 'observe', `create ${range(3)}`]);
  });

  it('goes on past the items of a batch that fail', async () => {
    await using bench = routeBench();
    const { clock, cluster, recorder, routes } = bench;
    routes.batch = 10;
    routes.failItem = (cidr) => (cidr === range(1) ? 'Invalid' : undefined);
    for (const index of [0, 1, 2]) cluster.putNode(routedNode(`n${index}`, { podCIDRs: [range(index)] }));
    bench.start();
    await clock.advance(seconds(30));
    expect(['n0', 'n1', 'n2'].map((name) => bench.condition(name))).toEqual([served, unserved, served]);
    expect(recorder.reasons('n1')).toContain('Warning FailedToCreateRoute');
    expect(recorder.reasons('n0')).toEqual([]);
    routes.failItem = () => undefined;
    await clock.advance(Duration.minutes(2));
    expect(bench.condition('n1')).toBe(served);
  });

  it('waits as long as a throttling cloud wants, without calling that a failure', async () => {
    await using bench = routeBench();
    const { clock, cluster, recorder, routes } = bench;
    routes.fail = (call) => (call.startsWith('create') ? 'Throttled' : undefined);
    for (const index of [0, 1, 2]) cluster.putNode(routedNode(`n${index}`, { podCIDRs: [range(index)] }));
    bench.start();
    await clock.advance(seconds(19));
    cluster.putNode(routedNode('n4', { podCIDRs: [range(4)] }));
    await clock.advance(Duration.milliseconds(900));
    expect(routes.writes()).toHaveLength(1);
    expect(recorder.events).toEqual([]);
    expect(bench.condition('n0')).toBe(unserved);
    routes.fail = () => undefined;
    await clock.advance(seconds(30));
    expect(routes.entries()).toHaveLength(4);
  });

  it.each(['facts', 'observe'])('touches nothing while it can not read: %s', async (call) => {
    await using bench = routeBench();
    const { clock, cluster, routes } = bench;
    routes.fail = (name) => (name === call ? 'Unavailable' : undefined);
    routes.put(range(9), 'gone');
    cluster.putNode(routedNode('a', { podCIDRs: [range(1)] }));
    cluster.putNode(routedNode('b', { podCIDRs: [range(2)], condition: { status: 'False', reason: 'RouteCreated' } }));
    bench.start();
    await clock.advance(Duration.minutes(10));
    expect(routes.writes()).toEqual([]);
    expect(cluster.patches).toEqual([]);
    expect(routes.calls.filter((name) => name === call).length).toBeLessThan(15);
    routes.fail = () => undefined;
    await clock.advance(Duration.minutes(5));
    expect(routes.entries()).toEqual([`${range(1)} a`, `${range(2)} b`]);
    expect(bench.condition('a')).toBe(served);
  });

  it('keeps working with the tables that it knows when facts can not be renewed', async () => {
    await using bench = routeBench({ resyncPeriod: Duration.minutes(2) });
    const { clock, cluster, routes } = bench;
    bench.start();
    await clock.advance(seconds(1));
    routes.fail = (name) => (name === 'facts' ? 'Denied' : undefined);
    await clock.advance(Duration.minutes(4));
    cluster.putNode(routedNode('a', { podCIDRs: [range(1)] }));
    await clock.advance(seconds(1));
    expect(bench.condition('a')).toBe(served);
  });

  it('leaves alone nodes of other clouds and nodes that are not initialised, and the routes to their ranges', async () => {
    await using bench = routeBench();
    const { clock, cluster, routes } = bench;
    const condition = { status: 'False', reason: 'CiliumIsUp' };
    cluster.putNode(routedNode('edge', { podCIDRs: [range(1)], providerID: 'edge://7', condition }));
    cluster.putNode(routedNode('new', { podCIDRs: [range(2)], providerID: '' }));
    cluster.putNode(routedNode('bare', { condition }));
    routes.put(range(1), 'vpn');
    routes.put(range(2), 'older');
    bench.start();
    await clock.advance(Duration.minutes(1));
    expect(routes.writes()).toEqual([]);
    expect(cluster.patches).toEqual([]);
    cluster.putNode(routedNode('new', { podCIDRs: [range(2)], providerID: 'test://new' }));
    await clock.advance(seconds(1));
    expect(routes.entries()).toEqual([`${range(1)} vpn`, `${range(2)} new`]);
  });

  it('is blocked by a route of somebody else, says so once, and looks again', async () => {
    await using bench = routeBench();
    const { clock, cluster, recorder, routes } = bench;
    routes.put(range(1), 'theirs', foreign);
    routes.put(range(5), 'theirs', foreign);
    routes.put('192.168.0.0/16', 'theirs');
    cluster.putNode(routedNode('a', { podCIDRs: [range(1)] }));
    bench.start();
    await clock.advance(Duration.minutes(20));
    expect(routes.writes()).toEqual([]);
    expect(bench.condition('a')).toBe(unserved);
    expect(recorder.events).toHaveLength(1);
    expect(recorder.events[0]).toContain('is not of this cluster: it carries no stamp; delete it');
    routes.table.delete(range(1));
    await clock.advance(Duration.minutes(5));
    expect(bench.condition('a')).toBe(served);
    expect(routes.entries()).toEqual([`${range(5)} theirs`, `${range(1)} a`, '192.168.0.0/16 theirs'].sort());
  });

  it.each([
    ['garbage', 'spec.podCIDRs: "garbage" is no range of addresses'],
    ['10.120.1.0/24\u0000', 'is no range of addresses'],
    ['0.0.0.0/0', 'is in none of the ranges of --cluster-cidr'],
    ['10.121.0.0/24', 'is in none of the ranges of --cluster-cidr'],
  ])('rejects the range %j, and serves the others', async (podCIDR, message) => {
    await using bench = routeBench();
    const { clock, cluster, recorder, routes } = bench;
    cluster.putNode(routedNode('bad', { podCIDRs: [podCIDR] }));
    cluster.putNode(routedNode('good', { podCIDRs: [range(2)] }));
    bench.start();
    await clock.advance(Duration.minutes(20));
    expect(routes.entries()).toEqual([`${range(2)} good`]);
    expect([bench.condition('bad'), bench.condition('good')]).toEqual([unserved, served]);
    expect(recorder.events).toHaveLength(1);
    expect(recorder.events[0]).toContain(message);
  });

  it('gives a range that two nodes have to the older one', async () => {
    await using bench = routeBench();
    const { clock, cluster, recorder, routes } = bench;
    cluster.putNode(routedNode('a-young', { podCIDRs: [range(1)], creationTimestamp: '2026-01-01T00:00:00Z' }));
    cluster.putNode(routedNode('z-old', { podCIDRs: [range(1)], creationTimestamp: '2025-01-01T00:00:00Z' }));
    bench.start();
    await clock.advance(seconds(1));
    expect(routes.entries()).toEqual([`${range(1)} z-old`]);
    expect(bench.condition('a-young')).toBe(unserved);
    expect(recorder.reasons('a-young')).toEqual(['Warning FailedToCreateRoute']);
    cluster.removeNode('z-old');
    await clock.advance(seconds(1));
    expect(routes.entries()).toEqual([`${range(1)} a-young`]);
    expect(bench.condition('a-young')).toBe(served);
  });

  it('writes a condition anew that somebody took over, not at once and once only', async () => {
    await using bench = routeBench();
    const { clock, cluster, routes } = bench;
    cluster.putNode(routedNode('a', { podCIDRs: [range(1)] }));
    bench.start();
    await clock.advance(seconds(1));
    routes.calls.length = 0;
    const down = { type: 'NetworkUnavailable', status: 'True', reason: 'CalicoIsDown', lastTransitionTime: '' };
    const node = cluster.node('a')!;
    cluster.putNode({ ...node, status: { ...node.status, conditions: [down] } });
    await clock.advance(seconds(9));
    expect(bench.condition('a')).toBe('True CalicoIsDown');
    await clock.advance(seconds(2));
    expect(bench.condition('a')).toBe(served);
    expect(cluster.patches).toHaveLength(2);
    expect(routes.calls).toEqual([]);
  });

  it.each([
    ['the API server is busy', new ApiError('busy', { kind: 'unavailable', status: 503 })],
    ['others write the Node faster', new ApiError('modified', { kind: 'conflict', status: 409 })],
  ])('tries again to write a condition when %s, without asking the cloud again', async (_case, failure) => {
    await using bench = routeBench();
    const { clock, cluster, routes } = bench;
    for (const index of [1, 2]) cluster.putNode(routedNode(`n${index}`, { podCIDRs: [range(index)] }));
    let failures = 2;
    cluster.beforePatch = (_resource, key) => {
      if (key === 'n1' && failures-- > 0) throw failure;
    };
    bench.start();
    await clock.advance(seconds(30));
    expect([bench.condition('n1'), bench.condition('n2')]).toEqual([served, served]);
    expect(routes.calls).toHaveLength(4);
    expect(cluster.patches.map(({ key, outcome }) => `${key} ${outcome}`).sort()).toEqual([
      'n1 done',
      'n1 failed',
      'n1 failed',
      'n2 done',
    ]);
  });

  it('does not write a condition twice while the informer lags behind', async () => {
    await using bench = routeBench();
    const { clock, cluster } = bench;
    cluster.putNode(routedNode('a', { podCIDRs: [range(1)] }));
    const release = cluster.holdInformers();
    bench.start();
    await clock.advance(seconds(1));
    cluster.nodes.put(routedNode('b', { podCIDRs: [range(2)] }));
    await clock.advance(seconds(1));
    expect(cluster.patches.filter(({ key }) => key === 'a')).toHaveLength(1);
    release();
  });

  it('makes no second pass over a table while one is under way', async () => {
    await using bench = routeBench();
    const { clock, cluster, routes } = bench;
    routes.during = () => clock.sleep(seconds(3));
    cluster.putNode(routedNode('a', { podCIDRs: [range(1)] }));
    bench.start();
    for (let index = 2; index < 12; index++) {
      await clock.advance(seconds(1));
      cluster.putNode(routedNode(`n${index}`, { podCIDRs: [range(index)] }));
    }
    await clock.advance(Duration.minutes(2));
    expect(routes.entries()).toHaveLength(11);
    expect(routes.mostUnderWay).toBe(1);
  });

  it('makes room in a full table by what it deletes, and uses it', async () => {
    await using bench = routeBench();
    const { clock, cluster, routes } = bench;
    routes.fail = (call) => (call.startsWith('create') && routes.table.size >= 2 ? 'Quota' : undefined);
    for (const index of [0, 1, 2, 3]) cluster.putNode(routedNode(`n${index}`, { podCIDRs: [range(index)] }));
    bench.start();
    await clock.advance(Duration.minutes(10));
    expect(routes.table.size).toBe(2);
    cluster.removeNode('n0');
    await clock.advance(seconds(2));
    expect(routes.entries()).toEqual([`${range(1)} n1`, `${range(2)} n2`]);
  });

  it('keeps several tables alike, and calls a node served when all of them lead to it', async () => {
    await using bench = routeBench();
    const { clock, cluster, routes } = bench;
    routes.tableKeys = ['east', 'west'];
    cluster.putNode(routedNode('a', { podCIDRs: [range(1)] }));
    bench.start();
    await clock.advance(seconds(1));
    expect(bench.operations.records().map(({ group }) => group)).toContain('routes/west');
    expect(routes.calls.filter((call) => call === 'observe').length).toBeGreaterThanOrEqual(2);
  });

  it('writes nothing, Events and conditions included, when it shall only observe', async () => {
    await using bench = routeBench({ policy: { mode: 'observe', isProtected: () => false } });
    const { clock, cluster, operations, recorder, routes } = bench;
    cluster.putNode(routedNode('a', { podCIDRs: [range(1)] }));
    bench.start();
    await clock.advance(Duration.minutes(5));
    expect(routes.writes()).toEqual([]);
    expect(cluster.patches).toEqual([]);
    expect(recorder.events).toEqual([]);
    expect(operations.records().map(({ phase, verb }) => `${phase} ${verb}`)).toEqual([
      'planned create',
      'refused create',
    ]);
  });

  it('ends promptly, and writes nothing more once it is told to', async () => {
    const bench = routeBench();
    const { clock, cluster, routes } = bench;
    for (const index of [0, 1, 2]) cluster.putNode(routedNode(`n${index}`, { podCIDRs: [range(index)] }));
    routes.during = () => {
      if (routes.writes().length === 1) bench.stop.abort(new Error('lease lost'));
      return Promise.resolve();
    };
    bench.start();
    await clock.advance(seconds(1));
    await bench[Symbol.asyncDispose]();
    expect(routes.writes()).toHaveLength(1);
    expect(cluster.patches).toEqual([]);
    expect(clock.pending()).toBe(0);
  });
});
