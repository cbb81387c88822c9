import { type CallContext, type Clock, type Duration } from '@ccm-ts/cloud-provider';
import type { Ec2Port, Instance } from '../client/ec2-port.ts';

/** The most values that EC2 takes in one filter. */
export const valuesPerFilter = 200;

interface Seen {
  readonly instance: Instance;
  /** Monotonic milliseconds. */
  readonly at: number;
}

/**
 * The instances as EC2 last showed them to anybody, so that loops that need little of them do not read them again. Never a
 * proof of absence.
 */
export class KnownInstances {
  readonly #ec2: Ec2Port;
  readonly #clock: Clock;
  readonly #seen = new Map<string, Seen>();

  constructor(options: { readonly ec2: Ec2Port; readonly clock: Clock }) {
    this.#ec2 = options.ec2;
    this.#clock = options.clock;
  }

  /** Remembers what was read just now. Terminated instances are forgotten: they never come back. */
  note(instances: Iterable<Instance>): void {
    const at = this.#clock.monotonic();
    for (const instance of instances) {
      if (instance.state === 'terminated') this.#seen.delete(instance.id);
      else this.#seen.set(instance.id, { instance, at });
    }
  }

  /**
   * The instances of these ids, none seen longer ago than `maxAge`; those that EC2 did not show are missing. One request for
   * 200 that are not known well enough, none when all are.
   */
  async read(ids: Iterable<string>, maxAge: Duration, call: CallContext): Promise<ReadonlyMap<string, Instance>> {
    const oldest = this.#clock.monotonic() - maxAge.milliseconds;
    const wanted = new Set(ids);
    const stale = [...wanted].filter((id) => (this.#seen.get(id)?.at ?? Number.NEGATIVE_INFINITY) < oldest);
    for (let start = 0; start < stale.length; start += valuesPerFilter) {
      const values = stale.slice(start, start + valuesPerFilter);
      for (const id of values) this.#seen.delete(id);
      this.note((await this.#ec2.findInstances({ by: 'id', values }, call)).value);
    }
    const known = new Map<string, Instance>();
    for (const id of wanted) {
      const seen = this.#seen.get(id);
      if (seen !== undefined) known.set(id, seen.instance);
    }
    return known;
  }
}
