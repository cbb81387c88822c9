import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigError, type ConfigFault } from '../../base/config-error.ts';
import { systemClock } from '../../base/clock.ts';
import { namespaces } from '../resources.ts';
import { connectKubeClient } from './connect.ts';
import { loadKubeConfig } from './load-kubeconfig.ts';
import { reply, ScriptedServer } from './testdata/scripted-server.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(text: string | object, name = 'kubeconfig'): string {
  const path = join(folder, name);
  writeFileSync(path, typeof text === 'string' ? text : JSON.stringify(text));
  return path;
}

const whole = (cluster: object = {}, user: object = { token: 't' }): object => ({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'x',
  contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
  clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1:6443', ...cluster } }],
  users: [{ name: 'u', user }],
});

function faultsOf(load: () => unknown): readonly ConfigFault[] {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('a kubeconfig', () => {
  it('that is whole is taken, with paths relative to itself', () => {
    write('certificate', 'ca.crt');
    const config = loadKubeConfig({ kubeconfig: write(whole({ 'certificate-authority': 'ca.crt' })) });
    expect(config.getCurrentCluster()).toMatchObject({
      server: 'https://10.0.0.1:6443',
      caFile: join(folder, 'ca.crt'),
    });
  });

  it('gives way to --master for the address', () => {
    const config = loadKubeConfig({ kubeconfig: write(whole()), master: 'https://192.0.2.1/base/' });
    expect(config.getCurrentCluster()?.server).toBe('https://192.0.2.1/base');
    expect(config.getCurrentUser()?.token).toBe('t');
  });

  it.each([
    ['is empty', '', '(file)'],
    ['is no YAML', '{"a":', '(file)'],
    ['is YAML of another kind', 'just text', 'current-context'],
    ['names no context', { ...whole(), 'current-context': undefined }, 'current-context'],
    ['names a context that is not there', { ...whole(), 'current-context': 'y' }, 'current-context'],
    ['names a cluster that is not there', { ...whole(), clusters: [] }, 'contexts[x].cluster'],
    ['names a user that is not there', { ...whole(), users: [] }, 'contexts[x].user'],
    ['names a CA that is not there', whole({ 'certificate-authority': '/no/ca' }), 'clusters[c].certificate-authority'],
    [
      'verifies and does not',
      whole({ 'certificate-authority-data': 'eA==', 'insecure-skip-tls-verify': true }),
      'clusters[c].insecure-skip-tls-verify',
    ],
    ['has an address that is none', whole({ server: 'https://a b' }), 'clusters[c].server'],
    ['has an address of another kind', whole({ server: 'ftp://a' }), 'clusters[c].server'],
    ['goes through SOCKS', whole({ 'proxy-url': 'socks5://a:1' }), 'clusters[c].proxy-url'],
    ['has a certificate without its key', whole({}, { 'client-certificate-data': 'eA==' }), 'users[u].client-key'],
    [
      'names a key that is not there',
      whole({}, { 'client-certificate-data': 'eA==', 'client-key': '/no/key' }),
      'users[u].client-key',
    ],
    ['names a token that is not there', whole({}, { tokenFile: '/no/token' }), 'users[u].tokenFile'],
    ['has a token and a plugin', whole({}, { token: 't', exec: { command: 'x' } }), 'users[u].exec'],
  ])('that %s is refused', (_what, content, field) => {
    const path = write(content);
    const faults = faultsOf(() => loadKubeConfig({ kubeconfig: path }));
    expect(faults.map((one) => [one.file, one.field])).toEqual([[path, field]]);
    expect(faults[0]?.fix).not.toBe('');
  });

  it('is judged as a whole', () => {
    const path = write(
      whole({ 'certificate-authority': '/no/ca', 'proxy-url': 'socks5://a:1' }, { 'client-key': '/no/key' }),
    );
    expect(faultsOf(() => loadKubeConfig({ kubeconfig: path }))).toHaveLength(4);
  });

  it('that is missing is refused, and so is a place that is no pod', () => {
    expect(faultsOf(() => loadKubeConfig({ kubeconfig: join(folder, 'none') }))[0]?.field).toBe('(file)');
    expect(faultsOf(() => loadKubeConfig({}))[0]?.field).toBe('--kubeconfig');
  });
});

describe('credentials', () => {
  const readNamespace = async (user: object, headers: string[]): Promise<void> => {
    await using server = await ScriptedServer.start((request, response) => {
      headers.push(request.headers.authorization ?? '');
      reply(response, 200, { metadata: { name: 'x' } });
    });
    const client = await connectKubeClient({
      kubeconfig: write(whole({ server: server.url }, user)),
      userAgent: 'test/1',
      clock: systemClock,
    });
    try {
      await client.get(namespaces, { namespace: '', name: 'x' }, { signal: new AbortController().signal });
    } finally {
      await client.close();
    }
  };

  it.each([
    ['a token', { token: 'secret' }, 'Bearer secret'],
    ['name and password', { username: 'me', password: 'pw' }, `Basic ${Buffer.from('me:pw').toString('base64')}`],
    [
      'a plugin',
      {
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1',
          command: 'echo',
          args: ['{"status":{"token":"from plugin"}}'],
        },
      },
      'Bearer from plugin',
    ],
  ])('are sent: %s', async (_what, user, expected) => {
    const headers: string[] = [];
    await readNamespace(user, headers);
    expect(headers).toEqual([expected]);
  });

  it('are read from a file beside the kubeconfig, which wins over a token', async () => {
    const headers: string[] = [];
    write('from file\n', 'token');
    await readNamespace({ tokenFile: 'token', token: 'written down' }, headers);
    expect(headers).toEqual(['Bearer from file']);
  });

  it('are read again from their file when the server refuses them', async () => {
    const headers: string[] = [];
    const tokenFile = write('old', 'token');
    await using server = await ScriptedServer.start((request, response) => {
      headers.push(request.headers.authorization ?? '');
      write('new', 'token');
      reply(response, headers.length === 1 ? 401 : 200, { metadata: { name: 'x' } });
    });
    const client = await connectKubeClient({
      kubeconfig: write(whole({ server: server.url }, { tokenFile })),
      userAgent: 'test/1',
      clock: systemClock,
    });
    const read = (): Promise<unknown> =>
      client.get(namespaces, { namespace: '', name: 'x' }, { signal: new AbortController().signal });
    await read().catch(() => read());
    expect(headers).toEqual(['Bearer old', 'Bearer new']);
    await client.close();
  });

  it('that are in an empty file are told as such', async () => {
    const headers: string[] = [];
    const tokenFile = write(' \n', 'token');
    await expect(readNamespace({ tokenFile }, headers)).rejects.toMatchObject({ kind: 'unauthorized' });
    expect(headers).toEqual([]);
  });

  it('that cannot be had are told as such, and nothing is sent', async () => {
    const headers: string[] = [];
    const user = { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'false' } };
    await expect(readNamespace(user, headers)).rejects.toMatchObject({ kind: 'unauthorized', outcome: 'notSent' });
    expect(headers).toEqual([]);
  });
});
