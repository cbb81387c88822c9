import { constants } from 'node:os';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The terminal, npm and the launcher may each pass on one and the same signal. */
const echoMilliseconds = 1000;

/** That somebody wants the program to end. */
export interface StopSignals extends Disposable {
  readonly signal: AbortSignal;
  /** The exit code that the signal stands for; 0 while there was none. */
  readonly exitCode: number;
}

/**
 * Listens to Ctrl-C and its kin. The first asks for a clean end, the second ends the process at once. Output that nobody
 * reads any more (`| head`, a terminal that was closed) asks for the end, too.
 */
export function listenForStop(): StopSignals {
  const stopping = new AbortController();
  let exitCode = 0;
  let stoppedAt = 0;
  const onSignal = (name: (typeof signals)[number]): void => {
    if (stopping.signal.aborted) {
      if (performance.now() - stoppedAt > echoMilliseconds) process.exit(exitCode);
      return;
    }
    stoppedAt = performance.now();
    exitCode = 128 + constants.signals[name];
    stopping.abort(new Error(`stopped by ${name}`));
  };
  const onOutputGone = (): void => {
    if (stopping.signal.aborted) return;
    exitCode = 128 + constants.signals.SIGPIPE;
    stopping.abort(new Error('nobody reads the output any more'));
  };
  for (const name of signals) process.on(name, onSignal);
  // Never taken off again: what is written on the way out must not end the process in disorder.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', onOutputGone);
  return {
    signal: stopping.signal,
    get exitCode() {
      return exitCode;
    },
    [Symbol.dispose]() {
      for (const name of signals) process.off(name, onSignal);
    },
  };
}
