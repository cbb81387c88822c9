import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemClock } from '../base/clock.ts';
import { Duration } from '../base/duration.ts';
import { clusterStampKey } from '../cloud/ownership.ts';
import { type ApiServer, startApiServer } from '../testing/api-server/api-server.ts';
import { embeddedTransport } from '../testing/memory-cloud/client/embedded-transport.ts';
import { MemoryCloud } from '../testing/memory-cloud/cloud/memory-cloud.ts';
import { memoryCloudProvider } from '../testing/memory-cloud/memory-cloud-provider.ts';
import { type ProgramHost, runManager } from './run-manager.ts';

const secret = 'planted-secret-0451';

class TestHost extends EventEmitter implements ProgramHost {
  readonly argv: readonly string[];
  readonly env = { MEMORY_CLOUD_PASSWORD: secret };
  output = '';
  readonly stdout = { write: (text: string) => (this.output += text) };
  readonly stderr = this.stdout;

  constructor(flags: readonly string[]) {
    super();
    this.argv = ['node', 'manager', ...flags];
  }
}

const cloud = new MemoryCloud({ clock: systemClock, ownerTag: clusterStampKey });
const program = {
  name: 'memory-cloud-controller-manager',
  version: '1.36.0',
  factory: memoryCloudProvider({ transport: embeddedTransport(cloud) }),
};

let folder: string;
let server: ApiServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'planted-secrets-'));
  server = await startApiServer({ token: 'another' });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const pemOfSecret = `-----BEGIN PRIVATE KEY-----\n${Buffer.from(secret).toString('base64')}\n-----END PRIVATE KEY-----\n`;

function kubeconfig(url: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: url } }],
    users: [{ name: 'u', user: { token: secret, password: secret, username: 'jane' } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'c',
  });
}

/** A file that holds a secret, given for each flag that names a file. */
const misread: readonly (readonly [string, () => readonly string[]])[] = [
  ['a kubeconfig that is broken', () => [`--kubeconfig=${file('a', `users: [{user: {token: ${secret}`)}`]],
  ['a kubeconfig that is a secret', () => [`--kubeconfig=${file('b', secret)}`]],
  ['a cloud-config that is a kubeconfig', () => [`--cloud-config=${file('c', kubeconfig('https://x'))}`]],
  ['a cloud-config that is broken', () => [`--cloud-config=${file('d', `password = "${secret}`)}`]],
  ['a --config that is a kubeconfig', () => [`--config=${file('e', kubeconfig('https://x'))}`]],
  ['a --config that is broken', () => [`--config=${file('f', `flags: [{token: ${secret}`)}`]],
  [
    'a leader migration that is a kubeconfig',
    () => ['--enable-leader-migration', `--leader-migration-config=${file('g', kubeconfig('https://x'))}`],
  ],
  [
    'a certificate that is a key',
    () => {
      const key = file('h', pemOfSecret);
      return [
        `--tls-cert-file=${key}`,
        `--tls-private-key-file=${key}`,
        `--kubeconfig=${file('i', kubeconfig(server.url))}`,
      ];
    },
  ],
  [
    'an authority that is a key',
    () => [`--client-ca-file=${file('j', pemOfSecret)}`, `--kubeconfig=${file('k', kubeconfig(server.url))}`],
  ],
];

describe('a planted secret', () => {
  it.each(misread)('is not told about %s', async (_what, flags) => {
    const host = new TestHost(['--bind-address=127.0.0.1', '--secure-port=40258', ...flags()]);
    expect(await runManager(program, host)).toBe(1);
    expect(host.output).toContain('memory-cloud-controller-manager: ');
    expect(host.output).not.toContain(secret);
    expect(host.output).not.toContain(Buffer.from(secret).toString('base64'));
  });

  it.each(['text', 'json'])('is not in a log of the form %s, when the API server refuses the token', async (form) => {
    const path = file(`refused-${form}`, kubeconfig(server.url));
    const host = new TestHost([`--kubeconfig=${path}`, '--secure-port=0', `--logging-format=${form}`, '--v=9']);
    const running = runManager(program, host);
    const end = performance.now() + 10_000;
    while (!host.output.includes("Can't read the namespace kube-system")) {
      if (performance.now() > end) throw new Error(`it says nothing: ${host.output}`);
      await systemClock.sleep(Duration.milliseconds(10));
    }
    host.emit('SIGTERM');
    expect(await running).toBe(0);
    expect(host.output).not.toContain(secret);
  });
});
