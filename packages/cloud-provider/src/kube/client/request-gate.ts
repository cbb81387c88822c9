import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import { Semaphore } from '../../base/semaphore.ts';
import { TokenBucket } from '../../base/token-bucket.ts';

export interface RequestGateOptions {
  readonly clock: Clock;
  /** Requests at once, watches not counted. */
  readonly maxInFlight: number;
  /** Requests a second; undefined or 0 for no such cap. */
  readonly qps?: number | undefined;
  /** @default qps, at least 1 */
  readonly burst?: number | undefined;
}

/** Decides when a request may start: by how many are under way, and by rate when a cap was set. */
export class RequestGate {
  readonly #clock: Clock;
  readonly #maxInFlight: number;
  readonly #inFlight: Semaphore;
  readonly #bucket: TokenBucket | undefined;

  constructor(options: RequestGateOptions) {
    this.#clock = options.clock;
    this.#maxInFlight = options.maxInFlight;
    this.#inFlight = new Semaphore(options.maxInFlight);
    const qps = options.qps ?? 0;
    if (qps > 0) {
      const burst = Math.max(1, options.burst ?? Math.ceil(qps));
      this.#bucket = new TokenBucket({ rate: qps, burst, clock: options.clock });
    }
  }

  get hasRateCap(): boolean {
    return this.#bucket !== undefined;
  }

  /** Whether a request may start without waiting. */
  get isFree(): boolean {
    return this.#bucket === undefined && this.#inFlight.waiting === 0 && this.#inFlight.held < this.#maxInFlight;
  }

  /** Takes a place; the returned function gives it back. Rejects with the signal's reason. */
  async enter(signal?: AbortSignal): Promise<() => void> {
    const leave = await this.#inFlight.acquire(signal);
    try {
      await this.spend(signal);
    } catch (error) {
      leave();
      throw error;
    }
    return leave;
  }

  /** Waits for the rate cap alone: for watches, and for repeated attempts of a request that has its place. */
  async spend(signal?: AbortSignal): Promise<void> {
    if (this.#bucket === undefined) return;
    while (!this.#bucket.tryTake()) {
      await this.#clock.sleep(this.#bucket.untilNext().max(Duration.milliseconds(1)), signal);
    }
  }
}
