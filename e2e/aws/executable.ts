import { execFile, spawn } from 'node:child_process';
import { closeSync, openSync, rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from '../kube-apiserver/free-ports.ts';
import { clusterID, region } from './account.ts';

const packageFolder = join(import.meta.dirname, '../../packages/cloud-provider-aws');

/**
 * Bundles the executable out of the sources as they are and gives its path. It stands in a folder of its own until this
 * process ends, so that several may do so at the same time.
 */
export function bundleExecutable(): Promise<string> {
  return bundle('tsup.bundle.config.ts', 'aws-cloud-controller-manager.js');
}

/** The same for the credential provider of kubelet. */
export function bundleEcrExecutable(): Promise<string> {
  return bundle('tsup.ecr.config.ts', 'ecr-credential-provider.js');
}

async function bundle(config: string, program: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ccm-ts-bundled-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const tsup = join(import.meta.dirname, '../../node_modules/.bin/tsup');
  const args = ['--config', config, '--silent', '--out-dir', folder];
  await promisify(execFile)(tsup, args, { cwd: packageFolder });
  // Where it ships, its own package says that it is a module.
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  return join(folder, program);
}

/** The manager as a process of its own. */
export interface RunningManager extends AsyncDisposable {
  readonly url: string;
  /** Whether it has ended by itself or was stopped. */
  readonly ended: () => boolean;
  /** SIGTERM, and the exit code; SIGKILL when it does not end within ten seconds. */
  readonly stop: () => Promise<number | null>;
  /** SIGKILL, as a machine that loses its power. */
  readonly kill: () => Promise<void>;
}

export interface ManagerStart {
  readonly executable: string;
  readonly kubeconfig: string;
  /** Where it finds AWS. */
  readonly endpoint: string;
  /** What it says is added to this file. */
  readonly logFile: string;
  /** @default the region and the cluster's ID */
  readonly cloudConfig?: string;
  /** More flags. @default none */
  readonly flags?: Readonly<Record<string, string>>;
  /** @default the cluster's ID */
  readonly clusterName?: string;
  /** @default some that nobody checks */
  readonly credentials?: Credentials;
}

/** Of a user of the account. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const unchecked: Credentials = { accessKeyId: 'manager', secretAccessKey: 'manager' };

export async function startManager({
  executable,
  kubeconfig,
  endpoint,
  logFile,
  ...more
}: ManagerStart): Promise<RunningManager> {
  const { credentials = unchecked } = more;
  const folder = await mkdtemp(join(tmpdir(), 'ccm-ts-aws-'));
  const cloudConfig = join(folder, 'cloud.conf');
  const standardConfig = `[Global]\nRegion = ${region}\nKubernetesClusterID = ${clusterID}\n`;
  await writeFile(cloudConfig, more.cloudConfig ?? standardConfig);
  const [port = 0] = await freePorts(1);
  const log = openSync(logFile, 'a');
  const child = spawn(
    process.execPath,
    [
      executable,
      '--cloud-provider=aws',
      `--cloud-config=${cloudConfig}`,
      `--kubeconfig=${kubeconfig}`,
      `--cluster-name=${more.clusterName ?? clusterID}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      `--cert-dir=${folder}`,
      '--v=4',
      ...Object.entries(more.flags ?? {}).map(([name, value]) => `--${name}=${value}`),
    ],
    {
      stdio: ['ignore', log, log],
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_ENDPOINT_URL: endpoint,
        AWS_EC2_METADATA_DISABLED: 'true',
      },
    },
  );
  closeSync(log);
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
    child.once('error', () => resolve(null));
  });
  const stop = async (): Promise<number | null> => {
    child.kill('SIGTERM');
    const impatient = setTimeout(() => child.kill('SIGKILL'), 10_000);
    const code = await ended;
    clearTimeout(impatient);
    return code;
  };
  return {
    url: `https://127.0.0.1:${port}`,
    ended: () => child.exitCode !== null || child.signalCode !== null,
    stop,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    [Symbol.asyncDispose]: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
