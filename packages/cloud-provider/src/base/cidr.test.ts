import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type IPFamily, addressWidth, cidrOf, containsCidr, lastAddress, overlapsCidr, parseCidr } from './cidr.ts';

function cidr(text: string) {
  const parsed = parseCidr(text);
  if (!parsed) throw new Error(`${text} is no range`);
  return parsed;
}

describe('parseCidr', () => {
  it.each([
    ['10.244.0.0/16', '10.244.0.0/16'],
    ['10.244.3.7/16', '10.244.0.0/16'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['10.0.0.1/32', '10.0.0.1/32'],
    ['2001:DB8:0:0::/64', '2001:db8::/64'],
    ['2001:db8:1234:3::/48', '2001:db8:1234::/48'],
    ['2001:db8:0:1:1:1:1:1/128', '2001:db8:0:1:1:1:1:1/128'],
    ['::/0', '::/0'],
  ])('%s is %s', (text, canonical) => {
    expect(parseCidr(text)?.text).toBe(canonical);
  });

  it.each([
    '',
    '/',
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0/8',
    '0x0a.0.0.0/8',
    '10.0.0.0/8/8',
    ' 10.0.0.0/8',
    '10.0.0.0/8\n',
    '2001:db8::/129',
    'fe80::1%eth0/64',
    '☃/8',
  ])('%j is no range', (text) => {
    expect(parseCidr(text)).toBeUndefined();
  });
});

describe('ranges', () => {
  it.each([
    ['10.0.0.0/8', '10.1.0.0/16', true, true],
    ['10.1.0.0/16', '10.0.0.0/8', false, true],
    ['10.0.0.0/8', '11.0.0.0/8', false, false],
    ['10.0.0.0/8', '10.0.0.0/8', true, true],
    ['::/0', '10.0.0.0/8', false, false],
    ['a00:100::/24', 'a00:1ff::/32', true, true],
  ])('%s and %s: contains %p, overlaps %p', (left, right, contains, overlaps) => {
    expect(containsCidr(cidr(left), cidr(right))).toBe(contains);
    expect(overlapsCidr(cidr(left), cidr(right))).toBe(overlaps);
  });

  it('know their last address', () => {
    expect(lastAddress(cidr('10.0.0.0/24'))).toBe(0x0a0000ffn);
    expect(lastAddress(cidr('::/0'))).toBe((1n << 128n) - 1n);
  });

  it('print and read as the same range, whatever it is', () => {
    const anyCidr = fc.constantFrom<IPFamily>('IPv4', 'IPv6').chain((family) =>
      fc.record({
        family: fc.constant(family),
        address: fc.bigInt(0n, (1n << BigInt(addressWidth(family))) - 1n),
        prefix: fc.integer({ min: 0, max: addressWidth(family) }),
      }),
    );
    fc.assert(
      fc.property(anyCidr, ({ family, address, prefix }) => {
        const range = cidrOf(family, address, prefix);
        expect(parseCidr(range.text)).toEqual(range);
        expect(range.first <= address && address <= lastAddress(range)).toBe(true);
      }),
    );
  });
});
