import { spawn } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A program that runs beside the tests and is stopped by its process id. */
export interface RunningProgram extends AsyncDisposable {
  readonly pid: number;
  /** Set once it has ended. */
  readonly ended: () => boolean;
  /** The last lines that it wrote. */
  readonly lastWords: () => Promise<string>;
  /** SIGTERM, and SIGKILL when that does not help within ten seconds; returns when the process is gone. */
  readonly stop: () => Promise<void>;
}

export interface ProgramStart {
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
  /** @default the environment of this process */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Starts a program in a process group of its own, so that Ctrl-C at the terminal reaches this process first and it can stop
 * the program in order.
 */
export function startProgram(start: ProgramStart): RunningProgram {
  const log = openSync(start.logFile, 'a');
  const child = spawn(start.command, [...start.args], {
    detached: true,
    stdio: ['ignore', log, log],
    ...(start.env ? { env: start.env } : {}),
  });
  closeSync(log);
  child.unref();
  let isOver = false;
  const over = new Promise<void>((resolve) => {
    const finish = (): void => {
      isOver = true;
      resolve();
    };
    child.once('exit', finish);
    child.once('error', finish);
  });
  const stop = async (): Promise<void> => {
    if (isOver) return;
    child.kill('SIGTERM');
    const patience = new AbortController();
    const impatient = sleep(10_000, undefined, { signal: patience.signal }).then(
      () => child.kill('SIGKILL'),
      () => false,
    );
    await over;
    patience.abort();
    await impatient;
  };
  return {
    pid: child.pid ?? 0,
    ended: () => isOver,
    lastWords: async () => (await readFile(start.logFile, 'utf8')).trim().split('\n').slice(-8).join('\n'),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Ends what a killed test process would leave behind. */
export interface Watchdog {
  /** Call when everything was stopped in order. */
  readonly dismiss: () => void;
}

/**
 * A shell that waits on a pipe from this process. When this process dies in whatever way, the pipe closes, and the shell
 * kills the given processes and removes the folder, if there is one.
 */
export function startWatchdog(pids: readonly number[], folder = ''): Watchdog {
  const script =
    'if read -r answer; then exit 0; fi; folder=$1; shift; for pid; do kill -9 "$pid"; done; [ -z "$folder" ] || rm -rf "$folder"';
  const child = spawn('sh', ['-c', script, 'watchdog', folder, ...pids.map(String)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  child.once('error', () => undefined);
  child.stdin.once('error', () => undefined);
  if (child.stdin instanceof Socket) child.stdin.unref();
  return { dismiss: () => void child.stdin.end('done\n') };
}
