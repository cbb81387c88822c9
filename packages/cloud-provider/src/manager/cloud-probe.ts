import { exponentialBackoff } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import { Duration } from '../base/duration.ts';
import { CloudError } from '../cloud/cloud-error.ts';
import type { CloudProvider } from '../cloud/cloud-provider.ts';
import type { Logger } from '../telemetry/logger.ts';

export interface CloudProbeOptions {
  readonly provider: CloudProvider;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Told of every answer; undefined when the cloud is reachable with our credentials. */
  readonly onAnswer: (problem: string | undefined) => void;
}

/**
 * Asks the cloud until it has answered once. A cloud that is not reachable, or credentials that do not fit yet, are a state
 * to wait out, not a reason to end. Resolves when it has answered or the signal is aborted.
 */
export async function probeCloud(options: CloudProbeOptions): Promise<void> {
  const { provider, clock, logger, signal } = options;
  const backoff = exponentialBackoff({
    initial: Duration.seconds(1),
    max: Duration.minutes(1),
    jitter: 0.5,
    random: Math.random,
  });
  while (!signal.aborted) {
    try {
      await provider.probe({ signal, timeout: Duration.seconds(10), freshness: 'live', priority: 'initialize' });
      options.onAnswer(undefined);
      return;
    } catch (error) {
      if (signal.aborted) return;
      const wait = backoff.next();
      options.onAnswer(error instanceof Error ? error.message : String(error));
      logger.warn("The cloud can't be asked; will try again", {
        error,
        code: error instanceof CloudError ? error.code : 'Unknown',
        after: wait,
      });
      await clock.sleep(wait, signal).catch(() => undefined);
    }
  }
}
