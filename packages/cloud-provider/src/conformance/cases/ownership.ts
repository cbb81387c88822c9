import { Duration } from '../../base/duration.ts';
import { handsIn } from '../acts.ts';
import { compareAccounts, problemOfGoneService, problemOfService } from '../checks.ts';
import type { CaseDraft } from '../conformance-case.ts';
import { demand, offered } from '../conformance-failure.ts';
import { nodes, served } from '../settled.ts';

/** What belongs to others is not touched, whatever it is called. */
export const ownershipCases: readonly CaseDraft[] = [
  {
    group: 'ownership',
    name: 'what is made carries the stamp of the cluster',
    claims: ['tcp'],
    per: 'kind',
    async run(stage, kind) {
      const machines = await nodes(stage, 1);
      const before = new Set((await stage.world.account()).map(({ kind: what, id }) => `${what} ${id}`));
      await served(stage, { name: 'web', kind }, { machines });
      const made = (await stage.world.account()).filter(({ kind: what, id }) => !before.has(`${what} ${id}`));
      demand(
        made.length === 0 ? 'nothing was made' : undefined,
        ...made.map(({ kind: what, id, stamp }) =>
          stamp === stage.main.uid || stamp === 'untaggable'
            ? undefined
            : `${what} ${id} carries ${stamp || 'no stamp'}`,
        ),
      );
    },
  },
  {
    group: 'ownership',
    name: 'an object of another cluster under the name that is wanted is not touched, and the Service is told',
    claims: ['tcp'],
    per: 'kind',
    async run(stage, kind) {
      const yard = stage.world.loadBalancers;
      const plant = offered(yard?.plantNamesake?.bind(yard), 'names that are taken');
      const hands = handsIn(stage);
      await nodes(stage, 1);
      const web = hands.createService({ name: 'web', kind, spec: { type: 'ClusterIP' } });
      const planted = await plant(kind.name, web, 'another-cluster');
      offered(planted === 'noNames' ? undefined : 'planted', 'names that are taken');
      const before = await stage.world.account();
      hands.patchService(web, { spec: { type: 'LoadBalancer' } });
      await stage.until('it is told', () => {
        const { store } = stage.main.server;
        const events = store.list('events').map((event) => JSON.stringify(event));
        return events.some((text) => text.includes('Warning') && text.includes(web.uid))
          ? undefined
          : 'there is no Event';
      });
      const isForeignWhole = async (): Promise<string | undefined> =>
        compareAccounts(before, await stage.world.account()).find(
          // What is the Service's own may be there meanwhile.
          (difference) => !difference.endsWith('is left over'),
        );
      await stage.holds('hands off', Duration.minutes(30), isForeignWhole);
      hands.deleteService(web);
      await stage.until('the Service is gone', () => hands.service(web) && 'it is still there');
      await stage.until('all is as it was', async () => compareAccounts(before, await stage.world.account())[0]);
    },
  },
  {
    group: 'ownership',
    name: 'two clusters of the same name share an account without touching what is the other one’s',
    claims: ['tcp', 'instances'],
    per: 'kind',
    async run(stage, kind) {
      const machines = await nodes(stage, 1);
      const other = await stage.addCluster();
      const otherHands = handsIn(stage, other);
      const foreign = await otherHands.join();
      await stage.until('the other cluster has its node', () =>
        (otherHands.node(foreign.nodeName)?.spec.providerID ?? '') === '' ? 'it is not initialised' : undefined,
      );
      const theirs = otherHands.createService({ name: 'web', kind });
      const isTheirsWhole = (): Promise<string | undefined> =>
        problemOfService(stage, theirs, { machines: [foreign] }, other);
      await stage.until('the other is served', isTheirsWhole);
      // Their routes come by themselves.
      await stage.rest(Duration.minutes(2));
      const before = await stage.world.account();
      const ours = await served(stage, { name: 'web', kind }, { machines });
      demand(await isTheirsWhole());
      handsIn(stage).deleteService(ours);
      await stage.until('ours is gone', () => problemOfGoneService(stage, ours));
      await stage.until('theirs is as it was', async () => compareAccounts(before, await stage.world.account())[0]);
      demand(await isTheirsWhole());
    },
  },
  {
    group: 'ownership',
    name: 'a load balancer of a kind that the Service no longer wants goes before the next one comes',
    claims: ['tcp'],
    async run(stage) {
      const [from, to] = stage.subject.loadBalancers;
      const kinds = { from: offered(from, 'a kind'), to: offered(to, 'a second kind') };
      const hands = handsIn(stage);
      const machines = await nodes(stage, 1);
      const before = await stage.world.account();
      const web = await served(stage, { name: 'web', kind: kinds.from }, { machines });
      const none = Object.fromEntries(Object.keys(kinds.from.annotations).map((key) => [key, null]));
      hands.patchService(web, { metadata: { annotations: { ...none, ...kinds.to.annotations } } });
      await stage.rest(Duration.minutes(2));
      await stage.until('the other kind serves', () => problemOfService(stage, web, { machines }));
      hands.deleteService(web);
      await stage.until('it is gone', () => problemOfGoneService(stage, web));
      await stage.until('nothing is left', async () => compareAccounts(before, await stage.world.account())[0]);
    },
  },
];
