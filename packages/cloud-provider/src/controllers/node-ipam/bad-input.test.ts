import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseCidr } from '../../base/cidr.ts';
import { Duration } from '../../base/duration.ts';
import type { PodRanges } from '../../cloud/pod-ranges.ts';
import { badRange } from '../test-bad-text.ts';
import { CloudAllocator } from './cloud-allocator.ts';
import { IpamBench, nodeWith, rangeAllocator } from './test-bench.ts';

const runs = 150;
let points = 0;
let rejections = 0;

/** Judges a life of a bad node beside a good one that needs a range. */
async function judge(world: IpamBench, podCIDRs: readonly string[], isRecreated: boolean): Promise<void> {
  const { clock, cluster, recorder } = world;
  cluster.putNode(nodeWith('bad', podCIDRs));
  cluster.putNode(nodeWith('good'));
  world.start();
  await clock.advance(Duration.seconds(2));
  if (isRecreated) {
    cluster.removeNode('bad');
    cluster.putNode(nodeWith('bad', podCIDRs, 'another'));
    clock.jumpWallClock(Duration.hours(-30));
  }
  await clock.advance(Duration.minutes(10));
  const good = parseCidr(world.ranges('good') ?? '');
  const takesAll = podCIDRs.some((text) => (parseCidr(text)?.prefix ?? 32) <= 16);
  // Who finds nothing left knows from whom.
  if (!takesAll && !good) expect(recorder.events.filter((event) => / good: .*node bad/.test(event))).not.toEqual([]);
  if (podCIDRs.some((text) => !parseCidr(text))) expect(recorder.reasons('bad')).not.toEqual([]);
  points++;
  rejections += recorder.reasons('bad').length;
}

it('survives whatever ranges nodes have, and gives the others theirs', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(badRange, { maxLength: 4 }), fc.boolean(), async (podCIDRs, isRecreated) => {
      await using world = new IpamBench(() => rangeAllocator(['10.120.0.0/16/24']));
      await judge(world, podCIDRs, isRecreated);
    }),
    { numRuns: runs },
  );
}, 300_000);

it('survives whatever ranges a cloud gives, and gives the others theirs', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(badRange, { maxLength: 4 }), fc.boolean(), async (cidrs, isRecreated) => {
      const cloud: PodRanges = {
        maxBatch: 100,
        describe: () =>
          Promise.resolve(
            new Map([
              ['bad', { kind: 'given', cidrs }],
              ['good', { kind: 'given', cidrs: ['192.0.2.0/24'] }],
            ]),
          ),
      };
      await using world = new IpamBench(() => new CloudAllocator(cloud));
      await judge(world, [], isRecreated);
      const written = world.ranges('bad') ?? '';
      if (written === '') expect(world.recorder.reasons('bad')).toContain('Warning CIDRNotAvailable');
      for (const text of written.split(',')) if (text !== '') expect(parseCidr(text)?.text).toBe(text);
    }),
    { numRuns: runs },
  );
  process.stdout.write(`${JSON.stringify({ proof: 'ipam-bad-input', points, rejections })}\n`);
  expect(rejections).toBeGreaterThan(0);
}, 300_000);
