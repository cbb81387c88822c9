import { Duration } from '../../base/duration.ts';
import { handsIn } from '../acts.ts';
import { compareAccounts, foreignRanges, problemOfRoutes } from '../checks.ts';
import type { CaseDraft } from '../conformance-case.ts';
import { demand, offered } from '../conformance-failure.ts';
import { nodes } from '../settled.ts';

/** The pods of each node can be reached through the cloud's network. */
export const routeCases: readonly CaseDraft[] = [
  {
    group: 'routes',
    name: 'the pods of every node have a route, and the node says so',
    claims: ['routes', 'instances'],
    shows: 'routes',
    async run(stage) {
      const machines = await nodes(stage, 3);
      await stage.until('there are routes', () => problemOfRoutes(stage, machines));
    },
  },
  {
    group: 'routes',
    name: 'the route of a node that is gone goes, and no other',
    claims: ['routes', 'instances'],
    async run(stage) {
      const hands = handsIn(stage);
      const [gone, ...rest] = await nodes(stage, 3);
      if (!gone) return;
      await stage.until('there are routes', () => problemOfRoutes(stage, [gone, ...rest]));
      await stage.rest(Duration.minutes(3));
      await stage.world.machines.terminate(gone);
      hands.fallSilent(gone.nodeName);
      await stage.until('the node is deleted', () => hands.node(gone.nodeName) && 'the node is still there');
      await stage.until('its route is gone', () => problemOfRoutes(stage, rest));
    },
  },
  {
    group: 'routes',
    name: 'routes of others are left alone',
    claims: ['routes', 'instances'],
    async run(stage) {
      const yard = offered(stage.world.routes, 'routes');
      for (const range of foreignRanges) await yard.plantForeign(range);
      const before = await stage.world.account();
      const machines = await nodes(stage, 2);
      await stage.until('there are routes', () => problemOfRoutes(stage, machines));
      for (const { nodeName } of machines) stage.main.server.store.delete('nodes', nodeName);
      await stage.until('they are gone again', async () => compareAccounts(before, await stage.world.account())[0]);
    },
  },
  {
    group: 'routes',
    name: 'a route that somebody took away comes back',
    claims: ['routes', 'instances'],
    async run(stage) {
      const machines = await nodes(stage, 2);
      const [first] = machines;
      const range = first && handsIn(stage).node(first.nodeName)?.spec.podCIDR;
      await offered(stage.world.routes, 'routes').lose(range ?? '');
      await stage.until('it is back', () => problemOfRoutes(stage, machines), Duration.hours(2));
    },
  },
  {
    group: 'routes',
    name: 'a route that somebody made lead elsewhere is corrected',
    claims: ['routes', 'instances'],
    async run(stage) {
      const yard = offered(stage.world.routes, 'routes');
      const machines = await nodes(stage, 2);
      const [first] = machines;
      const range = first && handsIn(stage).node(first.nodeName)?.spec.podCIDR;
      const elsewhere = await stage.world.machines.launch();
      await offered(yard.mislead?.bind(yard), 'routes that are tampered with')(range ?? '', elsewhere);
      await stage.until('it leads there again', () => problemOfRoutes(stage, machines), Duration.hours(2));
    },
  },
  {
    group: 'routes',
    name: 'nothing is written while nothing changes',
    claims: ['routes', 'instances'],
    async run(stage) {
      const machines = await nodes(stage, 2);
      await stage.until('there are routes', () => problemOfRoutes(stage, machines));
      await stage.rest(Duration.minutes(1));
      const before = stage.main.tap.calls.length;
      await stage.rest(Duration.hours(1));
      const writes = stage.main.tap.calls.slice(before).filter(({ kind }) => kind === 'write');
      demand(writes.length > 0 ? `${writes.length} writes, the first is ${writes[0]?.operation ?? ''}` : undefined);
    },
  },
];
