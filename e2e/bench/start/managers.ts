import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { clusterID, type Network, region } from '../../aws/account.ts';
import { freePorts } from '../../kube-apiserver/free-ports.ts';
import { startWatchdog } from '../../kube-apiserver/child-process.ts';
import { processUsage, type ProcessUsage } from '../process-usage.ts';

export const managerNames = ['ours', 'go'] as const;
export type ManagerName = (typeof managerNames)[number];

/** How a manager is started. */
export interface ManagerProgram {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** What a manager needs to find its cluster and its cloud. */
export interface Surroundings {
  readonly kubeconfig: string;
  readonly endpoint: string;
  readonly network: Network;
}

export interface StartedManager extends AsyncDisposable {
  /** From the start of the process to the first 200 of `/healthz`. */
  readonly secondsToHealthz: number;
  /** At that time. */
  readonly cpuSeconds: number;
  readonly usage: () => ProcessUsage;
  readonly ended: () => boolean;
}

const healthyWithinSeconds = 60;

/** Starts a manager with its defaults, the election of a leader included, and waits until it says that it is healthy. */
export async function startManager(
  { command: [program = '', ...programArgs], environment }: ManagerProgram,
  surroundings: Surroundings,
  lease: string,
): Promise<StartedManager> {
  const folder = await mkdtemp(join(tmpdir(), 'ccm-ts-bench-manager-'));
  const cloudConfig = join(folder, 'cloud.conf');
  const { vpcID, publicSubnets } = surroundings.network;
  const facts = { Zone: `${region}a`, VPC: vpcID, SubnetID: publicSubnets[0] ?? '', KubernetesClusterID: clusterID };
  const lines = Object.entries(facts).map(([key, value]) => `${key} = ${value}\n`);
  await writeFile(cloudConfig, `[Global]\n${lines.join('')}`);
  const [port = 0] = await freePorts(1);
  const log = openSync(join(folder, 'log'), 'a');
  const started = performance.now();
  const child = spawn(
    program,
    [
      ...programArgs,
      '--cloud-provider=aws',
      `--cloud-config=${cloudConfig}`,
      `--kubeconfig=${surroundings.kubeconfig}`,
      `--authentication-kubeconfig=${surroundings.kubeconfig}`,
      `--authorization-kubeconfig=${surroundings.kubeconfig}`,
      `--cluster-name=${clusterID}`,
      '--configure-cloud-routes=false',
      `--leader-elect-resource-name=${lease}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      `--cert-dir=${folder}`,
    ],
    {
      stdio: ['ignore', log, log],
      env: {
        PATH: process.env.PATH,
        ...environment,
        HOME: folder,
        AWS_ACCESS_KEY_ID: 'manager',
        AWS_SECRET_ACCESS_KEY: 'manager',
        AWS_REGION: region,
        AWS_ENDPOINT_URL: surroundings.endpoint,
        AWS_EC2_METADATA_DISABLED: 'true',
      },
    },
  );
  closeSync(log);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${program} could not be started`);
  const watchdog = startWatchdog([pid], folder);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const dispose = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
    watchdog.dismiss();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    while ((await healthz(port)) !== 200) {
      const isLate = performance.now() - started > healthyWithinSeconds * 1000;
      if (isLate || child.exitCode !== null) {
        const words = (await readFile(join(folder, 'log'), 'utf8')).slice(-3000);
        throw new Error(`${program} ${isLate ? 'is not healthy' : 'ended'}:\n${words}`);
      }
      await sleep(2);
    }
    const secondsToHealthz = (performance.now() - started) / 1000;
    return {
      secondsToHealthz,
      cpuSeconds: processUsage(pid).cpuSeconds,
      usage: () => processUsage(pid),
      ended: () => child.exitCode !== null || child.signalCode !== null,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function healthz(port: number): Promise<number> {
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, path: '/healthz', rejectUnauthorized: false, agent: false };
    const call = request(options, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.once('error', () => resolve(0));
    call.end();
  });
}
