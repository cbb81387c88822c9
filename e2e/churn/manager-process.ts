import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWatchdog } from '../kube-apiserver/child-process.ts';
import { freePorts } from '../kube-apiserver/free-ports.ts';
import { kubeconfigText } from '../kube-apiserver/kubeconfig.ts';

export interface ManagerProcessStart {
  /** The bundle. */
  readonly program: string;
  /** The API server and the cloud as this process reaches them, over plain HTTP. */
  readonly apiServer: string;
  readonly cloud: string;
  readonly flags: readonly string[];
  /** Flags of Node itself. @default none */
  readonly nodeFlags?: readonly string[];
}

/** The manager as a program of its own, which can be stopped and continued as a whole. */
export interface ManagerProcess extends AsyncDisposable {
  readonly pid: number;
  /** Its port, over TLS. */
  readonly port: number;
  /** SIGSTOP: not one instruction is executed any more. */
  readonly freeze: () => void;
  /** SIGCONT. */
  readonly thaw: () => void;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** The exit code once it has ended; undefined before. */
  readonly exitCode: () => number | undefined;
  readonly ended: Promise<number>;
  readonly log: () => Promise<string>;
}

export async function startManagerProcess(start: ManagerProcessStart): Promise<ManagerProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'ccm-ts-manager-'));
  const [kubeconfig, cloudConfig, logFile] = ['kubeconfig', 'cloud.conf', 'log'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await writeFile(kubeconfig, kubeconfigText({ url: start.apiServer }));
  await writeFile(cloudConfig, JSON.stringify({ endpoint: start.cloud, consistencyWindow: '2s' }));
  const [port = 0] = await freePorts(1);
  const log = openSync(logFile, 'a');
  const child = spawn(
    process.execPath,
    [
      '--max-semi-space-size=1',
      ...(start.nodeFlags ?? []),
      start.program,
      '--cloud-provider=memory',
      `--cloud-config=${cloudConfig}`,
      `--kubeconfig=${kubeconfig}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      '--cluster-cidr=10.244.0.0/16',
      '--allocate-node-cidrs',
      '--controllers=*,node-ipam-controller',
      ...start.flags,
    ],
    { stdio: ['ignore', log, log] },
  );
  closeSync(log);
  const pid = child.pid ?? 0;
  const watchdog = startWatchdog([pid], folder);
  let exitCode: number | undefined;
  const ended = new Promise<number>((resolve) => {
    const end = (code: number | null): void => {
      exitCode = code ?? 128;
      resolve(exitCode);
    };
    child.once('exit', end);
    child.once('error', () => end(null));
  });
  const signal = (name: NodeJS.Signals): void => void child.kill(name);
  return {
    pid,
    port,
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    signal,
    exitCode: () => exitCode,
    ended,
    log: () => readFile(logFile, 'utf8'),
    [Symbol.asyncDispose]: async () => {
      if (exitCode === undefined) signal('SIGKILL');
      await ended;
      watchdog.dismiss();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
