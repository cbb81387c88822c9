import { describe, expect, it } from '@jest/globals';
import { type Cidr, parseCidr } from '../../base/cidr.ts';
import { CidrSet } from './cidr-set.ts';
import { countCases } from '../test-case-count.ts';

countCases('go-cases-ipam-blocks');

// The cases of k8s.io/kubernetes 1.36 pkg/controller/nodeipam/ipam/cidrset, cidr_set_test.go.

function cidr(text: string): Cidr {
  const parsed = parseCidr(text);
  if (!parsed) throw new Error(`${text} is no range`);
  return parsed;
}

function setOf(range: string, blockPrefix: number): CidrSet {
  return new CidrSet(cidr(range), blockPrefix);
}

function next(set: CidrSet): string | undefined {
  const found = set.useNext();
  return found && set.block(found.index).text;
}

function each(set: CidrSet, range: string, work: (index: number) => void): void {
  const span = set.spanOf(cidr(range));
  for (let index = span?.first ?? 0; index <= (span?.last ?? -1); index++) work(index);
}

describe('CidrSet', () => {
  it.each([
    ['127.123.234.0/30', 30, '127.123.234.0/30'],
    ['beef:1234::/30', 30, 'beef:1234::/30'],
  ])('of one block, %s: gives it, is full, and gives it again', (range, prefix, block) => {
    const set = setOf(range, prefix);
    for (let round = 0; round < 2; round++) {
      expect(next(set)).toBe(block);
      expect(next(set)).toBeUndefined();
      expect(set.free(0)).toBe(true);
    }
  });

  it.each([
    ['127.123.3.0/16', 24, 0, '127.123.0.0/24'],
    ['127.123.0.0/16', 24, 15, '127.123.15.0/24'],
    ['192.168.5.219/28', 32, 5, '192.168.5.213/32'],
    ['2001:0db8:1234:3::/48', 64, 0, '2001:db8:1234::/64'],
    ['2001:0db8:1234::/48', 64, 15, '2001:db8:1234:f::/64'],
    ['2001:0db8:85a3::8a2e:0370:7334/50', 63, 6425, '2001:db8:85a3:3232::/63'],
    ['2001:0db8::/32', 48, 0, '2001:db8::/48'],
    ['2001:0db8::/32', 48, 15, '2001:db8:f::/48'],
    ['2001:0db8:85a3::8a2e:0370:7334/32', 48, 6425, '2001:db8:1919::/48'],
    ['2001:0db8:1234:ff00::/56', 72, 0, '2001:db8:1234:ff00::/72'],
    ['2001:0db8:1234:ff00::/56', 72, 15, '2001:db8:1234:ff00:f00::/72'],
    ['2001:0db8:1234:ff00::0370:7334/56', 72, 6425, '2001:db8:1234:ff19:1900::/72'],
    ['2001:0db8:1234:0:1234::/80', 96, 0, '2001:db8:1234:0:1234::/96'],
    ['2001:0db8:1234:0:1234::/80', 96, 15, '2001:db8:1234:0:1234:f::/96'],
    ['2001:0db8:1234:ff00::0370:7334/80', 96, 6425, '2001:db8:1234:ff00:0:1919::/96'],
  ])('%s by /%i: block %i is %s', (range, prefix, index, block) => {
    const set = setOf(range, prefix);
    expect(set.block(index).text).toBe(block);
    expect(set.spanOf(cidr(block))).toEqual({ first: index, last: index });
  });

  it.each(['127.123.234.0/16', 'beef:1234::/16'])('%s: gives all, takes all back and gives the same again', (range) => {
    const set = setOf(range, 24);
    const first = Array.from({ length: 256 }, () => next(set));
    expect(new Set(first).size).toBe(256);
    expect(next(set)).toBeUndefined();
    each(set, range, (index) => set.free(index));
    expect(set.used).toBe(0);
    // Half of them are used by others; giving goes round them.
    for (let index = 128; index < 256; index++) set.use(index);
    expect(set.use(128)).toBe(false);
    expect(Array.from({ length: 128 }, () => next(set))).toEqual(first.slice(0, 128));
    expect(next(set)).toBeUndefined();
  });

  it('counts each block once, however often it is used or freed', () => {
    const set = setOf('10.42.0.0/16', 24);
    const steps: readonly (readonly ['use' | 'free', string, number])[] = [
      ['use', '10.42.5.0/24', 1],
      ['use', '10.42.9.0/24', 2],
      ['use', '10.42.8.0/22', 5],
      ['use', '10.42.9.0/24', 5],
      ['free', '10.42.9.0/24', 4],
      ['free', '10.42.9.0/24', 4],
      ['free', '10.42.4.0/22', 3],
    ];
    for (const [verb, range, used] of steps) {
      each(set, range, (index) => set[verb](index));
      expect(set.used).toBe(used);
    }
    for (let count = 0; count < 253; count++) expect(next(set)).toBeDefined();
    expect(next(set)).toBeUndefined();
  });

  it.each([
    ['127.0.0.0/8', 16, '127.0.0.0/16', 0],
    ['be00::/8', 16, 'be00::/16', 0],
    ['127.0.0.0/8', 16, '127.123.0.0/16', 123],
    ['be00::/8', 16, 'beef::/16', 0xef],
    ['127.0.0.0/8', 16, '127.168.0.0/16', 168],
    ['be00::/8', 16, 'be68::/16', 0x68],
    ['127.0.0.0/8', 16, '127.224.0.0/16', 224],
    ['be00::/8', 16, 'be24::/16', 0x24],
    ['192.168.0.0/16', 24, '192.168.12.0/24', 12],
    ['beef::/16', 24, 'beef:1200::/24', 0x12],
    ['192.168.0.0/16', 24, '192.168.151.0/24', 151],
    ['beef::/16', 24, 'beef:9700::/24', 0x97],
    ['192.168.0.0/16', 24, '127.168.224.0/24', undefined],
    ['beef::/16', 24, '2001:db00::/24', undefined],
  ])('%s by /%i: %s is block %p', (range, prefix, block, index) => {
    const expected = index === undefined ? undefined : { first: index, last: index };
    expect(setOf(range, prefix).spanOf(cidr(block))).toEqual(expected);
  });

  it.each([
    ['127.0.0.0/8', 16, '127.0.0.0/8', 0, 255],
    ['2001:beef:1200::/40', 48, '2001:beef:1200::/40', 0, 255],
    ['127.0.0.0/8', 16, '127.0.0.0/2', 0, 255],
    ['2001:beef:1200::/40', 48, '2001:beef:1234::/34', 0, 255],
    ['127.0.0.0/8', 16, '127.0.0.0/16', 0, 0],
    ['2001:beef:1200::/40', 48, '2001:beef:1200::/48', 0, 0],
    ['127.0.0.0/8', 32, '127.0.0.0/16', 0, 65535],
    ['2001:beef:1200::/48', 64, '2001:beef:1200::/48', 0, 65535],
    ['127.0.0.0/7', 16, '127.0.0.0/15', 256, 257],
    ['2001:beef:7f00::/39', 48, '2001:beef:7f00::/47', 256, 257],
    ['127.0.0.0/7', 15, '127.0.0.0/15', 128, 128],
    ['2001:beef:7f00::/39', 47, '2001:beef:7f00::/47', 128, 128],
    ['127.0.0.0/7', 18, '127.0.0.0/15', 1024, 1031],
    ['2001:beef:7f00::/39', 50, '2001:beef:7f00::/47', 1024, 1031],
  ])('%s by /%i: %s overlaps blocks %i to %i', (range, prefix, other, first, last) => {
    expect(setOf(range, prefix).spanOf(cidr(other))).toEqual({ first, last });
  });

  it.each([
    ['10.0.0.0/16', 24, 256],
    ['2001:db8::/48', 64, 65536],
    ['10.0.0.0/16', 16, 1],
  ])('%s by /%i has %i blocks', (range, prefix, size) => {
    expect(setOf(range, prefix).size).toBe(size);
  });

  it.each([
    ['127.0.0.0/8', 32, ['127.0.0.0/32', '127.0.0.1/32']],
    ['2001:beef:1234:369b::/60', 64, ['2001:beef:1234:3690::/64', '2001:beef:1234:3691::/64']],
  ])('%s by /%i begins with %j', (range, prefix, blocks) => {
    const set = setOf(range, prefix);
    expect(blocks.map(() => next(set))).toEqual(blocks);
  });

  it.each([
    ['beef:1234::/32', 49],
    ['0.0.0.0/0', 25],
    ['10.0.0.0/16', 15],
    ['10.0.0.0/16', 33],
  ])('%s can not be cut by /%i', (range, prefix) => {
    expect(() => setOf(range, prefix)).toThrow(RangeError);
  });

  it('counts the used blocks that it passed over, and passes many at once', () => {
    const set = setOf('10.0.0.0/16', 24);
    each(set, '10.0.0.0/17', (index) => set.use(index));
    expect(set.useNext()).toEqual({ index: 128, tries: 128 });
    const large = setOf('10.0.0.0/8', 32);
    for (let index = 0; index < large.size - 1; index++) large.use(index);
    expect(large.useNext()?.index).toBe(large.size - 1);
    large.free(7);
    expect(large.useNext()?.index).toBe(7);
  });
});
