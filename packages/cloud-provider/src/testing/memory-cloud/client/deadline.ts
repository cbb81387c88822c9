import type { Clock } from '../../../base/clock.ts';
import type { Duration } from '../../../base/duration.ts';

/** Runs work whose signal is aborted with the outer one, and after the timeout. */
export async function withDeadline<Result>(
  limits: { readonly signal: AbortSignal; readonly timeout: Duration; readonly clock: Clock },
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const late = new AbortController();
  const cancel = limits.clock.schedule(limits.timeout, () => {
    late.abort(new Error(`no answer within ${limits.timeout.toString()}`));
  });
  try {
    return await work(AbortSignal.any([limits.signal, late.signal]));
  } finally {
    cancel();
  }
}
