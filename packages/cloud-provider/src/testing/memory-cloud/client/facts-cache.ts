import type { Clock } from '../../../base/clock.ts';
import type { Duration } from '../../../base/duration.ts';
import type { CallContext } from '../../../cloud/call-context.ts';

/**
 * Keeps one answer of the cloud for a stated time. A call that wants it fresher gets it fresher; calls that arrive while a
 * request is under way share its answer, unless they demand a live one.
 */
export class FactsCache<Facts> {
  readonly #clock: Clock;
  readonly #maxAge: Duration;
  readonly #read: (call: CallContext) => Promise<Facts>;
  #kept: { readonly facts: Facts; readonly readAt: number } | undefined;
  #underWay: Promise<Facts> | undefined;

  constructor(options: {
    readonly clock: Clock;
    readonly maxAge: Duration;
    readonly read: (call: CallContext) => Promise<Facts>;
  }) {
    this.#clock = options.clock;
    this.#maxAge = options.maxAge;
    this.#read = options.read;
  }

  async get(call: CallContext): Promise<Facts> {
    if (call.freshness === 'live') return this.#refresh(call);
    const oldest = this.#clock.monotonic() - call.freshness.maxAge.min(this.#maxAge).milliseconds;
    if (this.#kept && this.#kept.readAt >= oldest) return this.#kept.facts;
    // The caller who asks may give up without the others having to; they ask again for themselves then.
    return this.#underWay?.catch(() => this.#refresh(call)) ?? this.#shared(call);
  }

  async #shared(call: CallContext): Promise<Facts> {
    this.#underWay = this.#refresh(call);
    try {
      return await this.#underWay;
    } finally {
      this.#underWay = undefined;
    }
  }

  async #refresh(call: CallContext): Promise<Facts> {
    const readAt = this.#clock.monotonic();
    const facts = await this.#read(call);
    this.#kept = { facts, readAt };
    return facts;
  }
}
