import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { boundlessCloud, startCloudsim } from '../../bench/cloudsim.ts';
import { cloudsimVariable } from '../../bench/sim-provider/sim-cloud-provider.ts';
import { type RunningProgram, startProgram, startWatchdog } from '../../kube-apiserver/child-process.ts';
import { freePorts } from '../../kube-apiserver/free-ports.ts';
import type { TakeoverPrograms } from '../../takeover/variables.ts';
import { ask } from './ask.ts';

/** The Go framework's manager, and ours. */
export type ContenderName = 'go' | 'ours';

/** A manager that serves. */
export interface Contender {
  readonly name: ContenderName;
  readonly port: number;
}

/** Both managers, started with the same flags, on one API server and one simulated cloud. */
export interface Contenders extends AsyncDisposable {
  readonly go: Contender;
  readonly ours: Contender;
}

export interface ContendersOptions {
  readonly programs: TakeoverPrograms;
  /** A file. */
  readonly kubeconfig: string;
  /** For both. */
  readonly flags: readonly string[];
}

const readyWithinSeconds = 90;

/** Starts both, each with a lease of its own, and waits until they lead and their health is good. */
export async function startContenders(options: ContendersOptions): Promise<Contenders> {
  await using disposal = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'ccm-ts-side-by-side-'));
  disposal.defer(() => rm(folder, { recursive: true, force: true }));
  const cloud = disposal.use(await startCloudsim(options.programs.cloudsim, boundlessCloud));
  const start = async (name: ContenderName): Promise<Contender> => {
    const [port = 0] = await freePorts(1);
    const { command, args } = commandOf(name, options.programs, cloud.url);
    const program = disposal.use(
      startProgram({
        command,
        args: [
          ...args,
          '--cloud-provider=sim',
          `--kubeconfig=${options.kubeconfig}`,
          `--authentication-kubeconfig=${options.kubeconfig}`,
          `--authorization-kubeconfig=${options.kubeconfig}`,
          '--bind-address=127.0.0.1',
          `--secure-port=${port}`,
          `--leader-elect-resource-name=side-by-side-${name}`,
          '--leader-elect-retry-period=1s',
          ...options.flags,
        ],
        logFile: join(folder, `${name}.log`),
        env: { ...process.env, [cloudsimVariable]: cloud.url },
      }),
    );
    const watchdog = startWatchdog([program.pid]);
    disposal.defer(() => watchdog.dismiss());
    await untilHealthy(name, port, program);
    return { name, port };
  };
  const [go, ours] = await Promise.all([start('go'), start('ours')]);
  const owned = disposal.move();
  return { go, ours, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** How a manager is started, but for the flags that both take. */
export function commandOf(
  name: ContenderName,
  programs: TakeoverPrograms,
  cloudUrl: string,
): { readonly command: string; readonly args: readonly string[] } {
  switch (name) {
    case 'go':
      return { command: programs.go, args: [`--cloudsim-url=${cloudUrl}`] };
    case 'ours':
      return { command: process.execPath, args: ['--max-semi-space-size=1', programs.ours] };
  }
}

/** The loops take their checks along when they start, last of all. */
async function untilHealthy(name: ContenderName, port: number, program: RunningProgram): Promise<void> {
  const end = performance.now() + readyWithinSeconds * 1000;
  for (;;) {
    const answer = await ask(port, { path: '/healthz?verbose' }).catch(() => undefined);
    if (answer?.status === 200 && answer.body.includes('node')) return;
    if (program.ended()) throw new Error(`the manager ${name} ended: ${await program.lastWords()}`);
    if (performance.now() > end)
      throw new Error(`the manager ${name} does not get ready: ${await program.lastWords()}`);
    await sleep(100);
  }
}
