import { describe, expect, it } from '@jest/globals';
import { AwsAccount } from '../testing/aws-account.ts';
import type { Instance } from '../client/ec2-port.ts';
import type { IPFamily } from '../config/cloud-config.ts';
import { instanceAddresses } from './addresses.ts';

function instance(overrides: Partial<Instance>): Instance {
  const account = AwsAccount.withNetwork();
  return account.ec2.instances.get(account.launch(1, { privateDnsName: 'ip-10-0-0-11.ec2.internal', ...overrides }))!;
}

const inUse = { id: 'eni-1', status: 'in-use', ipv6s: [] };

describe('addresses', () => {
  it.each<[string, Partial<Instance>, IPFamily[], string[]]>([
    [
      'of several interfaces, in the order of their devices',
      {
        publicIP: '198.51.100.7',
        publicDnsName: 'ec2-198-51-100-7.compute-1.amazonaws.com',
        networkInterfaces: [
          { ...inUse, deviceIndex: 2, privateIPs: ['10.0.0.21'] },
          { ...inUse, deviceIndex: undefined, privateIPs: ['10.0.0.99'] },
          { ...inUse, deviceIndex: 0, privateIPs: ['10.0.0.11', '10.0.0.12'] },
          { ...inUse, deviceIndex: 1, privateIPs: ['10.0.0.22'] },
          { ...inUse, status: 'attaching', deviceIndex: 3, privateIPs: ['10.0.0.23'] },
        ],
      },
      ['ipv4'],
      [
        'InternalIP 10.0.0.11',
        'InternalIP 10.0.0.12',
        'InternalIP 10.0.0.22',
        'InternalIP 10.0.0.21',
        'InternalIP 10.0.0.99',
        'ExternalIP 198.51.100.7',
        'InternalDNS ip-10-0-0-11.ec2.internal',
        'Hostname ip-10-0-0-11.ec2.internal',
        'ExternalDNS ec2-198-51-100-7.compute-1.amazonaws.com',
      ],
    ],
    [
      'of a private machine',
      { networkInterfaces: [{ ...inUse, deviceIndex: 0, privateIPs: ['10.0.0.11'] }] },
      ['ipv4'],
      ['InternalIP 10.0.0.11', 'InternalDNS ip-10-0-0-11.ec2.internal', 'Hostname ip-10-0-0-11.ec2.internal'],
    ],
    [
      'of IPv6 alone: the first of each interface',
      {
        networkInterfaces: [
          { id: 'eni-1', status: 'in-use', deviceIndex: 1, privateIPs: ['10.0.0.11'], ipv6s: ['2001:db8::2'] },
          {
            id: 'eni-1',
            status: 'in-use',
            deviceIndex: 0,
            privateIPs: ['10.0.0.11'],
            ipv6s: ['2001:db8::1', '2001:db8::9'],
          },
        ],
      },
      ['ipv6'],
      ['InternalIP 2001:db8::1', 'InternalIP 2001:db8::2', 'Hostname ip-10-0-0-11.ec2.internal'],
    ],
    [
      'of both families, in their order',
      {
        networkInterfaces: [
          { id: 'eni-1', status: 'in-use', deviceIndex: 0, privateIPs: ['10.0.0.11'], ipv6s: ['2001:db8::1'] },
        ],
      },
      ['ipv6', 'ipv4'],
      [
        'InternalIP 2001:db8::1',
        'InternalIP 10.0.0.11',
        'InternalDNS ip-10-0-0-11.ec2.internal',
        'Hostname ip-10-0-0-11.ec2.internal',
      ],
    ],
    ['of a machine that has none', { networkInterfaces: [], privateDnsName: '' }, ['ipv4', 'ipv6'], []],
  ])('%s', (_name, overrides, families, expected) => {
    const addresses = instanceAddresses(instance(overrides), { nodeIPFamilies: families, nodePrivateIPs: 'all' });
    expect(addresses.map(({ type, address }) => `${type} ${address}`)).toEqual(expected);
  });

  it('are the first of each interface where the others are those of pods', () => {
    const networkInterfaces = [
      { ...inUse, deviceIndex: 1, privateIPs: ['10.0.0.21', '10.0.0.22'] },
      { ...inUse, deviceIndex: 0, privateIPs: ['10.0.0.11', '10.0.0.12', '10.0.0.13'] },
    ];
    const config = { nodeIPFamilies: ['ipv4'], nodePrivateIPs: 'primary' } as const;
    const addresses = instanceAddresses(instance({ networkInterfaces, privateDnsName: '' }), config);
    expect(addresses.map(({ address }) => address)).toEqual(['10.0.0.11', '10.0.0.21']);
  });
});
