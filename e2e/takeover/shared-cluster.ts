import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterHTTP, kubeletNode } from '@ccm-ts/cloud-provider/testing';
import { boundlessCloud, type RunningCloud, startCloudsim } from '../bench/cloudsim.ts';
import { cloudsimVariable } from '../bench/sim-provider/sim-cloud-provider.ts';
import type { ApiServerUnderTest } from '../churn/variables.ts';
import { type RecordingProxy, type SeenRequest, startRecordingProxy } from '../harness/recording-proxy.ts';
import { startWatchdog } from '../kube-apiserver/child-process.ts';
import { freePorts } from '../kube-apiserver/free-ports.ts';
import { kubeconfigText } from '../kube-apiserver/kubeconfig.ts';
import type { TakeoverPrograms } from './variables.ts';

const nodesPath = '/api/v1/nodes';
const servicesPath = '/api/v1/namespaces/default/services';
const patienceSeconds = 90;

/** Upkeep so often that a quiet time of some seconds has seen all of it. */
const hurriedFlags = ['--node-status-update-frequency=2s', '--node-monitor-period=1s'];

/** A manager under the eyes of the test: what it asked of cluster and cloud. */
export interface Guest {
  readonly name: string;
  /** Writes to the cloud, as `PUT /lbs/<name>`. */
  readonly cloudWrites: readonly string[];
  /** Writes to Nodes and Services, as `PATCH /api/v1/nodes/a`. */
  readonly clusterWrites: readonly string[];
  /** SIGTERM; returns when it is gone. */
  readonly leave: () => Promise<void>;
}

/** What managers may fight over, of one object. */
export interface Trace {
  readonly resourceVersion: string;
  readonly finalizers: readonly string[];
  readonly taints: readonly string[];
  readonly providerID: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly addresses: readonly string[];
  readonly ingress: readonly string[];
}

interface WireObject {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly finalizers?: readonly string[];
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: {
    readonly type?: string;
    readonly providerID?: string;
    readonly taints?: readonly { readonly key: string }[];
  };
  readonly status?: {
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] };
  };
}

/** A real API server and a simulated cloud for managers of either kind. */
export class SharedCluster implements AsyncDisposable {
  readonly http: ClusterHTTP;
  readonly #url: string;
  readonly #apiServer: ApiServerUnderTest;
  readonly #programs: TakeoverPrograms;
  readonly #cloud: RunningCloud;
  readonly #disposal: AsyncDisposableStack;
  readonly #guests: Guest[] = [];

  private constructor(parts: {
    readonly url: string;
    readonly apiServer: ApiServerUnderTest;
    readonly programs: TakeoverPrograms;
    readonly cloud: RunningCloud;
    readonly disposal: AsyncDisposableStack;
  }) {
    this.http = new ClusterHTTP(parts.url);
    this.#url = parts.url;
    this.#apiServer = parts.apiServer;
    this.#programs = parts.programs;
    this.#cloud = parts.cloud;
    this.#disposal = parts.disposal;
    this.#disposal.defer(() => this.http.close());
  }

  static async open(apiServer: ApiServerUnderTest, programs: TakeoverPrograms): Promise<SharedCluster> {
    const disposal = new AsyncDisposableStack();
    const cloud = disposal.use(await startCloudsim(programs.cloudsim, boundlessCloud));
    const { url } = disposal.use(await startRecordingProxy(behind(apiServer)));
    return new SharedCluster({ url, apiServer, programs, cloud, disposal });
  }

  /** Starts a manager that leads by a lease of that name, shared by those that are to hand over to one another. */
  async invite(
    kind: 'go' | 'ours',
    options: { readonly lease: string; readonly controllers: string; readonly flags?: readonly string[] },
  ): Promise<Guest> {
    const folder = await mkdtemp(join(tmpdir(), 'ccm-ts-takeover-'));
    const cloudWrites: string[] = [];
    const clusterWrites: string[] = [];
    const apiServer = await startRecordingProxy({
      ...behind(this.#apiServer),
      onRequest: (seen) => {
        const text = described(seen);
        if (seen.method !== 'GET' && /\/(nodes|services)(\/|$)/.test(text)) clusterWrites.push(text);
      },
    });
    const cloud = await startRecordingProxy({
      target: this.#cloud.url,
      onRequest: (seen) => {
        if (seen.method !== 'GET') cloudWrites.push(described(seen));
      },
    });
    const kubeconfig = join(folder, 'kubeconfig');
    await writeFile(kubeconfig, kubeconfigText({ url: apiServer.url }));
    const [port = 0] = await freePorts(1);
    const program = startGuest({
      kind,
      programs: this.#programs,
      cloudUrl: cloud.url,
      folder,
      flags: [
        '--cloud-provider=sim',
        `--kubeconfig=${kubeconfig}`,
        `--authentication-kubeconfig=${kubeconfig}`,
        `--authorization-kubeconfig=${kubeconfig}`,
        '--bind-address=127.0.0.1',
        `--secure-port=${port}`,
        `--cert-dir=${folder}`,
        `--leader-elect-resource-name=${options.lease}`,
        '--leader-elect-lease-duration=6s',
        '--leader-elect-renew-deadline=4s',
        '--leader-elect-retry-period=1s',
        `--controllers=${options.controllers}`,
        ...hurriedFlags,
        ...(options.flags ?? []),
      ],
    });
    const proxies: readonly RecordingProxy[] = [apiServer, cloud];
    let hasLeft = false;
    const leave = async (): Promise<void> => {
      if (hasLeft) return;
      hasLeft = true;
      await program.stop();
      for (const proxy of proxies) await proxy[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    };
    this.#disposal.defer(leave);
    const guest: Guest = { name: `${kind} (${options.lease})`, cloudWrites, clusterWrites, leave };
    this.#guests.push(guest);
    return guest;
  }

  /** Everybody leaves, also those whom a failed test forgot. */
  async dismiss(): Promise<void> {
    for (const guest of this.#guests.splice(0)) await guest.leave();
  }

  async join(name: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
    const node = kubeletNode(name, new Date()) as { metadata: { labels: Record<string, string> } };
    Object.assign(node.metadata.labels, labels);
    await this.http.create(nodesPath, node, AbortSignal.timeout(30_000));
  }

  async publish(name: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
    const spec = { type: 'LoadBalancer', selector: { app: name }, ports: [{ name: 'http', port: 80 }] };
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default', labels }, spec };
    await this.http.create(servicesPath, service, AbortSignal.timeout(30_000));
  }

  async changePort(name: string, port: number): Promise<void> {
    const response = await fetch(`${this.#url}${servicesPath}/${name}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify({ spec: { ports: [{ name: 'http', port }] } }),
    });
    if (!response.ok) throw new Error(await response.text());
  }

  async withdraw(name: string): Promise<void> {
    await this.http.delete(servicesPath, name, AbortSignal.timeout(30_000));
  }

  /** Everything that managers may fight over, by `Node/<name>` and `Service/<name>`. */
  async traces(): Promise<ReadonlyMap<string, Trace>> {
    const signal = AbortSignal.timeout(30_000);
    const nodes = (await this.http.list(nodesPath, signal)) as readonly WireObject[];
    const services = ((await this.http.list(servicesPath, signal)) as readonly WireObject[]).filter(
      ({ spec }) => spec?.type === 'LoadBalancer',
    );
    return new Map([
      ...nodes.map((node) => [`Node/${node.metadata.name}`, traceOf(node)] as const),
      ...services.map((service) => [`Service/${service.metadata.name}`, traceOf(service)] as const),
    ]);
  }

  async uidOf(service: string): Promise<string> {
    const object = (await this.http.get(servicesPath, service, AbortSignal.timeout(30_000))) as WireObject;
    return object.metadata.uid;
  }

  /** The load balancer of a Service's UID; undefined when there is none. */
  async loadBalancer(
    uid: string,
  ): Promise<{ readonly nodes: readonly string[]; readonly ports: readonly number[] } | undefined> {
    const response = await fetch(`${this.#cloud.url}/lbs/${uid}`);
    if (response.status === 404) return undefined;
    return (await response.json()) as { nodes: string[]; ports: number[] };
  }

  /** Waits until all Nodes are initialised and all Services have their address. */
  async settled(): Promise<void> {
    await until('Nodes and Services to be settled', async () => {
      const traces = [...(await this.traces())];
      return traces.every(([key, { taints, ingress }]) =>
        key.startsWith('Node/') ? !taints.some((taint) => taint.includes('uninitialized')) : ingress.length > 0,
      );
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#disposal.disposeAsync();
  }
}

export async function until(what: string, condition: () => Promise<boolean> | boolean): Promise<void> {
  const end = performance.now() + patienceSeconds * 1000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`still waiting for ${what}`);
    await sleep(100);
  }
}

function traceOf({ metadata, spec, status }: WireObject): Trace {
  return {
    resourceVersion: metadata.resourceVersion,
    finalizers: metadata.finalizers ?? [],
    taints: (spec?.taints ?? []).map(({ key }) => key),
    providerID: spec?.providerID ?? '',
    labels: metadata.labels ?? {},
    addresses: (status?.addresses ?? []).map(({ type, address }) => `${type} ${address}`),
    ingress: (status?.loadBalancer?.ingress ?? []).map(({ ip = '' }) => ip),
  };
}

function described({ method, path }: SeenRequest): string {
  return `${method} ${path.split('?')[0] ?? path}`;
}

function behind({ url, certificateAuthority, token }: ApiServerUnderTest) {
  return { target: url, certificateAuthority, headers: { authorization: `Bearer ${token}` } };
}

function startGuest(start: {
  readonly kind: 'go' | 'ours';
  readonly programs: TakeoverPrograms;
  readonly cloudUrl: string;
  readonly folder: string;
  readonly flags: readonly string[];
}): { readonly stop: () => Promise<void> } {
  const { kind, programs, cloudUrl, folder, flags } = start;
  const logFile = join(folder, 'log');
  const log = openSync(logFile, 'a');
  const [command, args] =
    kind === 'go'
      ? [programs.go, [...flags, `--cloudsim-url=${cloudUrl}`]]
      : [process.execPath, ['--max-semi-space-size=1', programs.ours, ...flags]];
  const child = spawn(command, args, {
    stdio: ['ignore', log, log],
    env: { ...process.env, [cloudsimVariable]: cloudUrl },
  });
  closeSync(log);
  const watchdog = startWatchdog([child.pid ?? 0], folder);
  let isWanted = true;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', (code) => {
      if (isWanted) {
        void readFile(logFile, 'utf8').then((text) => {
          process.stderr.write(`the ${kind} manager ended with ${code}: ${text.slice(-2000)}\n`);
        });
      }
      resolve();
    });
    child.once('error', () => resolve());
  });
  return {
    stop: async () => {
      isWanted = false;
      child.kill('SIGTERM');
      const impatient = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await ended;
      clearTimeout(impatient);
      watchdog.dismiss();
    },
  };
}
