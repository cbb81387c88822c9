import { Duration } from '../../base/duration.ts';
import { type PortDraft, handsIn } from '../acts.ts';
import { balancersOf, compareAccounts, problemOfGoneService, problemOfService } from '../checks.ts';
import type { CaseDraft } from '../conformance-case.ts';
import { ConformanceFailure, demand } from '../conformance-failure.ts';
import { wasWarned } from '../direct-questions.ts';
import { nodes } from '../settled.ts';
import type { Stage } from '../stage.ts';
import type { KindSubject, Machine, ServiceIdentity, SharingSubject } from '../subject.ts';

const names = ['web', 'api', 'admin'] as const;

/** Services that share a load balancer are served as if each had its own, and are no burden to each other. */
export const groupCases: readonly CaseDraft[] = [
  {
    group: 'groups',
    name: 'Services of one group have one load balancer, and each its own ports there',
    claims: ['tcp', 'shared'],
    per: 'kind',
    shows: 'shared',
    async run(stage, kind) {
      const machines = await nodes(stage, 2);
      const group = await gathered(stage, kind, machines);
      demand(await problemOfUnity(stage, group));
    },
  },
  {
    group: 'groups',
    name: 'what changes of all members at once is written as one',
    claims: ['tcp', 'shared'],
    per: 'kind',
    async run(stage, kind) {
      const machines = await nodes(stage, 1);
      const group = await gathered(stage, kind, machines);
      await stage.rest(Duration.minutes(1));
      const forOne = await countWrites(stage, async () => {
        setPorts(stage, group.slice(0, 1), 1000);
        await allServed(stage, group, machines);
      });
      await stage.rest(Duration.minutes(1));
      await stage.main.stop();
      const forAll = await countWrites(stage, async () => {
        setPorts(stage, group, 2000);
        await allServed(stage, group, machines);
      });
      demand(forAll > forOne ? `${names.length} members took ${forAll} writes, and one took ${forOne}` : undefined);
    },
  },
  {
    group: 'groups',
    name: 'one that goes leaves the others untouched',
    claims: ['tcp', 'shared'],
    per: 'kind',
    async run(stage, kind) {
      const machines = await nodes(stage, 1);
      const [gone, ...others] = await gathered(stage, kind, machines);
      if (!gone) return;
      const before = await balancersOf(stage, gone);
      const areWhole = async (): Promise<string | undefined> =>
        (await problemOfAll(stage, others, machines)) ?? (await problemOfUnity(stage, others, before[0]?.id));
      handsIn(stage).deleteService(gone);
      await stage.holds('the others are whole', Duration.minutes(10), areWhole);
      await stage.until('one is gone', () => problemOfGoneService(stage, gone));
      demand(await areWhole());
    },
  },
  {
    group: 'groups',
    name: 'a member that is refused keeps what it has, and keeps nobody up',
    claims: ['tcp', 'shared'],
    per: 'kind',
    async run(stage, kind) {
      const hands = handsIn(stage);
      const machines = await nodes(stage, 1);
      const { refused } = sharingOf(kind);
      const [bad, ...others] = await gathered(stage, kind, machines);
      if (!bad) return;
      const had = JSON.stringify(await balancersOf(stage, bad));
      const keeps = async (): Promise<string | undefined> => {
        const has = JSON.stringify(await balancersOf(stage, bad));
        return has === had ? undefined : `the refused one has ${has}, not ${had}`;
      };
      await stage.main.stop();
      hands.patchService(bad, { metadata: { annotations: refused } });
      setPorts(stage, [bad], 1000);
      setPorts(stage, others, 1000);
      await stage.until('it is told', () => (wasWarned(stage, bad) ? undefined : 'there is no Event'));
      await allServed(stage, others, machines);
      await stage.holds('it keeps what it has', Duration.minutes(10), keeps);
      const none = Object.fromEntries(Object.keys(refused).map((key) => [key, null]));
      hands.patchService(bad, { metadata: { annotations: none } });
      await allServed(stage, [bad, ...others], machines);
    },
  },
  {
    group: 'groups',
    name: 'the last one that goes takes it along, whoever runs then',
    claims: ['tcp', 'shared'],
    per: 'kind',
    async run(stage, kind) {
      const hands = handsIn(stage);
      const machines = await nodes(stage, 1);
      const before = await stage.world.account();
      const [first, ...others] = await gathered(stage, kind, machines);
      if (!first) return;
      hands.deleteService(first);
      await stage.until('one is gone', () => problemOfGoneService(stage, first));
      await stage.main.stop();
      for (const one of others) hands.deleteService(one);
      for (const one of others) await stage.until('all are gone', () => problemOfGoneService(stage, one));
      await stage.until('nothing is left', async () => compareAccounts(before, await stage.world.account())[0]);
    },
  },
  {
    group: 'groups',
    name: 'a member that leaves for one of its own leaves nothing, though the manager dies with each write',
    claims: ['tcp', 'shared'],
    per: 'kind',
    async run(stage, kind) {
      const hands = handsIn(stage);
      const machines = await nodes(stage, 1);
      const before = await stage.world.account();
      const struck = new Set<string>();
      const die = (): void => {
        struck.clear();
        stage.main.tap.strike = ({ kind: what, operation }) => {
          if (what === 'read' || struck.has(operation)) return undefined;
          struck.add(operation);
          return 'death';
        };
      };
      die();
      const group = await gathered(stage, kind, machines);
      const [leaving, ...others] = group;
      if (!leaving) return;
      die();
      const keys = Object.keys(sharingOf(kind).annotations('together'));
      hands.patchService(leaving, { metadata: { annotations: Object.fromEntries(keys.map((key) => [key, null])) } });
      await stage.until('it has its own', async () => {
        const [own, rest] = [await balancersOf(stage, leaving), await problemOfUnity(stage, others)];
        const [common] = others[0] ? await balancersOf(stage, others[0]) : [];
        return rest ?? (own[0]?.id === common?.id ? 'it is where it was' : undefined);
      });
      await allServed(stage, group, machines);
      die();
      for (const one of group) hands.deleteService(one);
      for (const one of group) await stage.until('all are gone', () => problemOfGoneService(stage, one));
      await stage.until('nothing is left', async () => compareAccounts(before, await stage.world.account())[0]);
    },
  },
];

function sharingOf(kind: KindSubject): SharingSubject {
  if (!kind.sharing) throw new ConformanceFailure('nothing says how Services ask to share one');
  return kind.sharing;
}

function portsOf(number: number, base = 80): readonly PortDraft[] {
  return [{ name: 'http', port: base + number }];
}

/** Three Services of one group that are served. */
async function gathered(
  stage: Stage,
  kind: KindSubject,
  machines: readonly Machine[],
): Promise<readonly ServiceIdentity[]> {
  const annotations = sharingOf(kind).annotations('together');
  const hands = handsIn(stage);
  const group = names.map((name, number) => hands.createService({ name, kind, annotations, ports: portsOf(number) }));
  await allServed(stage, group, machines);
  return group;
}

function setPorts(stage: Stage, group: readonly ServiceIdentity[], base: number): void {
  for (const one of group) {
    const number = names.findIndex((name) => name === one.name);
    handsIn(stage).patchService(one, { spec: { ports: [...portsOf(number, base)] } });
  }
}

async function allServed(stage: Stage, group: readonly ServiceIdentity[], machines: readonly Machine[]): Promise<void> {
  await stage.until('all are served', () => problemOfAll(stage, group, machines));
}

async function problemOfAll(
  stage: Stage,
  group: readonly ServiceIdentity[],
  machines: readonly Machine[],
): Promise<string | undefined> {
  for (const one of group) {
    const problem = await problemOfService(stage, one, { machines });
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Whether all are on one load balancer. @param wanted its id @default any */
async function problemOfUnity(
  stage: Stage,
  group: readonly ServiceIdentity[],
  wanted?: string,
): Promise<string | undefined> {
  const views = await Promise.all(group.map((one) => balancersOf(stage, one)));
  const ids = [...new Set(views.flatMap((balancers) => balancers.map(({ id }) => id)))];
  if (ids.length !== 1) return `they have ${ids.join() || 'no load balancer'}, not one`;
  return wanted === undefined || ids[0] === wanted ? undefined : `they have ${ids[0] ?? ''}, and had ${wanted}`;
}

async function countWrites(stage: Stage, deed: () => Promise<void>): Promise<number> {
  const { calls } = stage.main.tap;
  const before = calls.length;
  await deed();
  return calls.slice(before).filter(({ kind }) => kind === 'write').length;
}
