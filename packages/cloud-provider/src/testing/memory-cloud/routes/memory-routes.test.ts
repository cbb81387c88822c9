import { describe, expect, it } from '@jest/globals';
import { call, setUp, ways } from '../test-bed.ts';

describe.each(ways)('routes over %s', (way) => {
  const table = 'route-table/rt-main';
  const ranges = ['10.244.0.0/16'];

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
    const desired = machines.map(({ id, name }, index) => ({
      node: name,
      providerID: `memory:///memory-1a/${id}`,
      cidr: `10.244.${index}.0/24`,
      addresses: [],
    }));
    const run = async (wanted: typeof desired) => {
      const observed = await routes.observe(table, facts, call);
      const plan = routes.plan(wanted, observed, ranges);
      let folded = observed;
      for (const operation of plan.operations) {
        const result = await routes.apply(operation, folded, call);
        expect(result).toEqual({ kind: 'done', outputs: {} });
        folded = routes.fold(folded, operation, {});
      }
      expect(await routes.observe(table, facts, call)).toEqual(folded);
      return plan;
    };
    expect((await run(desired)).operations.map(({ verb }) => verb)).toEqual(['create', 'create', 'create']);
    expect((await run(desired)).operations).toEqual([]);
    const moved = [{ ...desired[0]!, providerID: desired[1]!.providerID }, ...desired.slice(2)];
    expect((await run(moved)).operations.map(({ verb }) => verb)).toEqual(['delete', 'update']);
    expect(cloud.snapshot().routes).toHaveLength(251);
    const taken = { ...desired[0]!, cidr: '10.244.255.0/24', providerID: desired[1]!.providerID };
    const observed = await routes.observe(table, facts, call);
    expect(routes.plan([...moved, taken], observed, ranges)).toMatchObject({
      operations: [],
      next: { kind: 'blocked' },
    });
    expect(cloud.foreignWrites).toEqual([]);
  });

  it('survive a lost answer without failing and without a second write of the same', async () => {
    await using bed = await setUp(way);
    const { routes, cloud } = bed;
    const { id } = cloud.operator.launch({ name: 'n1', zone: 'memory-1a' });
    const desired = [{ node: 'n1', providerID: `memory:///memory-1a/${id}`, cidr: '10.244.1.0/24', addresses: [] }];
    const observed = await routes.observe(table, await routes.facts(call), call);
    const [create] = routes.plan(desired, observed, ranges).operations;
    cloud.faults.add({ effect: { kind: 'loseReply', how: 'reset' }, match: { kind: 'write' }, times: 1 });
    await expect(routes.apply(create!, observed, call)).rejects.toMatchObject({ code: 'Unavailable' });
    expect(await routes.apply(create!, observed, call)).toEqual({ kind: 'done', outputs: {} });
    expect(cloud.snapshot().routes).toHaveLength(1);
  });
});
