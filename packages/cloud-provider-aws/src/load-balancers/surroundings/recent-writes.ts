import { type Clock, CloudError, Duration, type PlanNext } from '@ccm-ts/cloud-provider';

/** AWS tells no bound for how far reads lag behind writes; they are seconds, and this is several times what was ever seen. */
const lag = Duration.seconds(30);
/** How soon to look again while there is doubt. */
const lookAgain = Duration.seconds(5);

/** What reads that lag behind our own writes leave open. Absent where there is no doubt. */
export interface ReadDoubt {
  /** For so long it is no proof that something is missing: it was made a moment ago. */
  readonly absence?: Duration;
  /** For so long it is no proof that something is there: it was deleted a moment ago. */
  readonly presence?: Duration;
}

/** One object that is written. */
export interface WrittenObject {
  /** Whose it is: what is looked for together. */
  readonly owner: string;
  /** Its name among the owner's, known before it is made. */
  readonly name: string;
}

/**
 * Remembers for a while what was asked to be made and to be deleted. A sight ends no doubt about absence: the next read may be
 * answered by a replica that is further behind.
 */
export class RecentWrites {
  readonly #clock: Clock;
  /** By owner and name, when it was asked to be made. Monotonic milliseconds, as below. */
  readonly #made = new Map<string, Map<string, number>>();
  /** By id, when it was asked to be deleted. Ids are never used again. */
  readonly #deleted = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Sends a request that makes the object. Its answer may get lost, so it is noted before. */
  async make<Result>({ owner, name }: WrittenObject, send: () => Promise<Result>): Promise<Result> {
    this.#forgetOld();
    const made = this.#made.get(owner) ?? new Map<string, number>();
    this.#made.set(owner, made);
    const before = made.get(name);
    made.set(name, this.#clock.monotonic());
    try {
      return await send();
    } catch (error) {
      // What exists already is no less to be found than what was made.
      if (isRefusal(error, ['Throttled', 'Denied', 'Quota', 'Invalid', 'NotFound'])) restore(made, name, before);
      throw error;
    }
  }

  /** Sends a request that deletes the object. */
  async delete<Result>(object: WrittenObject, id: string, send: () => Promise<Result>): Promise<Result> {
    this.#forgetOld();
    const before = this.#deleted.get(id);
    this.#deleted.set(id, this.#clock.monotonic());
    try {
      const result = await send();
      this.#made.get(object.owner)?.delete(object.name);
      return result;
    } catch (error) {
      if (isRefusal(error, ['Throttled', 'Denied', 'Quota', 'Invalid', 'Conflict'])) restore(this.#deleted, id, before);
      throw error;
    }
  }

  /** @param seen the names and the ids of what was read of the owner's */
  doubtAbout(owner: string, seen: { readonly names: ReadonlySet<string>; readonly ids: Iterable<string> }): ReadDoubt {
    const made = [...(this.#made.get(owner) ?? [])].filter(([name]) => !seen.names.has(name)).map(([, at]) => at);
    const deleted = [...seen.ids].flatMap((id) => this.#deleted.get(id) ?? []);
    const now = this.#clock.monotonic();
    return { ...doubt('absence', made, now), ...doubt('presence', deleted, now) };
  }

  #forgetOld(): void {
    const oldest = this.#clock.monotonic() - lag.milliseconds;
    for (const [id, at] of this.#deleted) if (at <= oldest) this.#deleted.delete(id);
    for (const [owner, made] of this.#made) {
      for (const [name, at] of made) if (at <= oldest) made.delete(name);
      if (made.size === 0) this.#made.delete(owner);
    }
  }
}

/** The doubt that writes of these times leave. */
export function doubt(about: keyof ReadDoubt, times: readonly number[], now: number): ReadDoubt {
  const left = Math.max(0, ...times.map((at) => at + lag.milliseconds - now));
  return left > 0 ? { [about]: Duration.milliseconds(left) } : {};
}

/** Both doubts, each for as long as either leaves it. */
export function eitherDoubt(one: ReadDoubt, other: ReadDoubt): ReadDoubt {
  const longer = (about: keyof ReadDoubt): ReadDoubt => {
    const left = Math.max(one[about]?.milliseconds ?? 0, other[about]?.milliseconds ?? 0);
    return left > 0 ? { [about]: Duration.milliseconds(left) } : {};
  };
  return { ...longer('absence'), ...longer('presence') };
}

/** Look again while there is doubt; otherwise all is done. */
export function settledUnless(left: Duration | undefined, on: string): PlanNext {
  if (left === undefined) return { kind: 'converged' };
  return { kind: 'settling', on, after: left.min(lookAgain) };
}

function restore(times: Map<string, number>, key: string, before: number | undefined): void {
  if (before === undefined) times.delete(key);
  else times.set(key, before);
}

/** Whether AWS surely did nothing. */
function isRefusal(error: unknown, codes: readonly CloudError['code'][]): boolean {
  return error instanceof CloudError && codes.includes(error.code);
}
