import { describe, expect, it } from '@jest/globals';
import { chooseSubnets } from './choose-subnets.ts';
import type { SubnetFact } from './facts.ts';

const tagging = { id: 'c1', isLegacy: false };
const ours = { 'kubernetes.io/cluster/c1': 'shared' };
const theirs = { 'kubernetes.io/cluster/c2': 'owned' };
const role = { 'kubernetes.io/role/elb': '' };
const internalRole = { 'kubernetes.io/role/internal-elb': '1' };

function subnet(id: string, overrides: Partial<SubnetFact> = {}): SubnetFact {
  return {
    id,
    zone: 'a',
    cidr: '10.0.0.0/24',
    tags: ours,
    zoneType: 'availability-zone',
    isPublic: true,
    ...overrides,
  };
}

interface Row {
  readonly name: string;
  readonly subnets: readonly SubnetFact[];
  readonly publicIDs: readonly string[];
  readonly internalIDs: readonly string[];
  readonly fallback?: string;
}

const rows: Row[] = [
  { name: 'none', subnets: [], publicIDs: [], internalIDs: [] },
  { name: 'a single one', subnets: [subnet('s1')], publicIDs: ['s1'], internalIDs: ['s1'] },
  { name: 'no public one', subnets: [subnet('s1', { isPublic: false })], publicIDs: [], internalIDs: ['s1'] },
  { name: 'no route table', subnets: [subnet('s1', { isPublic: undefined })], publicIDs: [], internalIDs: ['s1'] },
  {
    name: 'the role before the tag of the cluster',
    subnets: [subnet('s1'), subnet('s2', { tags: role }), subnet('s3', { tags: internalRole })],
    publicIDs: ['s2'],
    internalIDs: ['s3'],
  },
  {
    name: 'the tag of the cluster before the id',
    subnets: [subnet('s1', { tags: {} }), subnet('s2')],
    publicIDs: ['s2'],
    internalIDs: ['s2'],
  },
  { name: 'the smallest id', subnets: [subnet('s2'), subnet('s1')], publicIDs: ['s1'], internalIDs: ['s1'] },
  { name: 'untagged ones', subnets: [subnet('s1', { tags: {} })], publicIDs: ['s1'], internalIDs: ['s1'] },
  {
    name: "none of another cluster's",
    subnets: [subnet('s1', { tags: { ...theirs, ...role } }), subnet('s2', { tags: {} })],
    publicIDs: ['s2'],
    internalIDs: ['s2'],
  },
  { name: "only another cluster's", subnets: [subnet('s1', { tags: theirs })], publicIDs: [], internalIDs: [] },
  {
    name: "only another cluster's, with a fallback",
    subnets: [subnet('s1', { tags: theirs }), subnet('s2', { tags: theirs })],
    publicIDs: ['s2'],
    internalIDs: ['s2'],
    fallback: 's2',
  },
  {
    name: 'zones in the order of their names, one subnet each',
    subnets: [
      subnet('s1', { zone: 'c' }),
      subnet('s2', { zone: 'a' }),
      subnet('s3', { zone: 'b' }),
      subnet('s4', { zone: 'b' }),
    ],
    publicIDs: ['s2', 's3', 's1'],
    internalIDs: ['s2', 's3', 's1'],
  },
  {
    name: 'no local or wavelength zones',
    subnets: [
      subnet('s1', { zone: 'l', zoneType: 'local-zone' }),
      subnet('s2', { zone: 'w', zoneType: 'wavelength-zone' }),
      subnet('s3'),
    ],
    publicIDs: ['s3'],
    internalIDs: ['s3'],
  },
];

describe('subnets of a load balancer', () => {
  it.each(rows)('$name', ({ subnets, publicIDs, internalIDs, fallback }) => {
    const choose = (scheme: 'internal' | 'internet-facing'): string[] =>
      chooseSubnets(subnets, { scheme, tagging, fallbackSubnetID: fallback ?? '' }).map(({ id }) => id);
    expect(choose('internet-facing')).toEqual(publicIDs);
    expect(choose('internal')).toEqual(internalIDs);
  });
});
