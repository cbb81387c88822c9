import { describe, expect, it } from '@jest/globals';
import { MetricRegistry } from '../../telemetry/metrics.ts';

import type { RangeAllocator } from './range-allocator.ts';
import { nodeWith, rangeAllocator } from './test-bench.ts';
import { countCases } from '../test-case-count.ts';

countCases('go-cases-ipam-ranges');

// The cases of k8s.io/kubernetes 1.36 pkg/controller/nodeipam/ipam, range_allocator_test.go.

async function give(allocator: RangeAllocator, name: string): Promise<string> {
  const allocation = await allocator.allocate(nodeWith(name));
  return allocation.kind === 'allocated' ? allocation.cidrs.join() : allocation.kind;
}

describe('occupy', () => {
  const v4 = ['10.10.0.0/16/24'];
  // Go takes a set of /24 of a /8 of IPv6.
  const dual = ['10.10.0.0/16/24', 'a00::/8/24'];
  it.each<[string, readonly string[], readonly string[], readonly string[]]>([
    ['single stack, no range', v4, [], []],
    ['dual stack, no range', dual, [], []],
    ['single stack, right', v4, ['10.10.0.1/24'], []],
    ['dual stack, both right', dual, ['10.10.0.1/24', 'a00::/86'], []],
    ['single stack, wrong', v4, ['172.10.0.1/24'], ['172.10.0.1/24']],
    ['second range of a family that the cluster lacks', v4, ['10.10.0.1/24', 'a00::/86'], ['a00::/86']],
    ['dual stack, wrong IPv4', dual, ['172.10.0.1/24', 'a00::/86'], ['172.10.0.1/24']],
    ['dual stack, wrong IPv6', dual, ['10.10.0.1/24', 'cdd::/86'], ['cdd::/86']],
    ['garbage', v4, ['garbage\u0000'], ['garbage']],
  ])('%s', async (_name, ranges, podCIDRs, misfits) => {
    const allocator = rangeAllocator(ranges);
    const faults = allocator.occupy(nodeWith('node0', podCIDRs));
    expect(faults.map(({ reason }) => reason)).toEqual(misfits.map(() => 'CIDRNotAvailable'));
    for (const [index, misfit] of misfits.entries()) expect(faults[index]?.message).toContain(misfit);
    // Where Go's start fails, the others go on; what fits is used all the same.
    const isFirstUsed = podCIDRs.includes('10.10.0.1/24');
    expect(await give(allocator, 'node1')).toMatch(isFirstUsed ? /^10\.10\.1\.0/ : /^10\.10\.0\.0/);
  });
});

describe('allocate', () => {
  it.each<[string, readonly string[], readonly string[], readonly string[], string]>([
    ['the first of the range', ['127.123.234.0/24/30'], [], [], '127.123.234.0/30'],
    ['past the range of Services', ['127.123.234.0/24/30'], ['127.123.234.0/26'], [], '127.123.234.64/30'],
    [
      'past what is used',
      ['127.123.234.0/24/30'],
      ['127.123.234.0/26'],
      ['127.123.234.64/30', '127.123.234.68/30', '127.123.234.72/30', '127.123.234.80/30'],
      '127.123.234.76/30',
    ],
    [
      'IPv4 and IPv6',
      ['127.0.0.0/8/24', 'ace:cab:deca::/84/98'],
      ['127.123.234.0/26'],
      [],
      '127.0.0.0/24,ace:cab:deca::/98',
    ],
    [
      'IPv6 and IPv4',
      ['ace:cab:deca::/84/98', '127.0.0.0/8/24'],
      ['127.123.234.0/26'],
      [],
      'ace:cab:deca::/98,127.0.0.0/24',
    ],
    [
      'more than two',
      ['127.0.0.0/8/24', 'ace:cab:deca::/84/98', '10.0.0.0/8/24'],
      ['127.123.234.0/26'],
      [],
      '127.0.0.0/24,ace:cab:deca::/98,10.0.0.0/24',
    ],
    ['between what is used', ['10.10.0.0/22/24'], [], ['10.10.0.0/24', '10.10.2.0/24'], '10.10.1.0/24'],
    ['where Services have everything', ['10.10.0.0/22/24'], ['10.0.0.0/8'], [], 'exhausted'],
  ])('%s', async (_name, ranges, serviceCIDRs, used, expected) => {
    const allocator = rangeAllocator(ranges, { serviceCIDRs });
    for (const [index, cidr] of used.entries()) {
      expect(allocator.occupy(nodeWith(`used${index}`, [cidr]))).toEqual([]);
    }
    expect(await give(allocator, 'node0')).toBe(expected);
    // The answer may have been lost: asked again, it is the same.
    expect(await give(allocator, 'node0')).toBe(expected);
  });

  it('finds nothing in a full range, then what was given back, again and again', async () => {
    const allocator = rangeAllocator(['127.123.234.0/28/30']);
    for (const [index, block] of ['0', '4', '8', '12'].entries()) {
      allocator.occupy(nodeWith(`used${index}`, [`127.123.234.${block}/30`]));
    }
    expect(await give(allocator, 'node0')).toBe('exhausted');
    allocator.release('uid-of-used1');
    expect(await give(allocator, 'node0')).toBe('127.123.234.4/30');
    allocator.release('uid-of-node0');
    allocator.release('uid-of-node0');
    expect(await give(allocator, 'node1')).toBe('127.123.234.4/30');
    expect(await give(allocator, 'node2')).toBe('exhausted');
  });

  it('gives half a pair back when the other half is exhausted', async () => {
    const allocator = rangeAllocator(['10.0.0.0/24/26', 'fd00::/64/64']);
    expect(await give(allocator, 'a')).toBe('10.0.0.0/26,fd00::/64');
    for (let attempt = 0; attempt < 10; attempt++) expect(await give(allocator, 'b')).toBe('exhausted');
    expect(allocator.facts()).toEqual({ '10.0.0.0/24': '1 of 4 used', 'fd00::/64': '1 of 1 used' });
  });
});

describe('two nodes with one range', () => {
  it('are told of, and one of them that goes does not free it', async () => {
    const allocator = rangeAllocator(['10.0.0.0/24/25']);
    expect(allocator.occupy(nodeWith('a', ['10.0.0.0/25']))).toEqual([]);
    expect(allocator.occupy(nodeWith('b', ['10.0.0.0/25']))).toMatchObject([
      { reason: 'CIDROverlap', message: expect.stringContaining('overlaps with the range of node a') },
    ]);
    expect(allocator.occupy(nodeWith('b', ['10.0.0.0/25']))).toEqual([]);
    allocator.release('uid-of-a');
    expect(await give(allocator, 'c')).toBe('10.0.0.128/25');
    expect(await give(allocator, 'd')).toBe('exhausted');
    allocator.release('uid-of-b');
    expect(await give(allocator, 'd')).toBe('10.0.0.0/25');
  });

  it('where one is only reserved, give that one another', async () => {
    const allocator = rangeAllocator(['10.0.0.0/24/25']);
    expect(await give(allocator, 'a')).toBe('10.0.0.0/25');
    expect(allocator.occupy(nodeWith('b', ['10.0.0.0/25']))).toEqual([]);
    expect(await give(allocator, 'a')).toBe('10.0.0.128/25');
  });

  it('leave nothing used behind when a node shows other ranges than were reserved for it', async () => {
    const allocator = rangeAllocator(['10.0.0.0/24/25']);
    await give(allocator, 'a');
    allocator.occupy(nodeWith('a', ['10.0.0.128/25']));
    expect(allocator.facts()).toEqual({ '10.0.0.0/24': '1 of 2 used' });
    expect(await give(allocator, 'b')).toBe('10.0.0.0/25');
  });
});

describe('metrics', () => {
  it('count as the Go managers do', async () => {
    const metrics = new MetricRegistry();
    const allocator = rangeAllocator(['10.0.0.0/16/24'], { metrics });
    allocator.occupy(nodeWith('half', ['10.0.0.0/17']));
    await give(allocator, 'a');
    allocator.release('uid-of-half');
    const text = await metrics.render();
    const label = '{clusterCIDR="10.0.0.0/16"}';
    expect(text).toContain(`node_ipam_controller_cidrset_cidrs_allocations_total${label} 129`);
    expect(text).toContain(`node_ipam_controller_cidrset_cidrs_releases_total${label} 128`);
    expect(text).toContain(`node_ipam_controller_cirdset_max_cidrs${label} 256`);
    expect(text).toContain(`node_ipam_controller_cidrset_usage_cidrs${label} ${1 / 256}`);
    expect(text).toContain(`node_ipam_controller_cidrset_allocation_tries_per_request_sum${label} 128`);
  });
});
