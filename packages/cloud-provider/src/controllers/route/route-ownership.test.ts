import { describe, expect, it } from '@jest/globals';
import type { Node } from '../../api/node.ts';
import { Duration } from '../../base/duration.ts';
import { type RoutedNodeOptions, routeBench, routedNode } from './test-bench.ts';

const seconds = (count: number) => Duration.seconds(count);
const isOwn = (node: Node): boolean => node.metadata.labels['pool'] === 'ours';
const unserved = { status: 'True', reason: 'NoRouteCreated' };

function range(index: number): string {
  return `10.120.${index}.0/24`;
}

function nodeOf(pool: string, name: string, options: RoutedNodeOptions): Node {
  const node = routedNode(name, options);
  return { ...node, metadata: { ...node.metadata, labels: { pool } } };
}

describe('RouteController beside another manager', () => {
  it('neither makes, changes nor removes the routes of nodes that are not its own', async () => {
    await using bench = routeBench({ isOwn });
    const { clock, cluster, routes } = bench;
    routes.put(range(1), 'elsewhere');
    routes.put(range(3), 'no-node');
    cluster.putNode(nodeOf('theirs', 'a', { podCIDRs: [range(1)] }));
    cluster.putNode(nodeOf('theirs', 'b', { podCIDRs: [range(2)], condition: unserved }));
    cluster.putNode(nodeOf('ours', 'c', { podCIDRs: [range(4)] }));
    bench.start();
    await clock.advance(seconds(1));
    expect(routes.writes()).toEqual([`delete ${range(3)}`, `create ${range(4)}`]);
    expect(bench.condition('b')).toBe('True NoRouteCreated');
    expect(cluster.patches.map(({ key }) => key)).toEqual(['c']);
  });

  it('lets go of a node whose label moves away, and takes it when it comes back', async () => {
    await using bench = routeBench({ isOwn });
    const { clock, cluster, routes } = bench;
    cluster.putNode(nodeOf('ours', 'a', { podCIDRs: [range(1)] }));
    bench.start();
    await clock.advance(seconds(1));
    routes.calls.length = 0;

    cluster.putNode(nodeOf('theirs', 'a', { podCIDRs: [range(1)], providerID: 'test://a-2' }));
    await clock.advance(seconds(1));
    expect([routes.writes(), routes.entries()]).toEqual([[], [`${range(1)} a`]]);

    cluster.putNode(nodeOf('ours', 'a', { podCIDRs: [range(1)], providerID: 'test://a-2' }));
    await clock.advance(seconds(1));
    expect(routes.entries()).toEqual([`${range(1)} a-2`]);
  });

  it('does not delete the route of a node of the other manager that it has not heard of yet', async () => {
    await using bench = routeBench({ isOwn, otherManagers: 'some' });
    const { clock, cluster, routes } = bench;
    cluster.putNode(nodeOf('ours', 'a', { podCIDRs: [range(1)] }));
    bench.start();
    await clock.advance(seconds(1));

    const catchUp = cluster.holdInformers();
    cluster.putNode(nodeOf('theirs', 'b', { podCIDRs: [range(2)] }));
    routes.put(range(2), 'b');
    await clock.advance(Duration.hours(2));
    expect(routes.entries()).toEqual([`${range(1)} a`, `${range(2)} b`]);
    expect(cluster.reads).toContain('nodes');

    catchUp();
    cluster.removeNode('b');
    await clock.advance(Duration.hours(2));
    expect(routes.entries()).toEqual([`${range(1)} a`]);
  });

  it('deletes nothing while the API server does not say whose routes are, and has no pass run beside another', async () => {
    await using bench = routeBench({ isOwn, otherManagers: 'some' });
    const { clock, cluster, routes } = bench;
    routes.tableKeys = ['east', 'west'];
    let [underWay, most] = [0, 0];
    routes.during = async () => {
      most = Math.max(most, ++underWay);
      await clock.sleep(seconds(20));
      underWay--;
    };
    let isDown = true;
    const list = cluster.list.bind(cluster);
    cluster.list = (resource) => {
      if (isDown) throw new Error('the API server is down');
      return list(resource);
    };
    routes.put(range(2), 'no-node');
    cluster.putNode(nodeOf('ours', 'a', { podCIDRs: [range(1)] }));
    bench.start();
    await clock.advance(Duration.minutes(30));
    expect([routes.writes(), most]).toEqual([[], 2]);

    isDown = false;
    await clock.advance(Duration.minutes(15));
    expect([routes.entries(), most]).toEqual([[`${range(1)} a`], 2]);
  });

  it('reads no nodes for that when it is alone', async () => {
    await using bench = routeBench();
    const { clock, cluster, routes } = bench;
    routes.put(range(2), 'b');
    bench.start();
    await clock.advance(seconds(1));
    expect([routes.entries(), cluster.reads]).toEqual([[], []]);
  });
});
