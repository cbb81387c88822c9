import { EventEmitter } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { clusterStampKey, type ProgramHost, runManager, systemClock } from '@ccm-ts/cloud-provider';
import {
  type CertificateAndKey,
  embeddedTransport,
  issueCertificate,
  MemoryCloud,
  memoryCloudProvider,
} from '@ccm-ts/cloud-provider/testing';
import { freePorts } from '../kube-apiserver/free-ports.ts';
import { kubeconfigText, readAccess } from '../kube-apiserver/kubeconfig.ts';
import { Kubectl, kubeconfigVariable } from '../kubectl/kubectl.ts';

const namespace = 'kube-system';

class Host extends EventEmitter implements ProgramHost {
  readonly env = {};
  readonly stdout = { write: (text: string): unknown => (this.output += text) };
  readonly stderr = this.stdout;
  readonly argv: readonly string[];
  output = '';

  constructor(flags: readonly string[]) {
    super();
    this.argv = ['node', 'manager', ...flags];
  }
}

/** An answer of the manager. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Who asks: by token, by certificate, or with more headers. */
export interface Asker {
  readonly token?: string;
  readonly certificate?: CertificateAndKey;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the memory cloud of a manager is like. */
export interface CloudOptions {
  /** @default nodes */
  readonly backends?: 'nodes' | 'endpoints';
}

/** The manager as a program in this process, with a memory cloud and as the user that it is given. */
export class RunningManager implements AsyncDisposable {
  readonly cloud: MemoryCloud;
  readonly #host: Host;
  readonly #ended: Promise<number>;
  readonly #port: number;

  private constructor(parts: { cloud: MemoryCloud; host: Host; port: number; options: CloudOptions }) {
    this.cloud = parts.cloud;
    this.#host = parts.host;
    this.#port = parts.port;
    const factory = memoryCloudProvider({ transport: embeddedTransport(parts.cloud), ...parts.options });
    this.#ended = runManager({ name: 'memory-cloud-controller-manager', version: '1.36.0', factory }, parts.host);
  }

  static async start(
    kubeconfig: string,
    flags: readonly string[],
    options: CloudOptions = {},
  ): Promise<RunningManager> {
    const [port = 0] = await freePorts(1);
    const cloud = new MemoryCloud({ clock: systemClock, ownerTag: clusterStampKey });
    const host = new Host([
      `--kubeconfig=${kubeconfig}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      '--leader-elect-retry-period=200ms',
      '--v=4',
      ...flags,
    ]);
    const manager = new RunningManager({ cloud, host, port, options });
    await manager.until('/readyz', 200);
    return manager;
  }

  get log(): string {
    return this.#host.output;
  }

  /** Waits for an answer; fails after a minute. */
  async until(path: string, status: number, asker: Asker = {}): Promise<void> {
    await eventually(`${path} to answer ${status}`, async () => {
      const ended = await Promise.race([this.#ended, sleep(20)]);
      if (ended !== undefined) throw new Error(`the manager ended with ${ended}: ${this.log}`);
      const answer = await this.ask(path, asker).catch(() => undefined);
      return answer?.status === status;
    });
  }

  ask(path: string, asker: Asker = {}): Promise<Answer> {
    const { token, certificate, headers } = asker;
    return new Promise((resolve, reject) => {
      request({
        host: '127.0.0.1',
        port: this.#port,
        path,
        agent: false,
        // It makes its certificate while it starts.
        rejectUnauthorized: false,
        headers: { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
        ...(certificate && { cert: certificate.certificate, key: certificate.key }),
      })
        .on('response', (response) => {
          let body = '';
          response.setEncoding('utf8');
          response.on('data', (text: string) => (body += text));
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
        })
        .on('error', reject)
        .end();
    });
  }

  /** As a pod is stopped; gives the exit code. */
  async stop(): Promise<number> {
    this.#host.emit('SIGTERM');
    return await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** A cluster as its administrator sees it. */
export class Administrator implements Disposable {
  readonly kubectl = new Kubectl(process.env);
  readonly folder = mkdtempSync(join(tmpdir(), 'ccm-ts-manager-'));

  async apply(...objects: readonly object[]): Promise<void> {
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    await this.kubectl.run(['apply', '-f', '-'], list);
  }

  /** Makes a service account of kube-system and gives a token of it. */
  async account(name: string): Promise<string> {
    await this.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } });
    return (await this.kubectl.run(['create', 'token', name, '-n', namespace])).trim();
  }

  /** A kubeconfig of the user with this token. */
  kubeconfig(name: string, token: string): string {
    const access = readAccess(readFileSync(process.env[kubeconfigVariable] ?? '', 'utf8'));
    return this.file(name, kubeconfigText({ ...access, token }));
  }

  file(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  [Symbol.dispose](): void {
    this.kubectl[Symbol.dispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A certificate authority, or what one vouches for. */
export function certificate(
  commonName: string,
  options: { readonly organizations?: readonly string[]; readonly issuer?: CertificateAndKey } = {},
): CertificateAndKey {
  const { organizations = [], issuer } = options;
  return issueCertificate({
    subject: { commonName, organizations },
    validFrom: new Date(Date.now() - 60_000),
    validTo: new Date(Date.now() + 3_600_000),
    usage: 'client',
    isAuthority: issuer === undefined,
    ...(issuer && { issuer }),
  });
}

/** Looks again and again; fails when it does not come about in time. */
export async function eventually(
  what: string,
  condition: () => Promise<boolean> | boolean,
  seconds = 60,
): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`still waiting for ${what}`);
    await sleep(50);
  }
}
