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

/** A cloud that is never full and takes its time, for what needs thousands of calls. */
export const patientCloud: CloudSettings = { latencyMilliseconds: 10, callsPerSecond: 1e6, burst: 1e6 };

export interface CallCounts {
  readonly accepted: number;
  readonly rejected: number;
}

export interface CallTotals {
  readonly instances: number;
  readonly loadBalancers: number;
}

export interface RunningCloud extends AsyncDisposable {
  readonly url: string;
  /** By kind of call. */
  readonly calls: () => Promise<Readonly<Record<string, CallCounts>>>;
  /** Accepted calls for instances, and for load balancers. */
  readonly totals: () => Promise<CallTotals>;
  /** How many load balancers have exactly these nodes. */
  readonly behind: (nodes: readonly string[]) => Promise<number>;
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
  const calls = async (): Promise<Record<string, CallCounts>> => {
    const response = await fetch(`${url}/stats`);
    return ((await response.json()) as { calls: Record<string, CallCounts> }).calls;
  };
  return {
    url,
    calls,
    totals: async () => {
      const totals = { instances: 0, loadBalancers: 0 };
      for (const [kind, { accepted }] of Object.entries(await calls())) {
        totals[kind === 'DescribeInstances' ? 'instances' : 'loadBalancers'] += accepted;
      }
      return totals;
    },
    behind: async (nodes) => {
      const response = await fetch(`${url}/behind`, { method: 'POST', body: JSON.stringify(nodes) });
      return ((await response.json()) as { loadBalancers: number }).loadBalancers;
    },
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      watchdog.dismiss();
    },
  };
}
