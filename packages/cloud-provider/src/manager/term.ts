import type { Clock } from '../base/clock.ts';
import { Duration } from '../base/duration.ts';

/** The work under one lock. */
export interface Term {
  /** Whether there is nothing to wait for when the manager stops. */
  readonly isIdle: () => boolean;
  readonly work: (aborting: AbortSignal) => Promise<void>;
}

/** When a term is to end. */
export interface TermEnd {
  /** Aborted when the manager is told to stop: nothing new is begun then. */
  readonly stopping: AbortSignal;
  readonly clock: Clock;
}

/** How long work under way may go on when the manager is stopped; a pod has 30 s in all. */
const drainDeadline = Duration.seconds(10);

/**
 * Does the work of a term as `lead` lets it. What `lead` is given as the end of draining is aborted when the work has ended
 * after the manager was told to stop, at the latest when the deadline for that has passed.
 */
export async function runTerm(
  term: Term,
  end: TermEnd,
  lead: (work: (aborting: AbortSignal) => Promise<void>, endOfDraining: AbortSignal) => Promise<void>,
): Promise<void> {
  const drained = new AbortController();
  const work = async (aborting: AbortSignal): Promise<void> => {
    try {
      await term.work(aborting);
    } finally {
      drained.abort(new DOMException('the controllers have ended', 'AbortError'));
    }
  };
  await lead(work, endOfDraining(term, drained.signal, end));
}

function endOfDraining({ isIdle }: Term, drained: AbortSignal, { stopping, clock }: TermEnd): AbortSignal {
  const end = new AbortController();
  const finish = (): void => end.abort(stopping.reason);
  const begin = (): void => {
    if (isIdle() || drained.aborted) finish();
    else {
      drained.addEventListener('abort', finish, { once: true });
      clock.schedule(drainDeadline, finish);
    }
  };
  if (stopping.aborted) begin();
  else stopping.addEventListener('abort', begin, { once: true });
  return end.signal;
}
