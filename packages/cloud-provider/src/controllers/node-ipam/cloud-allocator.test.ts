import { describe, expect, it } from '@jest/globals';
import { Duration } from '../../base/duration.ts';
import { CloudError } from '../../cloud/cloud-error.ts';
import { clusterStampKey } from '../../cloud/ownership.ts';
import type { PodRanges, PodRangesView } from '../../cloud/pod-ranges.ts';
import { silentLogger } from '../../telemetry/logger.ts';
import { directGate } from '../../testing/direct-gate.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { embeddedTransport } from '../../testing/memory-cloud/client/embedded-transport.ts';
import { MemoryCloud } from '../../testing/memory-cloud/cloud/memory-cloud.ts';
import { memoryCloudProvider } from '../../testing/memory-cloud/memory-cloud-provider.ts';
import { CloudAllocator } from './cloud-allocator.ts';
import { IpamBench, nodeWith } from './test-bench.ts';

const { signal } = new AbortController();

function cloudOf(views: ReadonlyMap<string, PodRangesView>): PodRanges & { readonly asked: string[][] } {
  const asked: string[][] = [];
  return {
    asked,
    maxBatch: 100,
    describe: (nodes) => {
      asked.push(nodes.map(({ name }) => name));
      return Promise.resolve(views);
    },
  };
}

describe('CloudAllocator', () => {
  it.each<[string, PodRangesView, string]>([
    ['one range', { kind: 'given', cidrs: ['10.1.0.0/24'] }, 'allocated 10.1.0.0/24'],
    ['both families', { kind: 'given', cidrs: ['fd00:1::/64', '10.1.0.0/24'] }, 'allocated fd00:1::/64 10.1.0.0/24'],
    ['host bits', { kind: 'given', cidrs: ['10.1.0.9/24'] }, 'allocated 10.1.0.0/24'],
    ['nothing yet', { kind: 'pending' }, 'waiting'],
    ['another cloud', { kind: 'foreign' }, 'waiting'],
    ['none', { kind: 'none', reason: 'no alias' }, 'exhausted'],
    ['an empty list', { kind: 'given', cidrs: [] }, 'exhausted'],
    ['garbage', { kind: 'given', cidrs: ['10.1.0.0'] }, 'exhausted'],
    ['two of a family', { kind: 'given', cidrs: ['10.1.0.0/24', '10.2.0.0/24'] }, 'exhausted'],
    ['everything', { kind: 'given', cidrs: ['0.0.0.0/0'] }, 'exhausted'],
    ['three', { kind: 'given', cidrs: ['10.1.0.0/24', 'fd00:1::/64', 'fd00:2::/64'] }, 'exhausted'],
    ['the range of another node', { kind: 'given', cidrs: ['10.9.0.0/24'] }, 'exhausted'],
    ['a part of the range of another node', { kind: 'given', cidrs: ['10.9.0.128/25'] }, 'exhausted'],
    ['more than the range of another node', { kind: 'given', cidrs: ['10.8.0.0/14'] }, 'exhausted'],
  ])('a cloud that gives %s', async (_name, view, expected) => {
    const allocator = new CloudAllocator(cloudOf(new Map([['a', view]])));
    expect(allocator.occupy(nodeWith('other', ['10.9.0.0/24']))).toEqual([]);
    const allocation = await allocator.allocate(nodeWith('a'), signal);
    const cidrs = allocation.kind === 'allocated' ? [' ', allocation.cidrs.join(' ')] : [];
    expect([allocation.kind, ...cidrs].join('')).toBe(expected);
  });

  it('fails, to be tried again, when the cloud does not say', async () => {
    const throttled: PodRangesView = { kind: 'unknown', reason: new CloudError('Throttled', 'slow down') };
    const allocator = new CloudAllocator(cloudOf(new Map([['a', throttled]])));
    await expect(allocator.allocate(nodeWith('a'), signal)).rejects.toThrow('slow down');
    await expect(allocator.allocate(nodeWith('b'), signal)).rejects.toThrow('did not mention');
  });

  it('tells of ranges on nodes that overlap or are none, and forgets with the node', async () => {
    const allocator = new CloudAllocator(cloudOf(new Map([['c', { kind: 'given', cidrs: ['10.9.0.0/24'] }]])));
    allocator.occupy(nodeWith('a', ['10.9.0.0/24']));
    const reasons = allocator.occupy(nodeWith('b', ['10.9.0.0/25', 'x'])).map(({ reason }) => reason);
    expect(reasons).toEqual(['CIDRNotAvailable', 'CIDROverlap']);
    allocator.release('uid-of-a');
    allocator.release('uid-of-b');
    await expect(allocator.allocate(nodeWith('c'), signal)).resolves.toMatchObject({ kind: 'allocated' });
  });

  it('asks for all that wait at once, waits for what comes late, and goes on after a restart', async () => {
    const views = new Map<string, PodRangesView>();
    const cloud = cloudOf(views);
    await using world = new IpamBench(() => new CloudAllocator(cloud));
    for (let index = 0; index < 20; index++) {
      world.cluster.putNode(nodeWith(`n${index}`));
      views.set(`n${index}`, index === 7 ? { kind: 'pending' } : { kind: 'given', cidrs: [`10.1.${index}.0/24`] });
    }
    views.set('n8', { kind: 'given', cidrs: ['10.1.9.0/24'] });
    world.start();
    await world.clock.advance(Duration.seconds(1));
    expect(cloud.asked.length).toBeLessThanOrEqual(2);
    expect([world.ranges('n6'), world.ranges('n7')]).toEqual(['10.1.6.0/24', '']);
    const doubled = ['n8', 'n9'].filter((name) => world.recorder.reasons(name).includes('Warning CIDRNotAvailable'));
    expect(doubled).toHaveLength(1);
    await world.stop();
    views.set('n7', { kind: 'given', cidrs: ['10.1.7.0/24'] });
    world.start();
    await world.clock.advance(Duration.seconds(30));
    expect(world.ranges('n7')).toBe('10.1.7.0/24');
    expect(world.cluster.patches.filter(({ outcome }) => outcome === 'done')).toHaveLength(19);
  });

  it.each([
    ['Denied', 'exhausted'],
    ['Invalid', 'exhausted'],
    ['NotFound', 'tried again'],
    ['Throttled', 'tried again'],
  ] as const)('calls a node that the cloud answers %s for %s', async (code, expected) => {
    const reason = new CloudError(code, 'no');
    const allocator = new CloudAllocator(cloudOf(new Map([['a', { kind: 'unknown', reason }]])));
    const kind = await allocator.allocate(nodeWith('a'), signal).then(
      (allocation) => allocation.kind,
      () => 'tried again',
    );
    expect(kind).toBe(expected);
  });

  it('serves the memory cloud, by name and by providerID', async () => {
    const clock = new FakeClock();
    const cloud = new MemoryCloud({ clock, ownerTag: clusterStampKey, settings: { latency: Duration.zero } });
    const provider = memoryCloudProvider({ transport: embeddedTransport(cloud) })
      .configure({ file: undefined, environment: {}, allowUntaggedCloud: 'no', clusterName: 'kubernetes' })
      .connect({ cluster: { uid: 'u', name: 'kubernetes' }, clock, gate: directGate(), logger: silentLogger });
    const { podRanges } = provider;
    if (!podRanges) throw new Error('the memory cloud has ranges');
    cloud.operator.launch({ name: 'given', zone: 'z', podRanges: ['10.1.0.0/24'] });
    const late = cloud.operator.launch({ name: 'late', zone: 'z', podRanges: [] });
    cloud.operator.launch({ name: 'none', zone: 'z' });
    const allocator = new CloudAllocator(podRanges);
    const kindOf = async (name: string, providerID = '') => {
      const node = nodeWith(name);
      const asked = allocator.allocate({ ...node, spec: { ...node.spec, providerID } }, signal);
      const kind = asked.then(
        (allocation) => allocation.kind,
        (error: unknown) => String(error),
      );
      await clock.advance(Duration.minutes(3));
      return kind;
    };
    expect(await kindOf('given')).toBe('allocated');
    expect(await kindOf('late')).toBe('waiting');
    expect(await kindOf('none')).toBe('exhausted');
    expect(await kindOf('elsewhere', 'other:///z/1')).toBe('waiting');
    expect(await kindOf('nowhere')).toContain('there is no one machine');
    cloud.operator.setPodRanges(late.id, ['10.2.0.0/24']);
    expect(await kindOf('late', `memory:///z/${late.id}`)).toBe('allocated');
    await provider.close();
  });
});
