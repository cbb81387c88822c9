import { Duration } from '../../base/duration.ts';
import type { ResourceKey } from '../../cloud/operation.ts';
import { handsIn } from '../acts.ts';
import { balancersOf, problemOfService } from '../checks.ts';
import type { CaseDraft } from '../conformance-case.ts';
import { demand, offered } from '../conformance-failure.ts';
import { answerTo, call, kindOf, memberOf } from '../direct-questions.ts';
import { nodes } from '../settled.ts';
import type { Stage } from '../stage.ts';
import type { KindSubject, Machine, ServiceIdentity } from '../subject.ts';

/** Where lists show a part only, some are left out each time: with one an hour all have had their turn within so many. */
const surveys = 25;

/** The slow look for drift, of kinds that tell by lists what is as it was. */
export const surveyCases: readonly CaseDraft[] = [
  {
    group: 'survey',
    name: 'what is as it was costs no read of its own',
    claims: ['tcp'],
    per: 'kind',
    async run(stage, kind) {
      const machines = await nodes(stage, 1);
      const ask = await listingOf(stage, kind);
      const [first] = await several(stage, kind, { names: ['a'], machines });
      const one = await ask(await observedOf(stage, kind, first ? [first] : []));
      const others = await several(stage, kind, { names: ['b', 'c', 'd', 'e'], machines });
      const all = await observedOf(stage, kind, first ? [first, ...others] : others);
      const seen = new Set<ResourceKey>();
      for (let survey = 0; survey < surveys; survey++) {
        const every = await ask(all);
        for (const key of every.unchanged) seen.add(key);
        demand(
          every.reads > one.reads ? `one took ${one.reads} reads, and ${all.size} took ${every.reads}` : undefined,
        );
      }
      demand(...[...all.keys()].map((key) => (seen.has(key) ? undefined : `${key} is never said to be as it was`)));
    },
  },
  {
    group: 'survey',
    name: 'what somebody altered is looked at by itself',
    claims: ['tcp'],
    per: 'kind',
    async run(stage, kind) {
      const machines = await nodes(stage, 1);
      const ask = await listingOf(stage, kind);
      const [web] = await several(stage, kind, { names: ['web'], machines });
      if (!web) return;
      const [balancer] = await balancersOf(stage, web);
      const hasBackends = balancer?.listeners.some(({ backends }) => backends !== 'unknown');
      const yard = hasBackends === true ? stage.world.loadBalancers : undefined;
      const empty = offered(yard?.emptyBackends?.bind(yard), 'load balancers that are tampered with');
      const observed = await observedOf(stage, kind, [web]);
      await empty(web);
      // The manager surveys too, and what it suspects it sees to.
      const isBack = async (): Promise<boolean> => (await problemOfService(stage, web, { machines })) === undefined;
      let isSuspected = false;
      for (let survey = 0; survey < surveys && !isSuspected; survey++) {
        isSuspected = (await ask(observed)).unchanged.size === 0 || (await isBack());
        if (!isSuspected) await stage.rest(Duration.hours(1));
      }
      demand(isSuspected ? undefined : `in ${surveys} surveys it was never suspected`);
    },
  },
];

async function several(
  stage: Stage,
  kind: KindSubject,
  wanted: { readonly names: readonly string[]; readonly machines: readonly Machine[] },
): Promise<readonly ServiceIdentity[]> {
  const made = wanted.names.map((name) => handsIn(stage).createService({ name, kind }));
  for (const one of made) {
    await stage.until('all are served', () => problemOfService(stage, one, { machines: wanted.machines }));
  }
  await stage.rest(Duration.minutes(1));
  return made;
}

async function observedOf(
  stage: Stage,
  kind: KindSubject,
  services: readonly ServiceIdentity[],
): Promise<ReadonlyMap<ResourceKey, unknown>> {
  const own = kindOf(stage, kind);
  const observed = new Map<ResourceKey, unknown>();
  for (const { uid, ...name } of services) {
    const member = await memberOf(stage, { uid, ...name });
    observed.set(`service/${uid}`, await answerTo(stage, () => own.observe(`service/${uid}`, [member], call)));
  }
  return observed;
}

type Listing = (
  groups: ReadonlyMap<ResourceKey, unknown>,
) => Promise<{ readonly unchanged: ReadonlySet<ResourceKey>; readonly reads: number }>;

async function listingOf(stage: Stage, kind: KindSubject): Promise<Listing> {
  const own = kindOf(stage, kind);
  const listUnchanged = offered(own.listUnchanged?.bind(own), 'lists that tell what is as it was');
  return async (groups) => {
    // So that no survey has to wait, and nothing else of the manager falls into it.
    await stage.rest(Duration.minutes(1));
    const { calls } = stage.main.tap;
    const before = calls.length;
    const unchanged = await answerTo(stage, () => listUnchanged(groups, call));
    return { unchanged, reads: calls.length - before };
  };
}
