import type { Clock } from '../../base/clock.ts';
import type { ControllerStatus, ItemStatus } from '../controller.ts';
import { type OrphanRegister, type OrphanState, type Suspect, describeClaim } from './orphan-register.ts';

/** Most in need of attention first. */
const order: readonly OrphanState[] = ['stuck', 'orphan', 'deleting', 'suspected'];

/** The words of the other controllers for where an object is. */
const words: Readonly<Record<OrphanState, string>> = {
  stuck: 'failed',
  orphan: 'orphan',
  deleting: 'deleting',
  suspected: 'waiting',
};

export interface OrphanStatusInput {
  readonly register: OrphanRegister;
  readonly clock: Clock;
  /** What keeps kinds from being listed. */
  readonly unlisted: ReadonlyMap<string, string>;
  readonly facts: ControllerStatus['facts'];
}

/** What the controller shows of itself. */
export function orphanStatus({ clock, facts, register, unlisted }: OrphanStatusInput): ControllerStatus {
  const items = register
    .all()
    .toSorted((left, right) => order.indexOf(left.state) - order.indexOf(right.state) || compare(left, right))
    .map((suspect) => itemStatus(suspect, clock));
  const failures = [...unlisted].map(([kind, why]) => [`unlisted ${kind}`, why] as const);
  return { queues: [], items, facts: { ...facts, ...Object.fromEntries(failures) } };
}

function itemStatus(suspect: Suspect, clock: Clock): ItemStatus {
  const { dueAt, item, kind, message, plan, reason, since, state } = suspect;
  const left = dueAt - clock.monotonic();
  return {
    kind,
    key: item.name,
    state: words[state],
    reason,
    message: message === '' ? `${describeClaim(item.claim)} is not in the cluster` : message,
    since,
    nextAttempt: Number.isFinite(left) ? new Date(clock.now().getTime() + left).toISOString() : '',
    plan,
  };
}

function compare(left: Suspect, right: Suspect): number {
  return left.item.name < right.item.name ? -1 : 1;
}
