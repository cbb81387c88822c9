import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Where a manager is to find its world. */
export interface ManagerData {
  /** What it calls itself. */
  readonly identity: string;
  /** URL of the API server. */
  readonly apiServer: string;
  /** URL of the cloud. */
  readonly cloud: string;
}

/** A manager that runs beside this thread. */
export interface ManagerBody {
  /** Ends it at once, without a word. Resolves when nothing of it is left. */
  kill(): Promise<void>;
  /** Resolves when nothing of it is left, also when it ended by itself. */
  readonly ended: Promise<unknown>;
}

/** Starts a manager. */
export type Incarnate = (data: ManagerData) => ManagerBody;

const nodeFlags = ['--conditions=@ccm-ts/source', '--disable-warning=ExperimentalWarning'];

/** A thread that is terminated. */
export function inThread(data: ManagerData): ManagerBody {
  const worker = new Worker(new URL('./thread-manager.ts', import.meta.url), { workerData: data, execArgv: nodeFlags });
  return {
    async kill() {
      await worker.terminate();
    },
    ended: once(worker, 'exit'),
  };
}

/**
 * A process, ended by SIGKILL.
 *
 * @param program `process-manager.ts`, or the file that it was bundled to
 */
export function asProcess(program: string): Incarnate {
  return ({ apiServer, cloud }) => {
    const child = spawn(process.execPath, [...nodeFlags, program, apiServer, cloud], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    return {
      async kill() {
        child.kill('SIGKILL');
        await ended;
      },
      ended,
    };
  };
}
