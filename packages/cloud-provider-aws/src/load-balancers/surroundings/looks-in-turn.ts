import { type Clock, Duration, type ResourceKey } from '@ccm-ts/cloud-provider';

/** Nobody is looked at in turn who was looked at within that time. */
const rest = Duration.hours(12);
/** A pass takes one of so many: with a pass an hour, all have their turn before a day is over. */
const passes = 12;

/**
 * AWS lists only a part of what load balancers are. This says whose turn it is to be looked at whole: each comes once a day,
 * and few at a time, also when all were looked at together after a start.
 */
export class LooksInTurn {
  readonly #clock: Clock;
  /** When each group was read whole, in monotonic milliseconds. */
  readonly #lookedAt = new Map<ResourceKey, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The group is read whole now. */
  note(group: ResourceKey): void {
    this.#lookedAt.set(group, this.#clock.monotonic());
  }

  /**
   * To be called once a pass. Those that are not among the groups are forgotten; those that nobody has looked at were made a
   * moment ago, and have their turn as if they had been read.
   */
  take(groups: Iterable<ResourceKey>): ReadonlySet<ResourceKey> {
    const all = new Set(groups);
    for (const group of this.#lookedAt.keys()) if (!all.has(group)) this.#lookedAt.delete(group);
    const now = this.#clock.monotonic();
    for (const group of all) if (!this.#lookedAt.has(group)) this.#lookedAt.set(group, now);
    const latest = now - rest.milliseconds;
    const due = [...this.#lookedAt]
      .map(([group, at]) => ({ group, at }))
      .filter(({ at }) => at <= latest)
      .sort((left, right) => left.at - right.at);
    return new Set(due.slice(0, Math.ceil(all.size / passes)).map(({ group }) => group));
  }
}
