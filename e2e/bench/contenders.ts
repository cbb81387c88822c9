import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { Agent, request } from 'undici';
import type { Access } from '../kube-apiserver/kubeconfig.ts';
import { startWatchdog } from '../kube-apiserver/child-process.ts';
import { freePorts } from '../kube-apiserver/free-ports.ts';
import { processUsage, type ProcessUsage } from './process-usage.ts';
import { cloudsimVariable } from './sim-provider/sim-cloud-provider.ts';

/** Who is compared: our manager, and the Go framework's with its defaults and as an expert would set it up. */
export const contenderNames = ['ours', 'go', 'goTuned'] as const;
export type ContenderName = (typeof contenderNames)[number];

export type ControllerSet = 'nodes' | 'nodes and services';

const controllerFlag: Readonly<Record<ControllerSet, string>> = {
  nodes: '--controllers=cloud-node-controller',
  'nodes and services': '--controllers=cloud-node-controller,service-lb-controller',
};

/** What turns the Go framework's defaults into the best that it can do here. */
const tuning = [
  '--concurrent-node-syncs=30',
  '--concurrent-node-status-updates=30',
  '--concurrent-service-syncs=30',
  '--kube-api-qps=200',
  '--kube-api-burst=300',
  '--cloudsim-batch',
];

export interface Programs {
  /** Our manager's bundle. */
  readonly ours: string;
  /** The Go framework's manager. */
  readonly go: string;
}

export interface ManagerStart {
  readonly kubeconfig: string;
  readonly access: Access;
  readonly cloudUrl: string;
  readonly controllers: ControllerSet;
}

/** How a manager was when its caches were filled. */
export interface Synced {
  /** Since the start of the process. */
  readonly seconds: number;
  readonly cpuSeconds: number;
}

export interface RunningManager extends AsyncDisposable {
  readonly synced: Promise<Synced>;
  /** Rejects when the process ends by itself; never resolves. */
  readonly failed: Promise<never>;
  readonly usage: () => ProcessUsage;
  /** In milliseconds; undefined where there is no event loop. */
  readonly eventLoopDelay: () => Promise<{ readonly p99: number; readonly max: number } | undefined>;
}

const syncWithinSeconds = 120;

/** Starts a manager without leader election. Disposing kills it, because what it would do at its end is not measured. */
export async function startManager(
  name: ContenderName,
  programs: Programs,
  start: ManagerStart,
): Promise<RunningManager> {
  const [port = 0] = await freePorts(1);
  const flags = [
    '--cloud-provider=sim',
    `--kubeconfig=${start.kubeconfig}`,
    `--authentication-kubeconfig=${start.kubeconfig}`,
    `--authorization-kubeconfig=${start.kubeconfig}`,
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    controllerFlag[start.controllers],
    '-v=2',
  ];
  const startedAt = performance.now();
  const child = spawnManager(name, programs, { flags, cloudUrl: start.cloudUrl });
  const synced = untilSynced(name, child, { startedAt, controllers: start.controllers });
  const watchdog = startWatchdog([pidOf(child)]);
  const failed = new Promise<never>((_, reject) => {
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
  });
  failed.catch(() => undefined);
  // It is awaited by those who want to know; a process that is killed early is no fault.
  synced.catch(() => undefined);
  return {
    synced,
    failed,
    usage: () => processUsage(pidOf(child)),
    eventLoopDelay: async () => (name === 'ours' ? await eventLoopDelay(port, start.access) : undefined),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      }
      watchdog.dismiss();
    },
  };
}

/** Those of the executables' first line. */
const nodeFlags = ['--max-semi-space-size=1'];
/** As the images set it; the compile cache is what they are filled with, too. */
const imageEnvironment = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
};

function spawnManager(
  name: ContenderName,
  programs: Programs,
  options: { flags: string[]; cloudUrl: string },
): ChildProcess {
  const stdio = ['ignore', 'ignore', 'pipe'] as ['ignore', 'ignore', 'pipe'];
  switch (name) {
    case 'ours':
      return spawn(process.execPath, [...nodeFlags, programs.ours, ...options.flags], {
        stdio,
        env: {
          ...process.env,
          ...imageEnvironment,
          [cloudsimVariable]: options.cloudUrl,
          NODE_COMPILE_CACHE: join(dirname(programs.ours), 'compile-cache'),
        },
      });
    case 'go':
    case 'goTuned': {
      const tuned = name === 'goTuned' ? tuning : [];
      return spawn(programs.go, [...options.flags, `--cloudsim-url=${options.cloudUrl}`, ...tuned], { stdio });
    }
  }
}

/** Reads the log until it says that every cache is filled. */
async function untilSynced(
  name: ContenderName,
  child: ChildProcess,
  options: { startedAt: number; controllers: ControllerSet },
): Promise<Synced> {
  const goMarks = ['type="*v1.Node"', ...(options.controllers === 'nodes' ? [] : ['type="*v1.Service"'])];
  const awaited = name === 'ours' ? ['The caches are filled'] : goMarks.map((mark) => `"Caches populated" ${mark}`);
  const missing = new Set(awaited);
  const { promise, resolve, reject } = Promise.withResolvers<Synced>();
  let log = '';
  const timer = setTimeout(
    () => reject(new Error(`${name} had not filled its caches after ${syncWithinSeconds} s:\n${log.slice(-2000)}`)),
    syncWithinSeconds * 1000,
  );
  child.once('error', reject);
  child.once('exit', (code) => reject(new Error(`${name} ended with ${code}:\n${log.slice(-2000)}`)));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    // After the caches are filled the log is read on, so that the process never waits for its reader, and thrown away.
    if (missing.size === 0) return;
    log += text;
    for (const mark of missing) if (log.includes(mark)) missing.delete(mark);
    if (missing.size > 0) return;
    const seconds = (performance.now() - options.startedAt) / 1000;
    resolve({ seconds, cpuSeconds: processUsage(pidOf(child)).cpuSeconds });
  });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('the manager could not be started');
  return child.pid;
}

async function eventLoopDelay(port: number, access: Access): Promise<{ p99: number; max: number }> {
  const agent = new Agent({ connect: { rejectUnauthorized: false } });
  try {
    const response = await request(`https://127.0.0.1:${port}/statusz`, {
      dispatcher: agent,
      headers: { accept: 'application/json', authorization: `Bearer ${access.token ?? ''}` },
    });
    const text = await response.body.text();
    if (response.statusCode !== 200) throw new Error(`/statusz answered ${response.statusCode}: ${text}`);
    const status = JSON.parse(text) as { process: { eventLoopDelay: { p99: string; max: string } } };
    const { p99, max } = status.process.eventLoopDelay;
    return { p99: milliseconds(p99), max: milliseconds(max) };
  } finally {
    await agent.close();
  }
}

function milliseconds(duration: string): number {
  const match = duration.match(/^([\d.]+)(ms|s)$/);
  if (duration === '0s') return 0;
  if (!match) throw new Error(`${duration} is not a duration that an event loop should have`);
  return Number(match[1]) * (match[2] === 's' ? 1000 : 1);
}
