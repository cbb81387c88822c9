import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Node } from '../../api/node.ts';
import { Duration } from '../../base/duration.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { badText } from '../test-bad-text.ts';
import { LifecycleBench, lifecycleNode, views } from './test-bench.ts';

const condition = fc.record({
  type: fc.oneof(fc.constant('Ready'), badText),
  status: badText,
  reason: badText,
  lastTransitionTime: badText,
});
const taint = fc.record({ key: badText, value: badText, effect: badText, timeAdded: badText });
const badNode = fc
  .record({
    conditions: fc.array(condition, { maxLength: 4 }),
    taints: fc.array(taint, { maxLength: 3 }),
    providerID: badText,
    creationTimestamp: badText,
  })
  .map(({ conditions, ...options }): Node => {
    const node = lifecycleNode('bad', options);
    return { ...node, status: { ...node.status, conditions } };
  });

it('survives whatever nodes say and clocks do, deletes the dead and none that lives', async () => {
  let points = 0;
  await fc.assert(
    fc.asyncProperty(
      badNode,
      fc.array(fc.constantFrom('jump', 'jumpBack', 'recreate'), { maxLength: 3 }),
      async (bad, disturbances) => {
        await using bench = new LifecycleBench(new FakeClock(), {});
        const { clock, cluster, instances } = bench;
        cluster.putNode(bad);
        cluster.putNode(lifecycleNode('dead'));
        instances.views.set('bad', views.present());
        instances.views.set('dead', views.absent());
        await bench.start();
        for (const disturbance of disturbances) {
          await bench.pass(5);
          if (disturbance === 'jump') clock.jumpWallClock(Duration.hours(30));
          else if (disturbance === 'jumpBack') clock.jumpWallClock(Duration.hours(-60));
          else {
            cluster.removeNode('bad');
            cluster.putNode({ ...bad, metadata: { ...bad.metadata, uid: 'another' } });
          }
        }
        await bench.passProbation();
        expect(cluster.node('dead')).toBeUndefined();
        expect(cluster.node('bad')).toBeDefined();
        points++;
      },
    ),
    { numRuns: 60 },
  );
  process.stdout.write(`${JSON.stringify({ proof: 'lifecycle-bad-input', points })}\n`);
}, 300_000);
