import { onAbort } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { ControllerLife } from '../controller.ts';
import type { WatchedNodes } from './watched-nodes.ts';

/** Changes that come quickly one after the other share a pass. */
const leastPause = Duration.seconds(1);

export interface PassRhythmOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly watched: WatchedNodes;
  /** All that need a look get one so long after the last such pass. */
  readonly period: Duration;
}

/** Says when passes over nodes are due: at once for a node that changed, and regularly for all that need a look. */
export class PassRhythm {
  readonly #options: PassRhythmOptions;
  #wake: () => void = () => undefined;

  constructor(options: PassRhythmOptions) {
    this.#options = options;
  }

  /** Puts a node into the next pass, which is due now. */
  want(name: string): void {
    this.#options.watched.want(name);
    this.#wake();
  }

  /** Pass after pass until told to stop. A pass that fails is logged, and the next one comes in its time. */
  async run(life: ControllerLife, pass: (names: readonly string[]) => Promise<void>): Promise<void> {
    const { clock, logger, period, watched } = this.#options;
    const pause = leastPause.min(period);
    let allDueAt = clock.monotonic();
    while (!life.stopping.aborted) {
      const isForAll = clock.monotonic() >= allDueAt;
      if (isForAll) watched.wantAll();
      const names = watched.take();
      try {
        await pass(names);
      } catch (error) {
        // Work that was told to stop has not failed.
        if (!life.aborting.aborted) logger.error('A pass over the nodes failed, will retry', { err: error });
      }
      if (isForAll) allDueAt = clock.monotonic() + period.milliseconds;
      if (names.length > 0) await this.#sleep(pause, life.stopping);
      await this.#untilDue(allDueAt, life.stopping);
    }
  }

  /** Waits until a node wants a look, or all do. */
  async #untilDue(allDueAt: number, stopping: AbortSignal): Promise<void> {
    const { clock, watched } = this.#options;
    if (watched.due > 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const cancel = clock.schedule(Duration.milliseconds(allDueAt - clock.monotonic()), resolve);
    const stopListening = onAbort(stopping, () => resolve());
    await promise;
    cancel();
    stopListening();
  }

  async #sleep(duration: Duration, stopping: AbortSignal): Promise<void> {
    try {
      await this.#options.clock.sleep(duration, stopping);
    } catch (error) {
      if (!stopping.aborted) throw error;
    }
  }
}
