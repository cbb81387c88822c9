import { describe, expect, it } from '@jest/globals';
import { chooseProvidedAddresses } from './provided-node-ip.ts';
import { addressList } from './test-nodes.ts';
import { countCases } from '../test-case-count.ts';

countCases('go-cases-node-ip');

describe('chooseProvidedAddresses', () => {
  const dual = ['InternalIP=10.1.1.1', 'InternalIP=fc01:1234::1', 'ExternalIP=55.55.55.55', 'ExternalIP=2001:db8::1'];
  const rows: readonly (readonly [string, string, readonly string[], readonly string[] | 'invalid'])[] = [
    [
      'the internal address',
      '10.1.1.1',
      ['InternalIP=10.1.1.1', 'ExternalIP=55.55.55.55', 'Hostname=a'],
      ['InternalIP=10.1.1.1', 'ExternalIP=55.55.55.55', 'Hostname=a'],
    ],
    [
      'the external address comes first',
      '55.55.55.55',
      ['InternalIP=10.1.1.1', 'ExternalIP=55.55.55.55', 'Hostname=a'],
      ['ExternalIP=55.55.55.55', 'InternalIP=10.1.1.1', 'Hostname=a'],
    ],
    [
      'one address as internal and external',
      '10.1.1.1',
      ['InternalIP=10.1.1.1', 'ExternalIP=10.1.1.1'],
      ['InternalIP=10.1.1.1', 'ExternalIP=10.1.1.1'],
    ],
    [
      'names stay',
      '10.1.1.1',
      ['InternalIP=10.1.1.1', 'InternalDNS=ip-10-1-1-1', 'ExternalDNS=public'],
      ['InternalIP=10.1.1.1', 'InternalDNS=ip-10-1-1-1', 'ExternalDNS=public'],
    ],
    [
      'other internal addresses vanish',
      '10.1.1.1',
      ['InternalIP=10.1.1.1', 'InternalIP=10.1.1.2', 'InternalIP=10.1.1.3', 'ExternalIP=5.5.5.5'],
      ['InternalIP=10.1.1.1', 'ExternalIP=5.5.5.5'],
    ],
    ['not offered', '10.1.1.9', ['InternalIP=10.1.1.1'], 'invalid'],
    [
      'another spelling of an IPv6 address',
      '2600:1f14:1d4:d101::ba3d',
      ['InternalIP=2600:1f14:1d4:d101:0:0:0:ba3d'],
      ['InternalIP=2600:1f14:1d4:d101:0:0:0:ba3d'],
    ],
    ['both families of a cloud with one', '10.1.1.1,fc01:1234::1', ['InternalIP=10.1.1.1'], 'invalid'],
    [
      'both families, IPv4 first',
      '10.1.1.1,fc01:1234::1',
      dual,
      ['InternalIP=10.1.1.1', 'InternalIP=fc01:1234::1', 'ExternalIP=55.55.55.55', 'ExternalIP=2001:db8::1'],
    ],
    [
      'both families, IPv6 first',
      'fc01:1234::1,10.1.1.1',
      dual,
      ['InternalIP=fc01:1234::1', 'InternalIP=10.1.1.1', 'ExternalIP=55.55.55.55', 'ExternalIP=2001:db8::1'],
    ],
    ['internal and external', '10.1.1.1,2001:db8::1', dual, ['InternalIP=10.1.1.1', 'ExternalIP=2001:db8::1']],
    [
      'several external addresses stay',
      'fc01:1234::1',
      dual,
      ['InternalIP=fc01:1234::1', 'ExternalIP=55.55.55.55', 'ExternalIP=2001:db8::1'],
    ],
    ['no address', 'hostname', dual, 'invalid'],
    ['empty', '', dual, 'invalid'],
    ['a space', '10.1.1.1, fc01:1234::1', dual, 'invalid'],
    ['two of one family', '10.1.1.1,55.55.55.55', dual, 'invalid'],
    ['three', '10.1.1.1,fc01:1234::1,55.55.55.55', dual, 'invalid'],
    ['two, one of them unspecified', '0.0.0.0,fc01:1234::1', dual, 'invalid'],
    ['a zone', 'fe80::1%eth0', ['InternalIP=fe80::1'], 'invalid'],
    ['a prefix', '10.1.1.1/24', dual, 'invalid'],
    [
      'a host name is no address',
      '10.1.1.1',
      ['Hostname=10.1.1.x', 'InternalIP=10.1.1.1'],
      ['InternalIP=10.1.1.1', 'Hostname=10.1.1.x'],
    ],
  ];
  it.each(rows)('%s', (_name, annotation, offered, expected) => {
    const choice = chooseProvidedAddresses(annotation, addressList(...offered));
    if (expected === 'invalid') expect(choice.kind).toBe('invalid');
    else expect(choice).toEqual({ kind: 'addresses', addresses: addressList(...expected) });
  });
});
