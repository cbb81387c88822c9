import { describe, expect, it } from '@jest/globals';
import { hasAnyClusterTag, hasClusterTag, isTaggedOwned, serviceObjectTags } from './cluster-tags.ts';

const cluster = { id: 'c1', isLegacy: false };

describe("the cluster's tags", () => {
  it.each([
    [{ 'kubernetes.io/cluster/c1': 'owned' }, true, true],
    [{ 'kubernetes.io/cluster/c1': 'shared' }, true, false],
    [{ 'kubernetes.io/cluster/c1': '' }, true, false],
    [{ 'kubernetes.io/cluster/C1': 'owned' }, false, false],
    [{ 'kubernetes.io/cluster/c2': 'owned' }, false, false],
    [{ KubernetesCluster: 'c1' }, true, true],
    [{ KubernetesCluster: 'c2' }, false, false],
    [{}, false, false],
  ])('%j: belongs %s, owned %s', (tags, belongs, owned) => {
    expect(hasClusterTag(tags, cluster)).toBe(belongs);
    expect(isTaggedOwned(tags, cluster)).toBe(owned);
  });

  it('are not asked for in an untagged cloud, but nothing counts as owned', () => {
    expect(hasClusterTag({}, { id: '', isLegacy: false })).toBe(true);
    expect(isTaggedOwned({ 'kubernetes.io/cluster/': 'owned' }, { id: '', isLegacy: false })).toBe(false);
  });

  it('of any cluster are told from none', () => {
    expect(hasAnyClusterTag({ 'kubernetes.io/cluster/other': 'shared' })).toBe(true);
    expect(hasAnyClusterTag({ KubernetesCluster: 'c1', Name: 'x' })).toBe(false);
  });

  it.each([
    [{ id: 'c1', isLegacy: false }, { 'kubernetes.io/cluster/c1': 'owned' }],
    [
      { id: 'c1', isLegacy: true },
      { 'kubernetes.io/cluster/c1': 'owned', KubernetesCluster: 'c1' },
    ],
    [{ id: '', isLegacy: false }, {}],
  ])('are written for %j', (tagging, expected) => {
    expect(serviceObjectTags({ serviceName: 'ns/web', tagging, cluster: { uid: 'u1', name: 'kubernetes' } })).toEqual({
      'kubernetes.io/service-name': 'ns/web',
      'ccm-ts/cluster-uid': 'u1',
      ...expected,
    });
  });
});
