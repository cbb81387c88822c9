import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseCidr } from '../../base/cidr.ts';
import { Duration } from '../../base/duration.ts';
import { badRange, badText } from '../test-bad-text.ts';
import { routeBench, routedNode } from './test-bench.ts';

const badNode = fc.record({
  podCIDRs: fc.array(badRange, { maxLength: 4 }),
  providerID: fc.oneof(fc.constant('test://bad'), badText),
  address: badText,
  creationTimestamp: badText,
  condition: fc.option(fc.record({ status: badText, reason: badText }), { nil: undefined }),
});

it('survives whatever ranges nodes have, and makes the routes of the others', async () => {
  let points = 0;
  let rejections = 0;
  await fc.assert(
    fc.asyncProperty(badNode, fc.boolean(), async ({ condition, ...options }, isRecreated) => {
      await using bench = routeBench({ clusterCIDRs: ['10.120.0.0/16'] });
      const { clock, cluster, recorder, routes } = bench;
      const bad = { ...options, ...(condition && { condition }) };
      cluster.putNode(routedNode('bad', bad));
      cluster.putNode(routedNode('good', { podCIDRs: ['10.120.7.0/24'] }));
      bench.start();
      await clock.advance(Duration.seconds(2));
      if (isRecreated) {
        cluster.removeNode('bad');
        cluster.putNode(routedNode('bad', { ...bad, uid: 'another' }));
        clock.jumpWallClock(Duration.hours(-30));
      }
      await clock.advance(Duration.minutes(10));

      const overlapping = bad.podCIDRs.some((text) => parseCidr(text)?.text === '10.120.7.0/24');
      if (!overlapping) expect(routes.entries()).toContain('10.120.7.0/24 good');
      const garbage = bad.podCIDRs.filter((text) => !parseCidr(text));
      const isOurs = /^test:\/\/./.test(bad.providerID);
      if (garbage.length > 0 && isOurs) expect(recorder.reasons('bad')).not.toEqual([]);
      for (const entry of routes.entries()) expect(parseCidr(entry.split(' ')[0] ?? '')).toBeDefined();
      points++;
      rejections += recorder.reasons('bad').length;
    }),
    { numRuns: 150 },
  );
  process.stdout.write(`${JSON.stringify({ proof: 'route-bad-input', points, rejections })}\n`);
  expect(rejections).toBeGreaterThan(0);
}, 300_000);
