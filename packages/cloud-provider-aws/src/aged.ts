import { type CallContext, type Clock, Duration, type Freshness } from '@ccm-ts/cloud-provider';

interface Reading<Value> {
  readonly value: Value;
  /** When the read was started: everything that happened later may be missing from the value. */
  readonly startedAt: number;
}

/** A reading that is under way. */
interface Flight<Value> {
  readonly startedAt: number;
  readonly reading: Promise<Reading<Value>>;
}

export interface AgedReadOptions<Value> {
  readonly clock: Clock;
  /** Asks the cloud. */
  readonly read: (call: CallContext) => Promise<Value>;
}

/**
 * One answer of the cloud that many ask for, kept with its age. Whoever accepts an older answer gets it; whoever does not
 * shares a read that starts after it asked. So a hundred Services that want to know the same at the same time cost two reads
 * at most: the one under way, which may be older than their question, and one more.
 */
export class AgedRead<Value> {
  readonly #clock: Clock;
  readonly #read: (call: CallContext) => Promise<Value>;
  #last: Reading<Value> | undefined;
  #current: Flight<Value> | undefined;
  #queued: Promise<Reading<Value>> | undefined;

  constructor(options: AgedReadOptions<Value>) {
    this.#clock = options.clock;
    this.#read = options.read;
  }

  /**
   * @param freshness how old the answer may be; `live` asks for a read that starts now or later
   */
  async get(freshness: Freshness, call: CallContext): Promise<Value> {
    const maxAge = freshness === 'live' ? Duration.zero : freshness.maxAge;
    const oldest = this.#clock.monotonic() - maxAge.milliseconds;
    if (freshness !== 'live' && this.#last !== undefined && this.#last.startedAt >= oldest) return this.#last.value;
    if (freshness !== 'live' && this.#current !== undefined && this.#current.startedAt >= oldest) {
      return (await this.#join(this.#current.reading, call)).value;
    }
    if (this.#current === undefined) return (await this.#join(this.#start(call), call)).value;
    this.#queued ??= this.#current.reading.then(
      () => this.#startQueued(call),
      () => this.#startQueued(call),
    );
    return (await this.#join(this.#queued, call)).value;
  }

  /** Forgets the answer: the next question is asked of the cloud. */
  forget(): void {
    this.#last = undefined;
  }

  #startQueued(call: CallContext): Promise<Reading<Value>> {
    this.#queued = undefined;
    return this.#start(call);
  }

  #start(call: CallContext): Promise<Reading<Value>> {
    const startedAt = this.#clock.monotonic();
    const reading = this.#read(call).then(
      (value) => {
        const done = { value, startedAt };
        this.#last = done;
        this.#current = undefined;
        return done;
      },
      (error: unknown) => {
        this.#current = undefined;
        throw error;
      },
    );
    this.#current = { startedAt, reading };
    return reading;
  }

  /**
   * The read belongs to whoever started it. When that caller gives up, those who shared it ask for themselves instead of
   * failing with it.
   */
  async #join(reading: Promise<Reading<Value>>, call: CallContext): Promise<Reading<Value>> {
    try {
      return await reading;
    } catch (error) {
      if (call.signal.aborted) throw error;
      const current = this.#current;
      if (current !== undefined && current.reading !== reading) return current.reading;
      throw error;
    }
  }
}
