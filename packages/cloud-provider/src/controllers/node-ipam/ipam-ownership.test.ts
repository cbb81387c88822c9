import { describe, expect, it } from '@jest/globals';
import type { Node } from '../../api/node.ts';
import { Duration } from '../../base/duration.ts';
import { IpamBench, nodeWith, rangeAllocator } from './test-bench.ts';

const isOwn = (node: Node): boolean => node.metadata.labels['pool'] === 'ours';

function nodeOf(pool: string, name: string, podCIDRs: readonly string[] = []): Node {
  const node = nodeWith(name, podCIDRs);
  return { ...node, metadata: { ...node.metadata, labels: { pool } } };
}

describe('NodeIpamController beside another manager', () => {
  it('gives ranges to its own nodes alone, and none that another node has', async () => {
    await using world = new IpamBench(() => rangeAllocator(['10.10.0.0/22/24']), { isOwn });
    const { clock, cluster } = world;
    cluster.putNode(nodeOf('theirs', 'a', ['10.10.0.0/24']));
    cluster.putNode(nodeOf('theirs', 'b'));
    cluster.putNode(nodeOf('ours', 'c'));
    world.start();
    await clock.advance(Duration.minutes(1));
    expect(['a', 'b', 'c'].map((name) => world.ranges(name))).toEqual(['10.10.0.0/24', '', '10.10.1.0/24']);
    expect(cluster.patches.map(({ key }) => key)).toEqual(['c']);
  });

  it('has no word about ranges that others gave to their nodes', async () => {
    await using world = new IpamBench(() => rangeAllocator(['10.10.0.0/22/24']), { isOwn });
    const { clock, cluster } = world;
    cluster.putNode(nodeOf('theirs', 'a', ['192.168.0.0/24']));
    cluster.putNode(nodeOf('ours', 'b', ['192.168.1.0/24']));
    world.start();
    await clock.advance(Duration.minutes(1));
    expect([world.recorder.reasons('a'), world.recorder.reasons('b')]).toEqual([[], ['Warning CIDRNotAvailable']]);
  });

  it('serves a node whose label moves to it, and stops waiting with one whose label moves away', async () => {
    await using world = new IpamBench(() => rangeAllocator(['10.10.0.0/24/24']), { isOwn });
    const { clock, cluster } = world;
    cluster.putNode(nodeOf('ours', 'a'));
    world.start();
    await clock.advance(Duration.minutes(1));
    cluster.putNode(nodeOf('ours', 'b'));
    await clock.advance(Duration.minutes(1));
    expect(world.controller?.status().items).toMatchObject([{ key: 'b', state: 'blocked' }]);
    cluster.putNode(nodeOf('theirs', 'b'));
    await clock.advance(Duration.minutes(1));
    expect(world.controller?.status().items).toEqual([]);

    cluster.removeNode('a');
    await clock.advance(Duration.minutes(10));
    expect(world.ranges('b')).toBe('');
    cluster.putNode(nodeOf('ours', 'b'));
    await clock.advance(Duration.minutes(1));
    expect(world.ranges('b')).toBe('10.10.0.0/24');
  });
});
