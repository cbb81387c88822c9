import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemClock } from '../base/clock.ts';
import { Duration } from '../base/duration.ts';
import { clusterStampKey } from '../cloud/ownership.ts';
import { startApiServer } from '../testing/api-server/api-server.ts';
import { embeddedTransport } from '../testing/memory-cloud/client/embedded-transport.ts';
import { MemoryCloud } from '../testing/memory-cloud/cloud/memory-cloud.ts';
import { memoryCloudProvider } from '../testing/memory-cloud/memory-cloud-provider.ts';
import { type ProgramHost, runManager } from './run-manager.ts';

class TestHost extends EventEmitter implements ProgramHost {
  readonly argv: readonly string[];
  readonly env = {};
  out = '';
  err = '';
  readonly stdout = { write: (text: string) => (this.out += text) };
  readonly stderr = { write: (text: string) => (this.err += text) };

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

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'run-manager-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(...flags: string[]): Promise<{ code: number; out: string; err: string }> {
  const host = new TestHost(flags);
  const code = await runManager(program, host);
  return { code, out: host.out, err: host.err };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('runManager', () => {
  it('explains itself', async () => {
    const { code, out } = await run('--help');
    expect(code).toBe(0);
    expect(out).toContain('memory-cloud-controller-manager [flags]');
    expect(out).toMatch(/--leader-elect-lease-duration duration\n.*\(default 15s\)/);
    expect(await run('--version')).toMatchObject({ code: 0, out: 'memory-cloud-controller-manager 1.36.0\n' });
  });

  it.each([
    [['--kubecofnig=x'], 2, 'unknown flag: --kubecofnig: did you mean --kubeconfig?'],
    [['serve'], 2, 'unexpected argument "serve"'],
    [['--leader-elect=perhaps'], 2, '--leader-elect: "perhaps": write true or false'],
    [['--secure-port=99999'], 1, '--secure-port: "99999": write a port from 1 to 65535, or 0 to serve nothing'],
    [['--cloud-provider=other'], 1, '--cloud-provider: "other": write memory, the only provider'],
    [['--cloud-config=/no/such/file'], 1, '--cloud-config: "/no/such/file": name a file that can be read'],
    [['--kubeconfig=/no/such/file'], 1, '/no/such/file'],
    [['--controllers=nodes'], 1, '--controllers: "nodes"'],
  ])('refuses %j with exit code %d in one line', async (flags, code, message) => {
    const result = await run(...flags);
    expect(result.code).toBe(code);
    expect(result.err).toContain(message);
    expect(result.err.trim().split('\n')).toHaveLength(1);
    expect(result.err).not.toContain('    at ');
  });

  it('tells the faults of flags and of the cloud-config together', async () => {
    const path = file('cloud.conf', 'nonsense = 1\n');
    const result = await run('--secure-port=99999', `--cloud-config=${path}`);
    expect(result.code).toBe(1);
    expect(result.err).toContain('--secure-port');
    expect(result.err).toContain(path);
  });

  it.each([
    ['--cluster-cidr=nonsense', '--cluster-cidr: "nonsense": write ranges such as'],
    ['--cluster-cidr=10.0.0.0/8,11.0.0.0/8', 'write one range, or one of IPv4 and one of IPv6'],
  ])('refuses ranges that routes can not be made for: %s', async (flag, message) => {
    const result = await run(flag);
    expect(result.code).toBe(1);
    expect(result.err).toContain(message);
  });

  it('refuses a kubeconfig that is none', async () => {
    const path = file('kubeconfig', '{]');
    const result = await run(`--kubeconfig=${path}`);
    expect(result.code).toBe(1);
    expect(result.err).toContain(path);
  });

  it('names a port that is taken', async () => {
    await using server = await startApiServer();
    const kubeconfig = join(folder, 'taken-kubeconfig');
    await server.writeKubeconfig(kubeconfig);
    const result = await run(`--kubeconfig=${kubeconfig}`, '--bind-address=127.0.0.1', `--secure-port=${server.port}`);
    expect(result.code).toBe(1);
    expect(result.err).toContain(`--secure-port: "${server.port}": name a port that is free`);
  });

  it('ends the process at a second signal, without waiting for good order', async () => {
    await using server = await startApiServer();
    const kubeconfig = join(folder, 'impatient-kubeconfig');
    await server.writeKubeconfig(kubeconfig);
    const exits: number[] = [];
    const host = Object.assign(new TestHost([`--kubeconfig=${kubeconfig}`, '--secure-port=0']), {
      exit: (code: number) => exits.push(code),
    });
    const running = runManager(program, host);
    while (host.listenerCount('SIGTERM') === 0) await systemClock.sleep(Duration.milliseconds(5));
    host.emit('SIGTERM');
    expect(exits).toEqual([]);
    host.emit('SIGINT');
    expect(exits).toEqual([1]);
    expect(await running).toBe(1);
  });

  it('runs until a signal and then ends with 0', async () => {
    await using server = await startApiServer();
    const kubeconfig = join(folder, 'running-kubeconfig');
    await server.writeKubeconfig(kubeconfig);
    const host = new TestHost([`--kubeconfig=${kubeconfig}`, '--secure-port=0', '--contention-profiling']);
    const running = runManager(program, host);
    const place = { namespace: 'kube-system', name: 'cloud-controller-manager' };
    const end = performance.now() + 20_000;
    while (!host.err.includes('Successfully acquired lease')) {
      if (performance.now() > end) throw new Error('it does not lead');
      await systemClock.sleep(Duration.milliseconds(10));
    }
    host.emit('SIGTERM');
    expect(await running).toBe(0);
    expect(server.store.get('leases', place)?.spec.holderIdentity).toBe('');
    expect(host.err).toContain('--contention-profiling');
    expect(host.err).toContain('--cluster-cidr is empty: write the range of addresses for pods');
    expect(host.listenerCount('SIGTERM')).toBe(0);
  });
});
