import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { buildOnce } from '../kube-apiserver/build-cache.ts';
import { startProgram, startWatchdog } from '../kube-apiserver/child-process.ts';
import { freePorts } from '../kube-apiserver/free-ports.ts';
import { NotRunnableHere } from '../kube-apiserver/not-runnable.ts';

/**
 * moto, an emulator of AWS that others wrote, on loopback.
 *
 * It is a good judge of what is sent and of states after calls that succeed. It is none of what it does not do, and nothing of
 * that is asserted: it lets a target group or listener be made twice where AWS gives back the first, its targets are healthy
 * and gone at once, security groups in use can be deleted, and it never throttles and never lags.
 */
export interface Moto extends AsyncDisposable {
  readonly url: string;
}

const readyWithinSeconds = 60;

const programs: Readonly<Record<MotoKind, readonly string[]>> = {
  plain: ['-m', 'moto.server'],
  repaired: [join(import.meta.dirname, 'goldens/repaired_moto.py')],
  enforcing: [join(import.meta.dirname, 'scenarios/enforcing_moto.py')],
};

/** As it is, or with what AWS does beyond it as far as it could be added from outside, or with policies judged besides. */
export type MotoKind = 'plain' | 'repaired' | 'enforcing';

/** @throws NotRunnableHere when there is no Python 3 that makes virtual environments, or the emulator can't be installed. */
export async function startMoto(progress: (line: string) => void, kind: MotoKind = 'plain'): Promise<Moto> {
  const environment = await installMoto(progress);
  const folder = await mkdtemp(join(tmpdir(), 'ccm-ts-moto-'));
  const [port = 0] = await freePorts(1);
  const server = startProgram({
    // Not by its own script: that holds the path of the folder in which the environment was made.
    command: join(environment, 'bin', 'python'),
    args: [...programs[kind], '-H', '127.0.0.1', '-p', String(port)],
    logFile: join(folder, 'moto.log'),
  });
  const watchdog = startWatchdog([server.pid], folder);
  const dispose = async (): Promise<void> => {
    await server.stop();
    watchdog.dismiss();
    await rm(folder, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  try {
    const deadline = performance.now() + readyWithinSeconds * 1000;
    while (!(await answers(url))) {
      if (server.ended()) throw new Error(`moto did not start:\n${await server.lastWords()}`);
      if (performance.now() > deadline) throw new Error(`moto was not ready within ${readyWithinSeconds} s`);
      await sleep(100);
    }
    return { url, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function installMoto(progress: (line: string) => void): Promise<string> {
  const python = await findPython();
  const requirements = join(import.meta.dirname, 'requirements.txt');
  return await buildOnce({
    area: 'moto',
    name: 'moto',
    inputs: [await readFile(requirements, 'utf8'), python.version],
    progress,
    build: async (into) => {
      progress('installing moto (about a minute, the first time only)');
      await run(python.program, ['-m', 'venv', into], 'let python3 make virtual environments (package python3-venv)');
      const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements];
      await run(join(into, 'bin', 'python'), pip, 'give pip access to a package index');
    },
  });
}

async function findPython(): Promise<{ readonly program: string; readonly version: string }> {
  for (const program of ['python3', 'python']) {
    try {
      const { stdout } = await promisify(execFile)(program, ['--version']);
      const version = /^Python (3\.\d+)/.exec(stdout)?.[1];
      if (version !== undefined) return { program, version };
    } catch {
      // Not there: the next name.
    }
  }
  throw new NotRunnableHere('there is no Python 3', 'install python3 with its venv module');
}

async function run(program: string, args: readonly string[], remedy: string): Promise<void> {
  try {
    await promisify(execFile)(program, [...args]);
  } catch (error) {
    const words = error instanceof Error && 'stderr' in error ? String(error.stderr).trim().split('\n').at(-1) : '';
    throw new NotRunnableHere(`${program} ${args.slice(0, 2).join(' ')} failed: ${words}`, remedy);
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/moto-api/data.json`);
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
