import { describe, expect, it } from '@jest/globals';
import { parseCidr } from '../../../base/cidr.ts';
import { compareRoutes } from '../../../cloud/compare-routes.ts';
import type { TargetedRoute } from '../../../cloud/routes.ts';
import { call, setUp, ways } from '../test-bed.ts';
import type { ObservedTable } from './observe.ts';

const clusterCIDRs = [parseCidr('10.244.0.0/16')!];

function difference(wanted: readonly TargetedRoute[], observed: ObservedTable) {
  return compareRoutes({ wanted, reserved: new Set(), clusterCIDRs }, observed.routes.values());
}

function targeted(node: string, machineID: string, cidr: string): TargetedRoute {
  const providerID = `memory:///memory-1a/${machineID}`;
  return { node, nodeUID: node, providerID, target: machineID, cidr, addresses: [] };
}

describe.each(ways)('routes over %s', (way) => {
  const table = 'route-table/rt-main';

  it('are made, moved and deleted in batches, those of others are left alone', async () => {
    await using bed = await setUp(way);
    const { routes, cloud } = bed;
    const facts = await routes.facts(call);
    expect(routes.tables(facts)).toEqual([table]);
    const machines = Array.from({ length: 250 }, (_, index) =>
      cloud.operator.launch({ name: `n${index}`, zone: 'memory-1a' }),
    );
    cloud.operator.plantRoute({ cidr: '192.168.7.0/24', instanceID: machines[0]!.id, tags: {} }, 'a person');
    cloud.operator.plantRoute({ cidr: '10.244.255.0/24', instanceID: machines[0]!.id, tags: {} }, 'a person');
    const desired = machines.map(({ id, name }, index) => targeted(name, id, `10.244.${index}.0/24`));
    const run = async (wanted: typeof desired) => {
      const observed = await routes.observe(table, facts, call);
      const plan = routes.plan(difference(wanted, observed), observed);
      let folded = observed;
      for (const operation of plan.operations) {
        const result = await routes.apply(operation, folded, call);
        expect(result).toEqual({ kind: 'done', outputs: {} });
        folded = routes.fold(folded, operation, {});
      }
      expect(await routes.observe(table, facts, call)).toEqual(folded);
      expect(difference(wanted, folded)).toMatchObject({ missing: [], wrong: [], unwanted: [] });
      return plan;
    };
    expect((await run(desired)).operations.map(({ verb }) => verb)).toEqual(['create', 'create', 'create']);
    expect((await run(desired)).operations).toEqual([]);
    const moved = [{ ...desired[0]!, target: desired[1]!.target }, ...desired.slice(2)];
    expect((await run(moved)).operations.map(({ verb }) => verb)).toEqual(['delete', 'update']);
    expect(cloud.snapshot().routes).toHaveLength(251);
    const taken = { ...desired[1]!, cidr: '10.244.255.0/24' };
    const observed = await routes.observe(table, facts, call);
    expect(difference([...moved, taken], observed)).toMatchObject({ missing: [], blocked: [{ wanted: taken }] });
    expect((await run([...moved, taken])).operations).toEqual([]);
    expect(cloud.foreignWrites).toEqual([]);
  });

  it('survive a lost answer without failing and without a second write of the same', async () => {
    await using bed = await setUp(way);
    const { routes, cloud } = bed;
    const { id } = cloud.operator.launch({ name: 'n1', zone: 'memory-1a' });
    const observed = await routes.observe(table, await routes.facts(call), call);
    const [create] = routes.plan(difference([targeted('n1', id, '10.244.1.0/24')], observed), observed).operations;
    cloud.faults.add({ effect: { kind: 'loseReply', how: 'reset' }, match: { kind: 'write' }, times: 1 });
    await expect(routes.apply(create!, observed, call)).rejects.toMatchObject({ code: 'Unavailable' });
    expect(await routes.apply(create!, observed, call)).toEqual({ kind: 'done', outputs: {} });
    expect(cloud.snapshot().routes).toHaveLength(1);
  });

  it('lead to machines of this cloud only', async () => {
    await using bed = await setUp(way);
    const route = targeted('n1', 'm-1', '10.244.1.0/24');
    const of = (providerID: string) => bed.routes.targetOf({ ...route, providerID }).kind;
    expect(['memory:///memory-1a/m-1', '', 'memory://x', 'edge://host/9'].map(of)).toEqual([
      'known',
      'unknown',
      'unknown',
      'foreign',
    ]);
  });
});
