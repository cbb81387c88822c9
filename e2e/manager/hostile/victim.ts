import { spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clusterStampKey, systemClock } from '@ccm-ts/cloud-provider';
import { type CloudServer, MemoryCloud, startCloudServer } from '@ccm-ts/cloud-provider/testing';
import { processUsage } from '../../bench/process-usage.ts';
import { startWatchdog } from '../../kube-apiserver/child-process.ts';
import { freePorts } from '../../kube-apiserver/free-ports.ts';
import { type Administrator, eventually } from '../running-manager.ts';
import { type Answer, ask, type Question } from '../side-by-side/ask.ts';

export interface VictimStart {
  /** The bundle of the manager with the memory cloud. */
  readonly program: string;
  /** A file. */
  readonly kubeconfig: string;
  /** @default none */
  readonly flags?: readonly string[];
  /** More of the environment. @default nothing */
  readonly environment?: Readonly<Record<string, string>>;
}

const uninitialized = { key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' };

/** A manager in a process of its own, with a memory cloud, for those who want to harm it. */
export class Victim implements AsyncDisposable {
  readonly port: number;
  readonly cloud: MemoryCloud;
  readonly #pid: number;
  readonly #logFile: string;
  readonly #ended: Promise<number>;
  readonly #disposal: AsyncDisposableStack;
  readonly #kill: (signal: NodeJS.Signals) => void;

  private constructor(parts: {
    readonly port: number;
    readonly pid: number;
    readonly logFile: string;
    readonly cloud: MemoryCloud;
    readonly ended: Promise<number>;
    readonly disposal: AsyncDisposableStack;
    readonly kill: (signal: NodeJS.Signals) => void;
  }) {
    this.port = parts.port;
    this.cloud = parts.cloud;
    this.#pid = parts.pid;
    this.#logFile = parts.logFile;
    this.#ended = parts.ended;
    this.#disposal = parts.disposal;
    this.#kill = parts.kill;
  }

  /** Starts it; it may not be ready for a while. */
  static async start(start: VictimStart): Promise<Victim> {
    await using disposal = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'ccm-ts-hostile-'));
    disposal.defer(() => rm(folder, { recursive: true, force: true }));
    const cloud = new MemoryCloud({ clock: systemClock, ownerTag: clusterStampKey });
    const server: CloudServer = disposal.use(await startCloudServer(cloud));
    const [port = 0] = await freePorts(1);
    const [cloudConfig, logFile] = [join(folder, 'cloud.conf'), join(folder, 'log')];
    writeFileSync(cloudConfig, JSON.stringify({ endpoint: server.endpoint }));
    const log = openSync(logFile, 'a');
    const child = spawn(
      process.execPath,
      [
        '--max-semi-space-size=1',
        start.program,
        `--kubeconfig=${start.kubeconfig}`,
        `--cloud-config=${cloudConfig}`,
        '--bind-address=127.0.0.1',
        `--secure-port=${port}`,
        '--leader-elect-retry-period=200ms',
        // A machine that is busy with the attack must not end it.
        '--leader-elect-lease-duration=60s',
        '--leader-elect-renew-deadline=50s',
        `--leader-elect-resource-name=hostile-${port}`,
        ...(start.flags ?? []),
      ],
      { stdio: ['ignore', log, log], env: { ...process.env, ...start.environment } },
    );
    closeSync(log);
    const pid = child.pid ?? 0;
    const watchdog = startWatchdog([pid], folder);
    const ended = new Promise<number>((resolve) => {
      child.once('exit', (code) => resolve(code ?? 128));
      child.once('error', () => resolve(128));
    });
    disposal.defer(async () => {
      child.kill('SIGKILL');
      await ended;
      watchdog.dismiss();
    });
    const kill = (signal: NodeJS.Signals): void => void child.kill(signal);
    return new Victim({ port, pid, logFile, cloud, ended, disposal: disposal.move(), kill });
  }

  /** Everything that it wrote. */
  get log(): string {
    return readFileSync(this.#logFile, 'utf8');
  }

  get residentMegabytes(): number {
    return processUsage(this.#pid).residentMegabytes;
  }

  /** How many files and connections it has open. */
  get openFiles(): number {
    return readdirSync(`/proc/${this.#pid}/fd`).length;
  }

  ask(path: string, question: Omit<Question, 'path'> = {}): Promise<Answer> {
    return ask(this.port, { path, ...question });
  }

  async isReady(): Promise<void> {
    await this.#until('it to be ready', async () => (await this.ask('/readyz')).status === 200);
  }

  async says(text: string): Promise<void> {
    const what = `it to say ${JSON.stringify(text)}`;
    await this.#until(what, () => Promise.resolve(this.log.includes(text))).catch((error: unknown) => {
      throw new Error(`${what}, but it says: ${this.log.slice(-2000)}`, { cause: error });
    });
  }

  /** A machine starts, and its node is initialised: the manager does its work. */
  async initialisesNode(admin: Administrator, name: string): Promise<void> {
    this.cloud.operator.launch({ name, zone: 'memory-1a' });
    await admin.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: { taints: [uninitialized] } });
    await this.#until(`the node ${name} to be initialised`, async () => {
      const taints = await admin.kubectl.run(['get', 'node', name, '-o', 'jsonpath={.spec.taints[*].key}']);
      return !taints.includes(uninitialized.key);
    });
    await admin.kubectl.run(['delete', 'node', name]);
  }

  /** As a pod is stopped; gives the exit code. */
  async stop(): Promise<number> {
    this.#kill('SIGTERM');
    return await this.#ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#disposal.disposeAsync();
  }

  async #until(what: string, condition: () => Promise<boolean>): Promise<void> {
    await eventually(what, async () => {
      const ended = await Promise.race([this.#ended, Promise.resolve(undefined)]);
      if (ended !== undefined) throw new Error(`the manager ended with ${ended}: ${this.log.slice(-2000)}`);
      return await condition().catch(() => false);
    });
  }
}
