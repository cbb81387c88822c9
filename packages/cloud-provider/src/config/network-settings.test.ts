import { describe, expect, it } from '@jest/globals';
import { Duration } from '../base/duration.ts';
import { managerFlags } from './flags/manager-flags.ts';
import { parseFlags } from './flags/parse-flags.ts';
import { networkSettings, networkWarnings, validateNetworkFlags } from './network-settings.ts';

function parse(...args: readonly string[]) {
  const parsed = parseFlags(managerFlags, args);
  if (parsed.kind === 'usage') throw new Error(parsed.message);
  return parsed;
}

function faultsOf(args: readonly string[], has = { routes: true }): readonly string[] {
  return validateNetworkFlags(parse(...args).values, has).map(({ field, value }) => `${field}=${value}`);
}

const ipam = ['--allocate-node-cidrs', '--controllers=*,node-ipam-controller', '--configure-cloud-routes=false'];

describe('the ranges of the cluster', () => {
  it.each([
    ['', []],
    ['10.244.0.0/16', []],
    ['10.244.0.0/16, fd00:10::/48', []],
    ['fd00:10::/48,10.244.0.0/16', []],
    ['10.244.0.0', ['--cluster-cidr=10.244.0.0']],
    ['10.244.0.0/16,', ['--cluster-cidr=10.244.0.0/16,']],
    ['10.244.0.0/16,10.245.0.0/16', ['--cluster-cidr=10.244.0.0/16,10.245.0.0/16']],
    ['10.244.0.0/16,fd00::/48,fd01::/48', ['--cluster-cidr=10.244.0.0/16,fd00::/48,fd01::/48']],
  ])('%j for routes', (value, expected) => {
    expect(faultsOf([`--cluster-cidr=${value}`])).toEqual(expected);
  });

  it.each([
    ['the provider has no routes', [], { routes: false }],
    ['routes are not wanted', ['--configure-cloud-routes=false'], { routes: true }],
    ['the controller is off', ['--controllers=*,-route'], { routes: true }],
    ['node ranges are given elsewhere', ['--configure-cloud-routes=false', '--allocate-node-cidrs'], { routes: true }],
  ])('are not judged when %s', (_name, args, has) => {
    expect(faultsOf(['--cluster-cidr=nonsense', ...args], has)).toEqual([]);
  });

  it('say what to write', () => {
    const [fault] = validateNetworkFlags(parse('--cluster-cidr=10.244.0.0/16,x').values, { routes: true });
    expect(fault?.fix).toBe('write ranges such as 10.244.0.0/16 or 10.244.0.0/16,fd00:10::/48; "x" is none');
  });
});

describe('the sizes of the ranges of nodes', () => {
  const dual = '--cluster-cidr=10.0.0.0/8,fd00:10::/48';
  const v4 = '--cluster-cidr=10.0.0.0/8';
  const v6 = '--cluster-cidr=fd00:10::/48';

  // Source: k8s.io/kubernetes 1.36 cmd/cloud-controller-manager/nodeipamcontroller.go.
  it.each<[readonly string[], readonly number[]]>([
    [[v4], [24]],
    [[v6], [64]],
    [[dual], [24, 64]],
    [['--cluster-cidr=fd00:10::/48,10.0.0.0/8'], [64, 24]],
    [[v4, '--node-cidr-mask-size=26'], [26]],
    [[v6, '--node-cidr-mask-size=60'], [60]],
    [[v4, '--node-cidr-mask-size-ipv4=25'], [25]],
    [[v6, '--node-cidr-mask-size-ipv6=62'], [62]],
    [
      [dual, '--node-cidr-mask-size-ipv4=25'],
      [25, 64],
    ],
    [
      [dual, '--node-cidr-mask-size-ipv4=25', '--node-cidr-mask-size-ipv6=56'],
      [25, 56],
    ],
    [[v4, '--node-cidr-mask-size=8'], [8]],
    [[v4, '--node-cidr-mask-size=32'], [32]],
  ])('%j are %j', (args, expected) => {
    const { given, values } = parse(...ipam, ...args);
    expect(validateNetworkFlags(values, { routes: false })).toEqual([]);
    expect(networkSettings(values, given).nodeIpam?.ranges.map(({ nodePrefix }) => nodePrefix)).toEqual(expected);
  });

  it.each<[readonly string[], readonly string[]]>([
    [[], ['--cluster-cidr=']],
    [[dual, '--node-cidr-mask-size=24'], ['--node-cidr-mask-size=24']],
    [[v4, '--node-cidr-mask-size-ipv6=64'], ['--node-cidr-mask-size-ipv6=64']],
    [[v6, '--node-cidr-mask-size-ipv4=24'], ['--node-cidr-mask-size-ipv4=24']],
    [[v4, '--node-cidr-mask-size=24', '--node-cidr-mask-size-ipv4=24'], ['--node-cidr-mask-size-ipv4=24']],
    [[v4, '--node-cidr-mask-size=7'], ['--node-cidr-mask-size=7']],
    [[v4, '--node-cidr-mask-size=33'], ['--node-cidr-mask-size=33']],
    [[v6, '--node-cidr-mask-size=65'], ['--node-cidr-mask-size=65']],
    [['--cluster-cidr=fd00::/32'], ['--node-cidr-mask-size-ipv6=64']],
    [['--cluster-cidr=0.0.0.0/0', '--node-cidr-mask-size=25'], ['--node-cidr-mask-size=25']],
    [[v4, '--cidr-allocator-type=IPAMFromCloud'], ['--cidr-allocator-type=IPAMFromCloud']],
    [[v4, '--service-cluster-ip-range=x'], ['--service-cluster-ip-range=x']],
    [
      [v4, '--service-cluster-ip-range=10.0.0.0/16,10.1.0.0/16'],
      ['--service-cluster-ip-range=10.0.0.0/16,10.1.0.0/16'],
    ],
    [
      ['--cluster-cidr=x', '--service-cluster-ip-range=y'],
      ['--cluster-cidr=x', '--service-cluster-ip-range=y'],
    ],
  ])('%j have the faults %j', (args, expected) => {
    expect(faultsOf([...ipam, ...args], { routes: false })).toEqual(expected);
  });
});

describe('networkSettings', () => {
  it('needs no range of the cluster where the cloud gives nodes theirs', () => {
    const { given, values } = parse(...ipam, '--cidr-allocator-type=CloudAllocator');
    expect(validateNetworkFlags(values, { routes: false })).toEqual([]);
    expect(networkSettings(values, given).nodeIpam?.source).toBe('cloud');
  });

  it('leaves the resync to the controller unless somebody set it', () => {
    const resync = (...args: readonly string[]) => {
      const { given, values } = parse(...args);
      return networkSettings(values, given).routeResyncPeriod;
    };
    expect(resync()).toBeUndefined();
    expect(resync('--route-reconciliation-period=10s')).toEqual(Duration.seconds(10));
  });

  it('gives nodes no ranges unless told to', () => {
    const { given, values } = parse('--cluster-cidr=10.0.0.0/8');
    expect(networkSettings(values, given)).toMatchObject({ configureCloudRoutes: true, nodeIpam: undefined });
  });

  it('warns when ranges are expected of a controller that is off', () => {
    expect(networkWarnings(parse('--allocate-node-cidrs').values)).toHaveLength(1);
    expect(networkWarnings(parse(...ipam).values)).toEqual([]);
    expect(networkWarnings(parse().values)).toEqual([]);
  });
});
