import { Duration } from '../../base/duration.ts';
import { handsIn } from '../acts.ts';
import { balancersOf, compareAccounts, problemOfService } from '../checks.ts';
import type { CaseDraft } from '../conformance-case.ts';
import { demand, offered } from '../conformance-failure.ts';
import { nodes, served } from '../settled.ts';
import type { Stage } from '../stage.ts';
import type { AccountObject, KindSubject, Machine, ServiceIdentity } from '../subject.ts';

/** Longer than it takes to suspect something, to see it again, and for both to come an hour later than they could. */
const sweepTime = Duration.hours(4);

/** What has lost its Service while no manager looked: it is told of, and goes when that is asked for. */
export const sweepCases: readonly CaseDraft[] = [
  {
    group: 'inventory',
    name: 'what has lost its Service is told of, and stays as long as nobody asks for its deletion',
    claims: ['tcp'],
    per: 'kind',
    async run(stage, kind) {
      const { left, web } = await abandoned(stage, kind);
      await stage.main.start();
      await stage.until('it is told of', () => (isTold(stage, 'OrphanFound') ? undefined : 'no Event'), sweepTime);
      await stage.rest(sweepTime);
      demand(
        ...compareAccounts(left, await stage.world.account()),
        (await balancersOf(stage, web)).length === 0 ? 'it was deleted' : undefined,
      );
    },
  },
  {
    group: 'inventory',
    name: 'what has lost its Service goes when its deletion is asked for, and nothing else does',
    claims: ['tcp'],
    per: 'kind',
    async run(stage, kind) {
      const { before, left, machines, stays, web } = await abandoned(stage, kind);
      stage.main.orphanPolicy = 'delete';
      await stage.main.start();
      const isGone = async (): Promise<string | undefined> =>
        (await balancersOf(stage, web)).length > 0 ? 'it is still there' : undefined;
      await stage.until('it is deleted', isGone, sweepTime);
      await stage.rest(sweepTime);
      const now = await stage.world.account();
      demand(
        isTold(stage, 'OrphanDeleted') ? undefined : 'nobody was told',
        ...compareAccounts([...before, ...residueOf(stage, { before, left, now })], now),
        await problemOfService(stage, stays, { machines }),
      );
    },
  },
];

interface Abandoned {
  /** Served like the other one, and still there. */
  readonly stays: ServiceIdentity;
  /** Gone without anybody waiting for the cloud. */
  readonly web: ServiceIdentity;
  readonly machines: readonly Machine[];
  /** The account without what was made for the one that is gone, and with it. */
  readonly before: readonly AccountObject[];
  readonly left: readonly AccountObject[];
}

/** Two Services are served; while no manager runs, one goes with its finalizer taken away by hand. */
async function abandoned(stage: Stage, kind: KindSubject): Promise<Abandoned> {
  offered(stage.main.provider.inventory, 'an inventory of the provider');
  const hands = handsIn(stage);
  const machines = await nodes(stage, 1);
  const stays = await served(stage, { name: 'stays', kind }, { machines });
  await stage.rest(Duration.minutes(1));
  const before = await stage.world.account();
  const web = await served(stage, { name: 'web', kind }, { machines });
  await stage.rest(Duration.minutes(1));
  await stage.main.stop();
  hands.patchService(web, { metadata: { finalizers: null } });
  hands.deleteService(web);
  demand(hands.service(web) ? 'the Service can not be taken away' : undefined);
  return { stays, web, machines, before, left: await stage.world.account() };
}

/**
 * What was made for the Service and could not be deleted, as somebody was told; and what it has in objects that it shares, as
 * long as that was not touched: whom else it serves the sweep can't know.
 */
function residueOf(
  stage: Stage,
  accounts: Pick<Abandoned, 'before' | 'left'> & { readonly now: readonly AccountObject[] },
): readonly AccountObject[] {
  const { before, left, now } = accounts;
  const known = new Set(before.map(keyOf));
  return now.filter((object) => {
    const isUntouched = left.some((one) => keyOf(one) === keyOf(object) && one.content === object.content);
    return isUntouched && (known.has(keyOf(object)) || isTold(stage, 'OrphanNotDeleted', object.id));
  });
}

function keyOf({ kind, id }: AccountObject): string {
  return `${kind} ${id}`;
}

function isTold(stage: Stage, reason: string, id = ''): boolean {
  const events = stage.main.server.store.list('events').map((event) => JSON.stringify(event));
  return events.some((text) => text.includes(`"${reason}"`) && text.includes(id));
}
