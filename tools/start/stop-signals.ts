import { constants } from 'node:os';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** That somebody wants the program to end. */
export interface StopSignals extends Disposable {
  readonly signal: AbortSignal;
  /** The exit code that the signal stands for; 0 while there was none. */
  readonly exitCode: number;
}

/** Listens to Ctrl-C and its kin. The first asks for a clean end, the second ends the process at once. */
export function listenForStop(): StopSignals {
  const stopping = new AbortController();
  let exitCode = 0;
  const onSignal = (name: (typeof signals)[number]): void => {
    if (stopping.signal.aborted) process.exit(exitCode);
    exitCode = 128 + constants.signals[name];
    stopping.abort(new Error(`stopped by ${name}`));
  };
  for (const name of signals) process.on(name, onSignal);
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
