import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemClock } from '../base/clock.ts';
import type { CloudProviderFactory } from '../cloud/cloud-provider.ts';
import { clusterStampKey } from '../cloud/ownership.ts';
import { startApiServer } from '../testing/api-server/api-server.ts';
import { embeddedTransport } from '../testing/memory-cloud/client/embedded-transport.ts';
import { MemoryCloud } from '../testing/memory-cloud/cloud/memory-cloud.ts';
import { memoryCloudProvider } from '../testing/memory-cloud/memory-cloud-provider.ts';
import { type ProgramHost, runManager } from './run-manager.ts';

class TestHost extends EventEmitter implements ProgramHost {
  readonly env = {};
  readonly argv: readonly string[];
  output = '';
  readonly stdout = { write: (text: string) => (this.output += text) };
  readonly stderr = this.stdout;

  constructor(flags: readonly string[]) {
    super();
    this.argv = ['node', 'manager', ...flags];
  }
}

const cloud = new MemoryCloud({ clock: systemClock, ownerTag: clusterStampKey });
const factory = memoryCloudProvider({ transport: embeddedTransport(cloud) });
const gate = '--feature-gates=CloudControllerManagerWebhook=true';
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'webhooks-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

function reviewOf(volumeHandle: string): string {
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u-1',
      kind: { version: 'v1', kind: 'PersistentVolume' },
      resource: { version: 'v1', resource: 'persistentvolumes' },
      operation: 'CREATE',
      object: { metadata: { name: 'pv' }, spec: { csi: { driver: 'csi.memory-cloud', volumeHandle } } },
    },
  });
}

interface Reply {
  readonly status: number;
  readonly body: string;
}

function post(port: number, body: string, path = '/persistent-volume-labeler'): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    request({ host: '127.0.0.1', port, path, method: 'POST', headers, agent: false, rejectUnauthorized: false })
      .on('response', (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      })
      .on('error', reject)
      .end(body);
  });
}

function responseOf({ body }: Reply): { allowed: boolean; patch?: readonly { path: string }[] } {
  const { response } = JSON.parse(body) as { response: { allowed: boolean; patch?: string } };
  const { allowed, patch } = response;
  if (patch === undefined) return { allowed };
  return { allowed, patch: JSON.parse(Buffer.from(patch, 'base64').toString()) as { path: string }[] };
}

/** Runs a manager with webhooks while something is done with it. */
async function withWebhooks(
  flags: readonly string[],
  work: (parts: { port: number; host: TestHost }) => Promise<void>,
  program: CloudProviderFactory = factory,
): Promise<void> {
  await using server = await startApiServer();
  const kubeconfig = join(folder, 'kubeconfig');
  await server.writeKubeconfig(kubeconfig);
  const port = await freePort();
  const host = new TestHost([
    `--kubeconfig=${kubeconfig}`,
    '--secure-port=0',
    '--leader-elect=false',
    '--webhook-bind-address=127.0.0.1',
    `--webhook-secure-port=${port}`,
    ...flags,
  ]);
  const running = runManager({ name: 'manager', version: '1.36.0', factory: program }, host);
  try {
    await work({ port, host });
  } finally {
    host.emit('SIGTERM');
    expect(await running).toBe(0);
  }
}

/** Waits until the webhooks are served and the cloud is known. */
async function served(port: number, body: string): Promise<Reply> {
  for (;;) {
    const reply = await post(port, body).catch(() => undefined);
    if (reply && reply.status !== 500) return reply;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('webhooks of a manager', () => {
  it('label volumes of its cloud', async () => {
    const { id } = cloud.operator.makeVolume(['memory-1b']);
    await withWebhooks([gate, '--webhooks=*'], async ({ port }) => {
      const { allowed, patch } = responseOf(await served(port, reviewOf(id)));
      expect(allowed).toBe(true);
      expect(patch?.map(({ path }) => path)).toEqual(['/metadata/labels', '/spec/nodeAffinity']);
      expect(responseOf(await post(port, reviewOf('vol-none')))).toEqual({ allowed: false });
    });
  });

  it('change and refuse nothing under --mode=observe', async () => {
    const { id } = cloud.operator.makeVolume(['memory-1b']);
    await withWebhooks([gate, '--webhooks=*', '--mode=observe'], async ({ port, host }) => {
      expect(responseOf(await served(port, reviewOf(id)))).toEqual({ allowed: true });
      expect(responseOf(await post(port, reviewOf('vol-none')))).toEqual({ allowed: true });
      expect(host.output).toContain('Would change an object');
      expect(host.output).toContain('Would refuse a request');
    });
  });

  it('are those of the provider too', async () => {
    const rules = [{ apiGroups: [''], apiVersions: ['v1'], resources: ['services'], operations: ['CREATE'] }] as const;
    const own = { name: 'own', path: '/own', kind: 'validating', rules } as const;
    const withOwn: CloudProviderFactory = {
      ...factory,
      webhooks: [own],
      configure: (input) => {
        const configured = factory.configure(input);
        return {
          ...configured,
          connect: (context) => ({
            ...configured.connect(context),
            webhooks: [{ name: 'own', admit: async () => ({ kind: 'refused', message: 'not today' }) }],
          }),
        };
      },
    };
    const work = async ({ port }: { port: number }): Promise<void> => {
      let reply: Reply | undefined;
      while (reply?.status !== 200) {
        reply = await post(port, reviewOf('x'), '/own').catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      expect(reply.body).toContain('not today');
      expect((await post(port, reviewOf('x'))).status).toBe(404);
    };
    await withWebhooks([gate, '--webhooks=own'], work, withOwn);
  });

  it('are not served without the feature gate, which is said', async () => {
    await withWebhooks(['--webhooks=*'], async ({ port, host }) => {
      while (!host.output.includes('--webhooks serves nothing without'))
        await new Promise((resolve) => setTimeout(resolve, 20));
      await expect(post(port, '')).rejects.toThrow('ECONNREFUSED');
    });
  });

  it.each([
    [['--webhooks=labeler'], '--webhooks: "labeler"'],
    [
      ['--webhooks=*', '--webhook-secure-port=10258', '--secure-port=10258'],
      'write another port than that of --secure-port',
    ],
    [['--webhook-tls-cert-file=/x'], '--webhook-tls-private-key-file: "": give it too'],
    [['--webhook-bind-address=here'], '--webhook-bind-address: "here": write an IP address'],
    [['--webhook-tls-min-version=1.2'], '--webhook-tls-min-version'],
  ])('refuse %j', async (flags, message) => {
    const host = new TestHost([gate, ...flags]);
    expect(await runManager({ name: 'manager', version: '1.36.0', factory }, host)).toBe(1);
    expect(host.output).toContain(message);
  });

  it('name a port that is taken', async () => {
    await using server = await startApiServer();
    const kubeconfig = join(folder, 'taken');
    await server.writeKubeconfig(kubeconfig);
    const host = new TestHost([
      `--kubeconfig=${kubeconfig}`,
      '--secure-port=0',
      gate,
      '--webhooks=*',
      '--webhook-bind-address=127.0.0.1',
      `--webhook-secure-port=${server.port}`,
    ]);
    expect(await runManager({ name: 'manager', version: '1.36.0', factory }, host)).toBe(1);
    expect(host.output).toContain(`--webhook-secure-port: "${server.port}": name a port that is free`);
  });
});
