import { adoptAnnotation, protectAnnotation } from '../../api/well-known.ts';
import { Duration } from '../../base/duration.ts';
import { type Hands, handsIn } from '../acts.ts';
import { balancersOf, compareAccounts, problemOfGoneService, problemOfService } from '../checks.ts';
import type { CaseDraft } from '../conformance-case.ts';
import { demand, offered } from '../conformance-failure.ts';
import { wasWarned } from '../direct-questions.ts';
import { nodes, served } from '../settled.ts';
import type { Stage } from '../stage.ts';
import type { ServiceIdentity } from '../subject.ts';

/** What people say of single load balancers by annotation: which must stay, and which are to be taken over. */
export const directiveCases: readonly CaseDraft[] = [
  {
    group: 'ownership',
    name: 'a protected Service that is deleted keeps its load balancer until it is let go of',
    claims: ['tcp'],
    per: 'kind',
    async run(stage, kind) {
      const hands = handsIn(stage);
      const machines = await nodes(stage, 1);
      const before = await stage.world.account();
      const annotations = { [protectAnnotation]: 'true' };
      const web = await served(stage, { name: 'web', kind, annotations }, { machines });
      const isKept = await keptPlace(stage, web);
      hands.deleteService(web);
      await stage.holds('it stays', Duration.minutes(30), isKept);
      demand(
        hands.service(web) ? undefined : 'the Service is gone',
        wasWarned(stage, web) ? undefined : 'nobody was told',
      );
      hands.patchService(web, { metadata: { annotations: { [protectAnnotation]: 'false' } } });
      await stage.until('it is gone', () => problemOfGoneService(stage, web));
      await stage.until('nothing is left', async () => compareAccounts(before, await stage.world.account())[0]);
    },
  },
  {
    group: 'ownership',
    name: 'a protected Service keeps its address, though it asks for what takes another load balancer',
    claims: ['tcp', 'internal'],
    per: 'kind',
    async run(stage, kind) {
      const hands = handsIn(stage);
      const internal = offered(kind.internalAnnotations, 'annotations for internal load balancers');
      const machines = await nodes(stage, 1);
      const annotations = { [protectAnnotation]: 'true' };
      const web = await served(stage, { name: 'web', kind, annotations }, { machines });
      const isKept = await keptPlace(stage, web);
      hands.patchService(web, { metadata: { annotations: internal } });
      await stage.holds('it stays', Duration.minutes(30), isKept);
      const none = Object.fromEntries(Object.keys(internal).map((key) => [key, null]));
      hands.patchService(web, { metadata: { annotations: none } });
      await stage.until('all is as it was', () => problemOfService(stage, web, { machines }));
      demand(await isKept());
    },
  },
  {
    group: 'ownership',
    name: 'an object whose owner nothing tells is taken over when the Service names it, and not before',
    claims: ['tcp'],
    per: 'kind',
    async run(stage, kind) {
      const yard = stage.world.loadBalancers;
      const plant = offered(yard?.plantUnproven?.bind(yard), 'objects whose owner nothing tells');
      const hands = handsIn(stage);
      const machines = await nodes(stage, 1);
      const web = hands.createService({ name: 'web', kind, spec: { type: 'ClusterIP' } });
      const id = await plant(kind.name, web);
      offered(id === 'noNames' ? undefined : id, 'names that are taken');
      await untouched(stage, hands, { web, named: 'another' });
      hands.patchService(web, { metadata: { annotations: { [adoptAnnotation]: id } } });
      await stage.until('it is taken over', () => problemOfService(stage, web, { machines }));
      const [balancer] = await balancersOf(stage, web);
      demand(balancer?.id === id ? undefined : `it has ${balancer?.id ?? 'none'}, not ${id}`);
    },
  },
  {
    group: 'ownership',
    name: 'an object of another cluster is not taken over, though the Service names it',
    claims: ['tcp'],
    per: 'kind',
    async run(stage, kind) {
      const yard = stage.world.loadBalancers;
      const plant = offered(yard?.plantNamesake?.bind(yard), 'names that are taken');
      const hands = handsIn(stage);
      await nodes(stage, 1);
      const before = new Set((await stage.world.account()).map(({ id }) => id));
      const web = hands.createService({ name: 'web', kind, spec: { type: 'ClusterIP' } });
      const planted = await plant(kind.name, web, 'another-cluster');
      offered(planted === 'noNames' ? undefined : 'planted', 'names that are taken');
      const ids = (await stage.world.account()).map(({ id }) => id).filter((id) => !before.has(id));
      await untouched(stage, hands, { web, named: ids.join() });
    },
  },
];

/** Whoever wants a load balancer by that annotation leaves everything that is there as it is, and is told. */
async function untouched(
  stage: Stage,
  hands: Hands,
  { web, named }: { readonly web: ServiceIdentity; readonly named: string },
): Promise<void> {
  const before = await stage.world.account();
  hands.patchService(web, {
    metadata: { annotations: { [adoptAnnotation]: named } },
    spec: { type: 'LoadBalancer' },
  });
  await stage.until('it is told', () => (wasWarned(stage, web) ? undefined : 'there is no Event'));
  await stage.holds('hands off', Duration.minutes(30), async () =>
    compareAccounts(before, await stage.world.account()).find((difference) => !difference.endsWith('is left over')),
  );
}

/** Says whether the Service's load balancer is another one by now, or gone. */
async function keptPlace(stage: Stage, web: ServiceIdentity): Promise<() => Promise<string | undefined>> {
  const kept = placeOf(await balancersOf(stage, web));
  return async () => {
    const now = placeOf(await balancersOf(stage, web));
    return now === kept ? undefined : `it is ${now || 'gone'}, and was ${kept}`;
  };
}

function placeOf(balancers: readonly { readonly id: string; readonly address: string }[]): string {
  return balancers.map(({ id, address }) => `${id} at ${address}`).join();
}
