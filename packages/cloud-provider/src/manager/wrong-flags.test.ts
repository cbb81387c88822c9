import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { systemClock } from '../base/clock.ts';
import { clusterStampKey } from '../cloud/ownership.ts';
import type { Flag, FlagKind } from '../config/flags/flag.ts';
import { managerFlags } from '../config/flags/manager-flags.ts';
import { embeddedTransport } from '../testing/memory-cloud/client/embedded-transport.ts';
import { MemoryCloud } from '../testing/memory-cloud/cloud/memory-cloud.ts';
import { memoryCloudProvider } from '../testing/memory-cloud/memory-cloud-provider.ts';
import type { ProgramHost } from './program.ts';
import { runManager } from './run-manager.ts';

class TestHost extends EventEmitter implements ProgramHost {
  readonly argv: readonly string[];
  readonly env = {};
  output = '';
  readonly stdout = { write: (text: string) => (this.output += text) };
  readonly stderr = this.stdout;

  constructor(flags: readonly string[]) {
    super();
    this.argv = ['node', 'manager', ...flags];
  }
}

const folder = mkdtempSync(join(tmpdir(), 'wrong-flags-'));
const garbageFile = join(folder, 'garbage');
writeFileSync(garbageFile, '\u0000{[garbage');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const cloud = new MemoryCloud({ clock: systemClock, ownerTag: clusterStampKey });
const program = {
  name: 'memory-cloud-controller-manager',
  version: '1.36.0',
  factory: memoryCloudProvider({ transport: embeddedTransport(cloud) }),
};

/** Runs the manager with flags that it must not accept: without a cluster it could not go on anyway. */
async function refusal(
  flags: readonly string[],
): Promise<{ readonly code: number; readonly lines: readonly string[] }> {
  const host = new TestHost([`--kubeconfig=${join(folder, 'none')}`, ...flags]);
  const code = await runManager(program, host);
  return { code, lines: host.output.trim().split('\n') };
}

/** What no flag of a kind takes. */
const wrongForKind: Readonly<Record<FlagKind, readonly string[]>> = {
  bool: ['', 'maybe', '2', 'yes', 'tru\u0435'],
  int: ['', 'one', '1.5', '1e3', '0x10', '9'.repeat(30), 'NaN', '1 ', '١'],
  float: ['', 'fast', '1,5', 'Infinity', 'NaN'],
  duration: ['', '5', '1 s', '5 minutes', '1d', '--', 's'],
  map: ['a', '=b', 'a=b,c'],
  string: [],
  list: [],
  array: [],
};

const files = ['/', join(folder, 'nothing'), garbageFile];
const names = ['A Name', '-a', 'a_b', 'x'.repeat(300), 'a\nb'];
const selectors = ['a in', '=', 'a=b,,', 'a in (b', '!'];
const addresses = ['nowhere', '256.0.0.1', '10.0.0.0/8', '1.2.3', 'localhost'];
const ranges = ['nowhere', '10.0.0.0/33', '10.0.0.0', '10.0.0.0/8,10.0.0.0/9', '010.0.0.0/8'];
const versions = ['1', 'TLS1.2', 'VersionTLS99', 'versiontls12'];
const suites = ['nothing', 'TLS_RSA_WITH_RC4_128_SHA', 'TLS_AES_128_GCM_SHA256,x', ','];
const curves = ['nothing', '1', 'X25519', '29,x'];
const pairs = ['a', 'a,', ',b', ':a'];
const words = ['nothing', '', 'RUN', ' '];

/** What single flags do not take, besides: texts that are read, and numbers out of bounds. */
const wrongForFlag: Readonly<Record<string, readonly string[]>> = {
  'cloud-provider': ['nothing', 'Memory', 'memory ', '/'],
  'cloud-config': files,
  config: files,
  kubeconfig: files,
  'leader-migration-config': files,
  master: ['ftp://x', 'https://a b', 'https://', 'http://:x'],
  controllers: ['nothing', '-nothing', 'cloud-node,nothing', 'Cloud-Node', '**'],
  webhooks: ['nothing', '-nothing', '**'],
  'feature-gates': ['Nothing=true', 'CloudControllerManagerWebhook=maybe', 'CloudControllerManagerWebhook='],
  'cluster-cidr': ranges,
  'service-cluster-ip-range': ranges,
  'cidr-allocator-type': ['nothing', '', 'rangeallocator'],
  'node-name': names,
  'leader-elect-resource-name': ['', ...names],
  'leader-elect-resource-namespace': ['', 'a.b', ...names],
  'leader-elect-resource-lock': words,
  'kube-api-content-type': ['nothing', '', 'application/cbor', 'application/json; charset=x'],
  'manage-nodes': selectors,
  'manage-services': selectors,
  mode: words,
  'node-deletion-policy': words,
  'orphan-policy': words,
  'logging-format': words,
  vmodule: ['a', 'a=', '=1', 'a=b', 'a=1,,'],
  'bind-address': addresses,
  'webhook-bind-address': addresses,
  'tls-min-version': versions,
  'webhook-tls-min-version': versions,
  'tls-cipher-suites': suites,
  'webhook-tls-cipher-suites': suites,
  'tls-curve-preferences': curves,
  'webhook-tls-curve-preferences': curves,
  'tls-sni-cert-key': pairs,
  'webhook-tls-sni-cert-key': pairs,
  'load-balancer-class': ['a b', '/x', 'x/', 'a/b/c', '-'],
  'secure-port': ['-1', '65536', '70000'],
  'webhook-secure-port': ['-1', '65536', '70000'],
};

const anyName = 'any text is a name';
const anyHeader = 'any text may be the name of a header';
const whenServed = 'a path; what it leads to is judged when the server starts';

/** Flags whose texts are all fine, and why. */
const takesAnything: Readonly<Record<string, string>> = {
  'cluster-name': anyName,
  'external-cloud-volume-plugin': 'it has no effect',
  'log-text-info-buffer-size': 'it has no effect',
  'log-json-info-buffer-size': 'it has no effect',
  'cert-dir': whenServed,
  'tls-cert-file': whenServed,
  'tls-private-key-file': whenServed,
  'client-ca-file': whenServed,
  'requestheader-client-ca-file': whenServed,
  'webhook-cert-dir': whenServed,
  'webhook-tls-cert-file': whenServed,
  'webhook-tls-private-key-file': whenServed,
  'authentication-kubeconfig': whenServed,
  'authorization-kubeconfig': whenServed,
  'requestheader-allowed-names': anyName,
  'requestheader-username-headers': anyHeader,
  'requestheader-group-headers': anyHeader,
  'requestheader-extra-headers-prefix': anyHeader,
  'requestheader-uid-headers': anyHeader,
  'authorization-always-allow-paths': 'any text may be a path',
};

/** What a flag needs so that its value is looked at. */
const company: Readonly<Record<string, readonly string[]>> = {
  'leader-migration-config': ['--enable-leader-migration'],
  'cluster-cidr': ['--allocate-node-cidrs', '--controllers=*,node-ipam-controller'],
  'service-cluster-ip-range': [
    '--allocate-node-cidrs',
    '--controllers=*,node-ipam-controller',
    '--cluster-cidr=10.0.0.0/8',
  ],
  'cidr-allocator-type': ['--allocate-node-cidrs', '--controllers=*,node-ipam-controller', '--cluster-cidr=10.0.0.0/8'],
  master: ['--kubeconfig='],
};

describe.each(Object.entries<Flag>(managerFlags))('--%s', (name, flag) => {
  const wrong = [...wrongForKind[flag.kind], ...(wrongForFlag[name] ?? [])];

  it('has three wrong values at least, or is said to take anything', () => {
    if (name in takesAnything) expect(wrong).toEqual([]);
    else expect(wrong.length).toBeGreaterThanOrEqual(3);
  });

  it('refuses each in one line that names the flag or its file, the value and what to do', async () => {
    const accepted: string[] = [];
    for (const value of wrong) {
      const { code, lines } = await refusal([...(company[name] ?? []), `--${name}=${value}`]);
      const written = JSON.stringify(value).slice(1, -1);
      const line = lines.find(
        (each) => each.includes(`--${name}: `) || (files.includes(value) && each.includes(value)),
      );
      const isGood = line !== undefined && line.includes(written) && /: \S.{8,}$/.test(line);
      if (!isGood || code === 0) accepted.push(`${JSON.stringify(value)} gave ${code}: ${lines.join('\n')}`);
    }
    expect(accepted).toEqual([]);
  });
});

const ipam = ['--allocate-node-cidrs', '--controllers=*,node-ipam-controller'];

/** Flags that are good by themselves and contradict one another, and the flag that is named. */
const contradictions: readonly (readonly [flags: readonly string[], named: string])[] = [
  [['--leader-elect-lease-duration=10s'], 'leader-elect-lease-duration'],
  [['--leader-elect-renew-deadline=20s'], 'leader-elect-lease-duration'],
  [['--leader-elect-retry-period=9s'], 'leader-elect-renew-deadline'],
  [['--enable-leader-migration', '--leader-elect=false'], 'enable-leader-migration'],
  [['--node-name=a', '--enable-leader-migration'], 'enable-leader-migration'],
  [['--node-name=a', '--controllers=-cloud-node,*'], 'controllers'],
  [['--tls-cert-file=a.crt'], 'tls-private-key-file'],
  [['--tls-private-key-file=a.key'], 'tls-cert-file'],
  [['--default-load-balancer-class=false'], 'default-load-balancer-class'],
  [['--node-deletion-breaker-hold=1m', '--node-deletion-breaker-window=5m'], 'node-deletion-breaker-hold'],
  [ipam, 'cluster-cidr'],
  [[...ipam, '--cluster-cidr=10.0.0.0/24', '--node-cidr-mask-size=16'], 'node-cidr-mask-size'],
  [[...ipam, '--cluster-cidr=10.0.0.0/8,fd00::/48', '--node-cidr-mask-size=24'], 'node-cidr-mask-size'],
  [[...ipam, '--cluster-cidr=10.0.0.0/8', '--node-cidr-mask-size-ipv6=64'], 'node-cidr-mask-size-ipv6'],
];

describe('flags that contradict one another', () => {
  it.each(contradictions)('%j are refused with the name of --%s', async (flags, named) => {
    const { code, lines } = await refusal(flags);
    expect(code).toBe(1);
    expect(lines).toContainEqual(expect.stringContaining(`: --${named}: `));
  });

  it('are told of all at once', async () => {
    const { code, lines } = await refusal(['--secure-port=70000', '--mode=x', '--tls-cert-file=a', '--node-name=A B']);
    expect(code).toBe(1);
    for (const name of ['secure-port', 'mode', 'tls-private-key-file', 'node-name']) {
      expect(lines).toContainEqual(expect.stringContaining(`--${name}: `));
    }
  });
});
