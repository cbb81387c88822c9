import { itemBackoff } from '../../base/backoff.ts';
import { parseCidr } from '../../base/cidr.ts';
import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import type { CloudError, CloudErrorCode } from '../../cloud/cloud-error.ts';
import { defectIn } from '../../cloud/provider-defect.ts';
import type { RouteDifference, RouteOperation } from '../../cloud/routes.ts';

/** The longest that a route waits for its next try. */
export const longestPause = Duration.minutes(5);
/** The back-off of one route, and of a table that can't be read. */
const retry = { initial: Duration.seconds(1), max: longestPause };
/** The key of the table itself. */
const table = '';

interface Aside {
  readonly due: number;
  readonly code: CloudErrorCode;
}

/**
 * The routes of a table that failed, each with its own back-off: they hold up no others, and are not tried with each change of
 * a node.
 */
export class AsideRoutes {
  readonly #clock: Clock;
  readonly #backoff = itemBackoff<string>(retry);
  readonly #routes = new Map<string, Aside>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#routes.size;
  }

  /** When the first of them is to be tried again, by the monotonic clock; infinite when there is none. */
  get due(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { due } of this.#routes.values()) earliest = Math.min(earliest, due);
    return earliest;
  }

  /** Puts a write that failed aside. Returns for how long. */
  putAside(verb: RouteOperation['verb'], cidr: string, error: CloudError): Duration {
    const key = asideKey(verb, cidr);
    const after = this.#retryAfter(key, error);
    this.#routes.set(key, { due: this.#clock.monotonic() + after.milliseconds, code: error.code });
    return after;
  }

  /** Puts all of a difference aside that was not tried because the same obstacle would have met it. */
  putOff(
    difference: RouteDifference,
    done: ReadonlySet<string>,
    obstacle: { readonly after: Duration; readonly code: CloudErrorCode },
  ): void {
    const now = this.#clock.monotonic();
    for (const [verb, cidr] of writesOf(difference)) {
      const key = asideKey(verb, cidr);
      const isTried = done.has(canonical(cidr)) || now < (this.#routes.get(key)?.due ?? 0);
      if (!isTried) this.#routes.set(key, { due: now + obstacle.after.milliseconds, code: obstacle.code });
    }
  }

  /** How long to leave a table alone that could not be read or written. */
  retryTableAfter(error: CloudError): Duration {
    return this.#retryAfter(table, error);
  }

  /** What of the difference is to be tried now. */
  without(difference: RouteDifference): RouteDifference {
    if (this.#routes.size === 0) return difference;
    const now = this.#clock.monotonic();
    const isDue = (verb: RouteOperation['verb'], cidr: string): boolean =>
      now >= (this.#routes.get(asideKey(verb, cidr))?.due ?? 0);
    return {
      ...difference,
      missing: difference.missing.filter(({ cidr }) => isDue('create', cidr)),
      wrong: difference.wrong.filter(({ wanted }) => isDue('update', wanted.cidr)),
      unwanted: difference.unwanted.filter(({ cidr }) => isDue('delete', cidr)),
    };
  }

  /** A delete has made room in a table that was full. */
  retryWhatFoundNoRoom(): void {
    for (const [key, { code }] of this.#routes) if (code === 'Quota') this.#routes.delete(key);
  }

  /** The table was read, and what was aside and due was tried in a pass that failed in nothing. */
  forgetSettled(): void {
    const now = this.#clock.monotonic();
    for (const [key, { due }] of this.#routes) {
      if (now < due) continue;
      this.#routes.delete(key);
      this.#backoff.forget(key);
    }
  }

  /** The table was read and written. */
  forgetTable(): void {
    this.#backoff.forget(table);
  }

  #retryAfter(key: string, error: CloudError): Duration {
    const backoff = this.#backoff.next(key);
    // Nobody but a person can mend it; it is tried now and then, in case that somebody did.
    if (error.code === 'Denied' || defectIn(error)) return longestPause;
    return backoff.max(error.details.retryAfter ?? Duration.zero);
  }
}

/** One spelling of each range. */
export function canonical(cidr: string): string {
  return parseCidr(cidr)?.text ?? cidr;
}

function* writesOf(difference: RouteDifference): Iterable<readonly [RouteOperation['verb'], string]> {
  for (const { cidr } of difference.missing) yield ['create', cidr];
  for (const { wanted } of difference.wrong) yield ['update', wanted.cidr];
  for (const { cidr } of difference.unwanted) yield ['delete', cidr];
}

function asideKey(verb: RouteOperation['verb'], cidr: string): string {
  // A route that could not be created is in the way of nothing but its own creation, and so on.
  return `${verb === 'delete' ? 'delete' : 'write'} ${canonical(cidr)}`;
}
