import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Duration } from '../../base/duration.ts';
import { compare } from './crash-sweep.ts';
import { live } from './live.ts';
import { printReport } from './print-report.ts';

const runs = 60;

/** The wall clock jumps at a message, by seconds or by more than a year. */
const jump = fc.record({
  at: fc.nat(300),
  seconds: fc.oneof(
    fc.integer({ min: -120, max: 120 }),
    fc.integer({ min: -86_400, max: 86_400 }),
    fc.integer({ min: -400 * 86_400, max: 400 * 86_400 }),
  ),
});

describe('a machine whose wall clock jumps', () => {
  it('does the same as one whose clock is right', async () => {
    const model = await live();
    let points = 0;
    const property = fc.asyncProperty(fc.array(jump, { minLength: 1, maxLength: 4 }), async (jumps) => {
      let messages = 0;
      const report = await live({
        tap: {
          onArrival(_message, world) {
            messages++;
            for (const { at, seconds } of jumps) if (at === messages) world.jumpHostClock(Duration.seconds(seconds));
          },
        },
      });
      points += jumps.length;
      expect(compare(report, model)).toBeUndefined();
      expect(report.foreignWrites).toBe(0);
    });
    await fc.assert(property, { numRuns: runs, seed: 1 });
    printReport({ proof: 'clock-jumps', points, failures: [] });
  }, 1_200_000);
});
