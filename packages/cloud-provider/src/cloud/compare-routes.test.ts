import { describe, expect, it } from '@jest/globals';
import { type Cidr, parseCidr } from '../base/cidr.ts';
import { compareRoutes, isInCluster } from './compare-routes.ts';
import type { ObservedRoute, TargetedRoute } from './routes.ts';

function cidr(text: string): Cidr {
  const parsed = parseCidr(text);
  if (!parsed) throw new Error(`${text} is no range`);
  return parsed;
}

function wish(range: string, target: string): TargetedRoute {
  return { node: target, nodeUID: target, providerID: '', cidr: range, addresses: [], target };
}

function entry(range: string, target: string, more: Partial<ObservedRoute> = {}): ObservedRoute {
  return { cidr: range, target, state: 'active', ownership: { kind: 'ours', proof: 'stamp' }, ...more };
}

const foreign = { ownership: { kind: 'unproven', reason: 'no stamp' } } as const;

function compare(wanted: readonly TargetedRoute[], observed: readonly ObservedRoute[], reserved: string[] = []) {
  const clusterCIDRs = [cidr('10.120.0.0/16'), cidr('a00::/8')];
  const { served, missing, wrong, unwanted, blocked, outside } = compareRoutes(
    { wanted, reserved: new Set(reserved), clusterCIDRs },
    observed,
  );
  const found = {
    served: served.map((route) => route.cidr),
    missing: missing.map((route) => route.cidr),
    wrong: wrong.map(({ wanted: route, present }) => `${route.cidr} ${present.target}→${route.target}`),
    unwanted: unwanted.map((route) => `${route.cidr} ${route.target}`),
    blocked: blocked.map(({ wanted: route }) => route.cidr),
    outside: outside.map((route) => route.cidr),
  };
  return Object.fromEntries(Object.entries(found).filter(([, list]) => list.length > 0));
}

describe('isInCluster', () => {
  // Source: k8s.io/cloud-provider controllers/route, the twelve cases of isResponsibleForRoute.
  it.each([
    ['10.244.0.0/16', '10.244.0.0/24', true],
    ['10.244.0.0/16', '10.244.10.0/24', true],
    ['10.244.0.0/16', '10.244.255.0/24', true],
    ['10.244.0.0/14', '10.244.0.0/24', true],
    ['10.244.0.0/14', '10.247.255.0/24', true],
    ['a00:100::/10', 'a00:100::/24', true],
    ['10.244.0.0/16', '10.224.0.0/24', false],
    ['10.244.0.0/16', '10.0.10.0/24', false],
    ['10.244.0.0/16', '10.255.255.0/24', false],
    ['10.244.0.0/14', '10.248.0.0/24', false],
    ['10.244.0.0/14', '10.243.255.0/24', false],
    ['a00:100::/10', 'b00:100::/24', false],
    // Ours: a route that only begins or ends in the cluster's range covers what is not the cluster's.
    ['10.244.0.0/16', '10.244.0.0/15', false],
    ['10.245.0.0/16', '10.244.0.0/15', false],
    ['10.244.0.0/16', '0.0.0.0/0', false],
  ])('of %s, %s is %p', (cluster, range, expected) => {
    expect(isInCluster(cidr(range), [cidr(cluster)])).toBe(expected);
  });
});

describe('compareRoutes', () => {
  it('finds what is there, missing and wrong', () => {
    expect(
      compare(
        [wish('10.120.0.0/24', 'a'), wish('10.120.1.0/24', 'b'), wish('a00:100::/24', 'c')],
        [entry('10.120.0.0/24', 'a'), entry('a00:100::/24', 'x')],
      ),
    ).toEqual({ served: ['10.120.0.0/24'], missing: ['10.120.1.0/24'], wrong: ['a00:100::/24 x→c'] });
  });

  it('takes two spellings of a range for one', () => {
    expect(compare([wish('a00:100::/24', 'c')], [entry('A00:0100:0::/24', 'c')])).toEqual({ served: ['a00:100::/24'] });
  });

  it('replaces a black hole and deletes one that no node wants, in the ranges of the cluster only', () => {
    const hole = { state: 'blackhole' } as const;
    expect(
      compare(
        [wish('10.120.0.0/24', 'a')],
        [
          entry('10.120.0.0/24', 'a', hole),
          entry('10.120.2.0/24', '', hole),
          entry('10.1.2.0/24', '', hole),
          entry('10.120.3.0/24', '', { ...hole, ...foreign }),
        ],
      ),
    ).toEqual({ wrong: ['10.120.0.0/24 a→a'], unwanted: ['10.120.2.0/24 '] });
  });

  it('leaves alone what is not ours, is outside, is reserved, or is no route of addresses', () => {
    expect(
      compare(
        [],
        [
          entry('10.120.1.0/24', 'x', foreign),
          entry('192.168.0.0/24', 'x'),
          entry('10.120.0.0/15', 'x'),
          entry('10.120.2.0/24', 'x'),
          entry('pl-68a54001', 'x'),
        ],
        ['10.120.2.0/24'],
      ),
    ).toEqual({});
  });

  it('is content with a route of somebody else that leads to the right place, and blocked by one that does not', () => {
    expect(
      compare(
        [wish('10.120.0.0/24', 'a'), wish('10.120.1.0/24', 'b')],
        [entry('10.120.0.0/24', 'a', foreign), entry('10.120.1.0/24', 'x', foreign)],
      ),
    ).toEqual({ served: ['10.120.0.0/24'], blocked: ['10.120.1.0/24'] });
  });

  it('writes nothing outside of the cluster, and is content with what is there', () => {
    expect(
      compare(
        [wish('0.0.0.0/0', 'a'), wish('10.1.0.0/24', 'b'), wish('10.2.0.0/24', 'c')],
        [entry('10.1.0.0/24', 'b'), entry('10.2.0.0/24', 'x')],
      ),
    ).toEqual({ served: ['10.1.0.0/24'], outside: ['0.0.0.0/0', '10.2.0.0/24'] });
  });

  it('deletes our second route to a range that is served', () => {
    expect(
      compare(
        [wish('10.120.0.0/24', 'a')],
        [entry('10.120.0.0/24', 'x'), entry('10.120.0.0/24', 'a'), entry('10.120.0.0/24', 'y', foreign)],
      ),
    ).toEqual({ served: ['10.120.0.0/24'], unwanted: ['10.120.0.0/24 x'] });
  });
});
