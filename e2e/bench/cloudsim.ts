import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startWatchdog } from '../kube-apiserver/child-process.ts';

/** How the simulated cloud behaves. */
export interface CloudSettings {
  readonly latencyMilliseconds: number;
  readonly callsPerSecond: number;
  readonly burst: number;
}

/** The cloud of the initialisation benchmark: 50 ms a call, 20 calls a second, 100 at once. */
export const budgetedCloud: CloudSettings = { latencyMilliseconds: 50, callsPerSecond: 20, burst: 100 };

/** A cloud that keeps nobody waiting, for what is not about the cloud. */
export const boundlessCloud: CloudSettings = { latencyMilliseconds: 0, callsPerSecond: 1e6, burst: 1e6 };

export interface CallCounts {
  readonly accepted: number;
  readonly rejected: number;
}

export interface RunningCloud extends AsyncDisposable {
  readonly url: string;
  /** By kind of call. */
  readonly calls: () => Promise<Readonly<Record<string, CallCounts>>>;
}

/** Starts a cloud of its own for one run. */
export async function startCloudsim(program: string, settings: CloudSettings): Promise<RunningCloud> {
  const child = spawn(
    program,
    [
      `-latency=${settings.latencyMilliseconds}ms`,
      `-calls-per-second=${settings.callsPerSecond}`,
      `-burst=${settings.burst}`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const watchdog = startWatchdog(child.pid === undefined ? [] : [child.pid]);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const url = line.toString().trim();
  return {
    url,
    calls: async () => {
      const response = await fetch(`${url}/stats`);
      return ((await response.json()) as { calls: Record<string, CallCounts> }).calls;
    },
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      watchdog.dismiss();
    },
  };
}
