import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Binaries, findBinaries } from './binaries.ts';
import { type RunningProgram, startProgram, startWatchdog } from './child-process.ts';
import { freePorts } from './free-ports.ts';
import { type Access, kubeconfigText } from './kubeconfig.ts';
import { type Minor, minors } from './versions.ts';

export interface StartOptions {
  /** @default the newest */
  readonly minor?: Minor;
  /** Told what takes long. @default nobody */
  readonly progress?: (line: string) => void;
  /** More flags for kube-apiserver, which win over the fixture's own. @default none */
  readonly flags?: readonly string[];
}

/** A real etcd and kube-apiserver on loopback, with a data folder of their own that goes away with them. */
export interface RealApiServer extends AsyncDisposable {
  /** For instance `1.36.3`. */
  readonly version: string;
  readonly access: Access & { readonly certificateAuthority: string; readonly token: string };
  /** A file. Its user may do everything. */
  readonly kubeconfig: string;
  /** The program of the same version. */
  readonly kubectl: string;
  readonly apiServerPid: number;
  readonly etcdPid: number;
  /** Makes every resourceVersion before now too old for what is not answered from the API server's caches, such as Events. */
  readonly forgetHistory: () => Promise<void>;
  /** The end of the API server's log. */
  readonly lastWords: () => Promise<string>;
}

const attempts = 3;
const readyWithinSeconds = 60;

/**
 * Starts a real API server: no controller manager, no kubelet, no scheduler, so nothing collects garbage and nothing
 * allocates pod CIDRs.
 * @throws NotRunnableHere when the programs are not there and cannot be built.
 */
export async function startKubeApiServer(options: StartOptions = {}): Promise<RealApiServer> {
  const progress = options.progress ?? (() => undefined);
  const binaries = await findBinaries(options.minor ?? minors[0], progress);
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(binaries, options.flags ?? []);
    } catch (error) {
      // Between choosing a port and listening on it another process may take it.
      if (attempt === attempts || !(error instanceof Error && error.message.includes('address already in use')))
        throw error;
    }
  }
}

async function start(binaries: Binaries, flags: readonly string[]): Promise<RealApiServer> {
  const data = await mkdtemp(join(tmpdir(), 'ccm-ts-kube-apiserver-'));
  const [apiPort = 0, clientPort = 0, peerPort = 0] = await freePorts(3);
  const token = randomBytes(24).toString('hex');
  await writeFile(join(data, 'tokens.csv'), `${token},admin,admin,"system:masters"\n`, { mode: 0o600 });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await writeFile(join(data, 'service-account.key'), privateKey.export({ type: 'sec1', format: 'pem' }), {
    mode: 0o600,
  });

  const etcd = startProgram({
    command: binaries.etcd,
    args: etcdFlags({ data, clientPort, peerPort }),
    logFile: join(data, 'etcd.log'),
  });
  const apiServer = startProgram({
    command: binaries.kubeApiServer,
    args: [...apiServerFlags({ data, apiPort, clientPort }), ...flags],
    logFile: join(data, 'kube-apiserver.log'),
  });
  const watchdog = startWatchdog([apiServer.pid, etcd.pid], data);
  const dispose = async (): Promise<void> => {
    await apiServer.stop();
    await etcd.stop();
    watchdog.dismiss();
    await rm(data, { recursive: true, force: true });
  };
  try {
    await untilReady(apiPort, [apiServer, etcd]);
    const certificateAuthority = await readFile(join(data, 'certificates', 'apiserver.crt'), 'utf8');
    const access = { url: `https://127.0.0.1:${apiPort}`, certificateAuthority, token };
    const kubeconfig = join(data, 'kubeconfig');
    await writeFile(kubeconfig, kubeconfigText(access), { mode: 0o600 });
    return {
      version: binaries.version,
      access,
      kubeconfig,
      kubectl: binaries.kubectl,
      apiServerPid: apiServer.pid,
      etcdPid: etcd.pid,
      forgetHistory: () => compact(`http://127.0.0.1:${clientPort}`),
      lastWords: apiServer.lastWords,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function etcdFlags(at: { data: string; clientPort: number; peerPort: number }): string[] {
  const client = `http://127.0.0.1:${at.clientPort}`;
  const peer = `http://127.0.0.1:${at.peerPort}`;
  return [
    `--data-dir=${join(at.data, 'etcd')}`,
    '--unsafe-no-fsync',
    '--quota-backend-bytes=8589934592',
    '--log-level=warn',
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
  ];
}

function apiServerFlags(at: { data: string; apiPort: number; clientPort: number }): string[] {
  // Nobody holds the keys of these two authorities. They are there because without them the API server does not publish
  // the ConfigMap extension-apiserver-authentication, and managers that read it at start end; and they must differ.
  const certificates = join(import.meta.dirname, 'certificates');
  const serviceAccountKey = join(at.data, 'service-account.key');
  return [
    `--etcd-servers=http://127.0.0.1:${at.clientPort}`,
    `--secure-port=${at.apiPort}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--cert-dir=${join(at.data, 'certificates')}`,
    `--service-account-key-file=${serviceAccountKey}`,
    `--service-account-signing-key-file=${serviceAccountKey}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--token-auth-file=${join(at.data, 'tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--service-cluster-ip-range=10.0.0.0/16',
    '--disable-admission-plugins=ServiceAccount',
    '--endpoint-reconciler-type=none',
    `--client-ca-file=${join(certificates, 'client-ca.crt')}`,
    `--requestheader-client-ca-file=${join(certificates, 'requestheader-ca.crt')}`,
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
  ];
}

async function untilReady(port: number, programs: readonly RunningProgram[]): Promise<void> {
  const deadline = performance.now() + readyWithinSeconds * 1000;
  while (!(await answersOk(port))) {
    const ended = programs.find((program) => program.ended());
    if (ended) throw new Error(`the API server did not start:\n${await ended.lastWords()}`);
    if (performance.now() > deadline) {
      const words = await Promise.all(programs.map((program) => program.lastWords()));
      throw new Error(`the API server was not ready within ${readyWithinSeconds} s:\n${words.join('\n')}`);
    }
    await sleep(100);
  }
}

function answersOk(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = httpsRequest(
      {
        host: '127.0.0.1',
        port,
        path: '/readyz',
        // The server makes its certificate while it starts; nothing secret passes before it can be checked.
        rejectUnauthorized: false,
        agent: false,
        timeout: 5000,
      },
      (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode === 200));
        response.once('error', () => resolve(false));
      },
    );
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
    request.end();
  });
}

/** Compacts etcd at its current revision, through the JSON form of its API. */
async function compact(etcd: string): Promise<void> {
  const post = async (path: string, body: unknown): Promise<unknown> => {
    const response = await fetch(`${etcd}${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`etcd answered ${response.status} to ${path}: ${await response.text()}`);
    return await response.json();
  };
  const { header } = (await post('/v3/kv/range', { key: 'AA==' })) as { header: { revision: string } };
  await post('/v3/kv/compaction', { revision: header.revision, physical: true });
}
