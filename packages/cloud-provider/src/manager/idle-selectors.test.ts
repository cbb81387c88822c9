import { describe, expect, it } from '@jest/globals';
import { parseLabelSelector } from '../base/label-selector.ts';
import { testNode } from '../controllers/node/test-nodes.ts';
import { testService } from '../controllers/service/test-kind.ts';
import { TestCluster } from '../controllers/test-cluster.ts';
import { idleSelectors } from './idle-selectors.ts';

function selectorOf(text: string) {
  const parsed = parseLabelSelector(text);
  if (parsed.kind === 'bad') throw new Error(parsed.problem);
  return parsed.selector;
}

function storesWith(...pools: readonly string[]) {
  const cluster = new TestCluster();
  for (const [index, pool] of pools.entries()) cluster.putNode(testNode(`n${index}`, { labels: { pool } }));
  return { nodes: cluster.nodes.store, services: cluster.services.store };
}

describe('idleSelectors', () => {
  it.each([
    ['pool=a', ['b', 'c'], ['--manage-nodes 2']],
    ['pool=a', ['b', 'a'], []],
    ['pool=a', [], []],
  ])('--manage-nodes=%s of nodes in the pools %j: %j', (text, pools, expected) => {
    const idle = idleSelectors({ nodes: selectorOf(text), services: selectorOf('x=y') }, storesWith(...pools));
    expect(idle.map(({ flag, objects }) => `${flag} ${objects}`)).toEqual(expected);
  });

  it('counts Services that want load balancers, and no others', () => {
    const cluster = new TestCluster();
    const stores = { nodes: undefined, services: cluster.services.store };
    const ownership = { services: selectorOf('team=a') };
    cluster.putService(testService('plain', { type: 'ClusterIP' }));
    expect(idleSelectors(ownership, stores)).toEqual([]);
    cluster.putService(testService('web'));
    expect(idleSelectors(ownership, stores)).toEqual([{ flag: '--manage-services', objects: 1 }]);
  });

  it('judges neither flags that are not set nor what nobody follows', () => {
    expect(idleSelectors({}, storesWith('a'))).toEqual([]);
    expect(idleSelectors({ nodes: selectorOf('pool=b') }, { nodes: undefined, services: undefined })).toEqual([]);
  });
});
