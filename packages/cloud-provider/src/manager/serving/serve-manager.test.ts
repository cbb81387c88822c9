import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Agent, fetch } from 'undici';
import { systemClock } from '../../base/clock.ts';
import { ConfigError, describeConfigFault } from '../../base/config-error.ts';
import { Duration } from '../../base/duration.ts';
import type { CertificateAndKey } from '../../base/certificate.ts';
import { managerFlags } from '../../config/flags/manager-flags.ts';
import { parseFlags } from '../../config/flags/parse-flags.ts';
import { connectKubeClient } from '../../kube/client/connect.ts';
import type { KubeClient } from '../../kube/client/kube-client.ts';
import { HealthChecks } from '../../telemetry/health.ts';
import { createLogger, type Logger } from '../../telemetry/logger.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import { type ApiServer, startApiServer } from '../../testing/api-server/api-server.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import type { ManagementServer } from './management-server.ts';
import { type ServableManager, serveManager } from './serve-manager.ts';
import { serverCertificate, TestAuthority } from './testdata/test-authority.ts';

let folder: string;
let cluster: ApiServer;
let client: KubeClient;
let server: ManagementServer | undefined;
let clock: FakeClock;
let log: string;
let obstacles: Map<string, string>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'serve-manager-'));
  cluster = await startApiServer();
  client = await connectKubeClient({ master: cluster.url, userAgent: 'test/1', clock: systemClock });
  clock = new FakeClock(new Date());
  log = '';
  obstacles = new Map();
});

afterEach(async () => {
  await server?.[Symbol.asyncDispose]();
  server = undefined;
  await client.close();
  await cluster[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function serve(...argv: string[]): Promise<ManagementServer> {
  const parsed = parseFlags(managerFlags, argv);
  if (parsed.kind === 'usage') throw new Error(parsed.message);
  const manager: ServableManager = {
    healthz: new HealthChecks('healthz'),
    livez: new HealthChecks('livez'),
    readyz: new HealthChecks('readyz'),
    status: () => {
      throw new Error('nobody asks for it here');
    },
    reportObstacle: (name, reason) =>
      void (reason === undefined ? obstacles.delete(name) : obstacles.set(name, reason)),
  };
  manager.healthz.add('ping', () => ({ kind: 'healthy' }));
  const logger: Logger = createLogger({ format: 'text', level: 'info', clock, sink: (line) => void (log += line) });
  // The flag that says 0 would serve nothing.
  const flags = { ...parsed.values, 'bind-address': '127.0.0.1', 'secure-port': await freePort() };
  server = await serveManager(manager, {
    flags,
    migration: undefined,
    clients: { authentication: client, authorization: client },
    clock,
    logger,
    metrics: new MetricRegistry(),
  });
  if (!server) throw new Error('it does not serve');
  return server;
}

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  return await new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** What a client sees of TLS; the connection is closed again. */
async function handshake(options: ConnectionOptions = {}): Promise<{ name: string; protocol: string; cipher: string }> {
  return await new Promise((resolve, reject) => {
    const socket: TLSSocket = connectTls(
      { host: '127.0.0.1', port: server?.port, rejectUnauthorized: false, ...options },
      () => {
        const certificate = new X509Certificate(socket.getPeerX509Certificate()?.raw ?? '');
        resolve({
          name: String((certificate.toLegacyObject().subject as { CN?: string }).CN),
          protocol: socket.getProtocol() ?? '',
          cipher: socket.getCipher().standardName,
        });
        socket.destroy();
      },
    );
    socket.on('error', reject);
  });
}

async function get(path: string, as?: CertificateAndKey): Promise<{ status: number; body: string }> {
  const connection = { rejectUnauthorized: false, ...(as && { cert: as.certificate, key: as.key }) };
  const agent = new Agent({ connect: connection });
  try {
    const response = await fetch(`${server?.url}${path}`, { dispatcher: agent });
    return { status: response.status, body: await response.text() };
  } finally {
    await agent.close();
  }
}

/** The limit is for a defect alone, and short of the test's own only so as to show the log. */
async function until(condition: () => boolean | Promise<boolean>, step = Duration.seconds(10)): Promise<void> {
  const end = performance.now() + 50_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`it does not come about; the log: ${log}`);
    await clock.advance(step);
    await systemClock.sleep(Duration.milliseconds(5));
  }
}

describe('serving certificates', () => {
  it('are made in memory by default', async () => {
    await serve('--authentication-skip-lookup');
    expect((await handshake()).name).toMatch(/^localhost@/);
    // The in-process API server answers no reviews: nobody gets in by that.
    expect(await get('/healthz/ping')).toMatchObject({ status: 500 });
    expect(await get('/healthz')).toEqual({ status: 200, body: 'ok' });
  });

  it('are kept in a folder, and taken from it the next time', async () => {
    await serve('--authentication-skip-lookup', `--cert-dir=${join(folder, 'certificates')}`);
    const { name } = await handshake();
    expect(statSync(join(folder, 'certificates/cloud-controller-manager.key')).mode & 0o777).toBe(0o600);
    const written = readFileSync(join(folder, 'certificates/cloud-controller-manager.crt'), 'utf8');
    await server?.[Symbol.asyncDispose]();
    await serve('--authentication-skip-lookup', `--cert-dir=${join(folder, 'certificates')}`);
    expect((await handshake()).name).toBe(name);
    expect(readFileSync(join(folder, 'certificates/cloud-controller-manager.crt'), 'utf8')).toBe(written);
  });

  it('are replaced while the server runs, and a broken replacement is not taken', async () => {
    const [first, second] = [serverCertificate('first.example'), serverCertificate('second.example')];
    const [certificate, key] = [file('tls.crt', first.certificate), file('tls.key', first.key)];
    await serve('--authentication-skip-lookup', `--tls-cert-file=${certificate}`, `--tls-private-key-file=${key}`);
    expect((await handshake()).name).toBe('first.example');
    // Half of a replacement: the pair does not fit together.
    writeFileSync(certificate, second.certificate);
    await until(() => log.includes('the former ones stay'));
    expect((await handshake()).name).toBe('first.example');
    writeFileSync(key, second.key);
    await until(async () => (await handshake()).name === 'second.example');
    expect(log).not.toContain('PRIVATE KEY');
  });

  it('are chosen by host name, exact names before wildcards', async () => {
    const [foo, any] = [serverCertificate('foo.example.com'), serverCertificate('any')];
    const pairs = [
      [file('any.crt', any.certificate), file('any.key', any.key)].join(',') + ':*.example.com',
      [file('foo.crt', foo.certificate), file('foo.key', foo.key)].join(','),
    ];
    await serve('--authentication-skip-lookup', ...pairs.flatMap((pair) => ['--tls-sni-cert-key', pair]));
    expect((await handshake({ servername: 'FOO.example.com' })).name).toBe('foo.example.com');
    expect((await handshake({ servername: 'bar.example.com' })).name).toBe('any');
    expect((await handshake({ servername: 'a.b.example.com' })).name).toMatch(/^localhost@/);
  });

  it.each([
    ['swapped', 'this file holds the key'],
    ['foreign', 'name the key of the certificate in'],
    ['empty', 'name a certificate in PEM'],
    ['missing', 'name a file that can be read'],
  ])('that are %s are refused in words', async (what, words) => {
    const [one, other] = [serverCertificate('one'), serverCertificate('other')];
    const [certificate, key] = [file('a.pem', one.certificate), file('b.pem', one.key)];
    const flags = {
      swapped: [key, certificate],
      foreign: [certificate, file('c.pem', other.key)],
      empty: [file('d.pem', ''), key],
      missing: [join(folder, 'nowhere.crt'), key],
    }[what]!;
    const error: unknown = await serve(`--tls-cert-file=${flags[0]}`, `--tls-private-key-file=${flags[1]}`).catch(
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof ConfigError)) throw error;
    const message = error.faults.map(describeConfigFault).join('\n');
    expect(message).toContain(words);
    expect(message).not.toContain('BEGIN');
  });
});

describe('TLS', () => {
  it('is of the version and the cipher suites that flags ask for', async () => {
    const suite = '--tls-cipher-suites=TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384';
    await serve('--authentication-skip-lookup', suite);
    expect(await handshake({ maxVersion: 'TLSv1.2' })).toMatchObject({
      protocol: 'TLSv1.2',
      cipher: 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
    });
    expect((await handshake()).protocol).toBe('TLSv1.3');
    const other = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' } as const;
    await expect(handshake(other)).rejects.toThrow(/alert handshake failure|ECONNRESET/);
    await expect(handshake({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' })).rejects.toThrow();
  });

  it('may be held to 1.3', async () => {
    await serve('--authentication-skip-lookup', '--tls-min-version=VersionTLS13', '--tls-curve-preferences=29,23');
    expect((await handshake()).protocol).toBe('TLSv1.3');
    await expect(handshake({ maxVersion: 'TLSv1.2' })).rejects.toThrow();
  });
});

describe('authorities for clients', () => {
  const people = new TestAuthority('people');
  const newer = new TestAuthority('people, the second year');

  // The in-process API server answers no reviews, so that only members of system:masters get in here.
  const master = (authority: TestAuthority): CertificateAndKey => authority.client('root', 'system:masters');

  it('are read from a file, and again when it changes', async () => {
    const path = file('clients.crt', people.own.certificate);
    await serve('--authentication-skip-lookup', `--client-ca-file=${path}`);
    expect((await get('/flagz', master(people))).status).toBe(200);
    expect((await get('/flagz', master(newer))).status).toBe(401);
    writeFileSync(path, newer.own.certificate);
    await until(async () => (await get('/flagz', master(newer))).status === 200);
    expect((await get('/flagz', master(people))).status).toBe(401);
  });

  it('are looked up in the cluster, and the manager is not ready until they are found', async () => {
    await serve();
    await until(() => obstacles.has('authentication'));
    expect(log).toContain('extension-apiserver-authentication');
    cluster.store.create('configmaps', {
      metadata: { namespace: 'kube-system', name: 'extension-apiserver-authentication' },
      data: { 'client-ca-file': people.own.certificate },
    });
    await until(() => !obstacles.has('authentication'));
    expect((await get('/flagz', master(people))).status).toBe(200);
  });

  it('need not be found when that is tolerated', async () => {
    await serve('--authentication-tolerate-lookup-failure');
    await until(() => log.includes('extension-apiserver-authentication'));
    expect(obstacles.size).toBe(0);
  });
});

describe('introspection', () => {
  const people = new TestAuthority('people');

  async function ask(path: string): Promise<{ status: number; body: string }> {
    await serve(
      '--authentication-skip-lookup',
      `--client-ca-file=${file('clients.crt', people.own.certificate)}`,
      '--cluster-name=blue',
    );
    return await get(path, people.client('root', 'system:masters'));
  }

  it('/configz speaks as the Go managers do', async () => {
    const { body } = await ask('/configz');
    const config = (JSON.parse(body) as Record<string, Record<string, unknown>>)[
      'cloudcontrollermanager.config.k8s.io'
    ];
    expect(config).toMatchObject({
      kind: 'CloudControllerManagerConfiguration',
      Generic: { MinResyncPeriod: '12h0m0s', Controllers: ['*'], LeaderElection: { leaseDuration: '15s' } },
      KubeCloudShared: { ClusterName: 'blue', RouteReconciliationPeriod: '10s' },
      NodeController: { ConcurrentNodeSyncs: 1, ConcurrentNodeStatusUpdates: 1 },
    });
  });

  it('/flagz names every flag once', async () => {
    const { body } = await ask('/flagz');
    expect(body).toContain('\ncluster-name=blue\n');
    for (const name of Object.keys(managerFlags))
      expect(body.split('\n').filter((line) => line.startsWith(`${name}=`))).toHaveLength(1);
  });

  it('/metrics/slis counts what health checks said', async () => {
    await ask('/healthz');
    await get('/healthz');
    const { body } = await get('/metrics/slis', people.client('root', 'system:masters'));
    expect(body).toContain('kubernetes_healthcheck{name="ping",type="healthz"} 1');
    expect(body).toContain('kubernetes_healthchecks_total{name="ping",type="healthz",status="success"} 2');
  });
});
