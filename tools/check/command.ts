import { spawn } from 'node:child_process';
import { dirname, delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** A program to run to its end. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Added to this process's environment. @default nothing */
  readonly environment?: Readonly<Record<string, string>>;
  /** Takes every line of both streams as it comes. */
  readonly log: (line: string) => void;
  /** Ends the program and everything that it started. */
  readonly signal: AbortSignal;
}

/** How a program ended. */
export interface CommandResult {
  /** As a shell would give it: 128 and more for a signal. */
  readonly exitCode: number;
  readonly stdoutLines: readonly string[];
}

const graceMilliseconds = 10_000;

/**
 * Runs a program without a terminal and without input. The workspace's own programs are found first, and its Node.
 * @throws Error when it cannot be started.
 */
export async function runCommand(command: Command): Promise<CommandResult> {
  command.signal.throwIfAborted();
  const child = spawn(command.program, command.args, {
    cwd: command.cwd,
    env: { ...process.env, ...command.environment, PATH: searchPath(command.cwd) },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: ending it ends what it started, too.
    detached: true,
  });
  const stdoutLines: string[] = [];
  const streams = [
    readLines(child.stdout, (line) => {
      stdoutLines.push(line);
      command.log(line);
    }),
    readLines(child.stderr, command.log),
  ];
  const end = (): void => endGroup(child.pid);
  command.signal.addEventListener('abort', end, { once: true });
  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => resolve(code ?? 128));
    });
    await Promise.all(streams);
    return { exitCode, stdoutLines };
  } finally {
    command.signal.removeEventListener('abort', end);
  }
}

async function readLines(stream: Readable, take: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) take(line);
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  signalGroup(pid, 'SIGTERM');
  setTimeout(() => signalGroup(pid, 'SIGKILL'), graceMilliseconds).unref();
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // It ended by itself in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function searchPath(cwd: string): string {
  const workspacePrograms = join(cwd, 'node_modules', '.bin');
  return [workspacePrograms, dirname(process.execPath), process.env.PATH ?? ''].join(delimiter);
}
