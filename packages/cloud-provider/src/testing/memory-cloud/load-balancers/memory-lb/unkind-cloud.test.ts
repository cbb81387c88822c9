import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Duration } from '../../../../base/duration.ts';
import type { CallContext } from '../../../../cloud/call-context.ts';
import { guardOperation } from '../../../../cloud/guard.ts';
import type { Wish } from '../../../../cloud/load-balancer-kind.ts';
import { clusterStampKey } from '../../../../cloud/ownership.ts';
import { directGate } from '../../../direct-gate.ts';
import { FakeClock } from '../../../fake-clock.ts';
import { embeddedTransport } from '../../client/embedded-transport.ts';
import { MemoryClient } from '../../client/memory-client.ts';
import type { FaultEffect } from '../../cloud/faults.ts';
import { MemoryCloud } from '../../cloud/memory-cloud.ts';
import type { MemoryLBDesired } from './desired.ts';
import { type MemoryLB, memoryLB } from './memory-lb.ts';
import { testBackend, testCluster, testPort, testRequest, testService, testServiceUID } from './test-services.ts';

const call: CallContext = {
  signal: new AbortController().signal,
  timeout: Duration.seconds(5),
  freshness: 'live',
  priority: 'change',
};
const readLag = Duration.seconds(2);
const member = { uid: testServiceUID, service: testService(), cluster: testCluster };

/** What a Service may want, or undefined when it wants to be rid of everything. */
const want = fc.option(
  fc.record({
    ports: fc.uniqueArray(fc.constantFrom(80, 443, 8080), { minLength: 1 }),
    nodePorts: fc.integer({ min: 30_000, max: 30_010 }),
    ranges: fc.subarray(['10.0.0.0/8', '172.16.0.0/12']),
    machines: fc.integer({ min: 0, max: 3 }),
  }),
  { nil: undefined, freq: 2 },
);
type Want = NonNullable<typeof want extends fc.Arbitrary<infer Value> ? Value : never>;

const trouble: fc.Arbitrary<FaultEffect> = fc.constantFrom<FaultEffect>(
  // The worst, so it comes the most.
  { kind: 'loseReply', how: 'reset' },
  { kind: 'loseReply', how: 'reset' },
  { kind: 'loseReply', how: 'reset' },
  { kind: 'loseRequest' },
  { kind: 'unavailable' },
  { kind: 'busy' },
  { kind: 'throttle', retryAfter: Duration.seconds(1) },
  { kind: 'slow', by: Duration.milliseconds(700) },
);

/**
 * Plays the framework: observe, plan, guard, apply, fold, and after any failure from the beginning, so many times. Tells
 * whether it got to the end.
 */
async function converge(
  bed: { readonly kind: MemoryLB; readonly clock: FakeClock; readonly attempts: number },
  wish: Wish<MemoryLBDesired>,
): Promise<boolean> {
  const { kind, clock, attempts } = bed;
  const inTime = async <Result>(work: Promise<Result>): Promise<Result> => {
    let isDone = false;
    const settled = work.finally(() => {
      isDone = true;
    });
    settled.catch(() => undefined);
    while (!isDone) await clock.advance(clock.untilNext() ?? Duration.zero);
    return settled;
  };
  for (let attempt = 0; attempt < attempts; attempt++) {
    try {
      let observed = await inTime(kind.observe('group', [member], call));
      for (;;) {
        const { operations, next } = kind.plan(new Map([[testServiceUID, wish]]), observed);
        if (operations.length === 0) {
          if (next.kind === 'converged') return true;
          if (next.kind === 'settling') await clock.advance(next.after);
          break;
        }
        for (const operation of operations) {
          expect(guardOperation(operation, { mode: 'run', isProtected: () => false })).toBeUndefined();
          const result = await inTime(kind.apply(operation, observed, call));
          if (result.kind === 'pending') {
            await clock.advance(result.after);
            throw new Error('look again');
          }
          observed = kind.fold(observed, operation, result.outputs);
        }
      }
    } catch {
      await clock.advance(Duration.seconds(1));
    }
  }
  return false;
}

describe('a load balancer on an unkind cloud', () => {
  it('ends as it is wanted, once, whatever gets lost on the way', async () => {
    const step = fc.record({
      want,
      attempts: fc.constantFrom(1, 2, 60),
      troubles: fc.array(fc.tuple(trouble, fc.integer({ min: 0, max: 5 })), { maxLength: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
        const clock = new FakeClock();
        const cloud = new MemoryCloud({
          clock,
          ownerTag: clusterStampKey,
          settings: {
            readLag,
            latency: Duration.milliseconds(50),
            provisioning: Duration.milliseconds(800),
            updating: Duration.milliseconds(300),
            deleting: Duration.milliseconds(500),
          },
        });
        const machines = [1, 2, 3].map((number) => cloud.operator.launch({ name: `n${number}`, zone: 'memory-1a' }));
        const scope = cloud.location;
        const transport = embeddedTransport(cloud);
        const client = new MemoryClient({ transport, gate: directGate(), clock, scope, clusterUID: testCluster.uid });
        const kind = memoryLB({ client, clock, consistencyWindow: readLag.times(2), factsMaxAge: Duration.hours(1) });
        const backendsOf = ({ machines: count }: Want) =>
          machines.slice(0, count).map(({ id, name }) => testBackend(name, id));
        const wishFor = (wanted: Want | undefined): Wish<MemoryLBDesired> => {
          if (!wanted) return { kind: 'gone' };
          const ports = wanted.ports.map((port, index) => testPort({ port, nodePort: wanted.nodePorts + index }));
          const service = testService({ ports, loadBalancerSourceRanges: wanted.ranges });
          const answer = kind.desire(testRequest({ service, backends: backendsOf(wanted) }), { networkID: 'net-main' });
          if (answer.kind === 'refusal') throw new Error(answer.fix);
          return { kind: 'present', desired: answer.desired };
        };
        let made = 0;
        cloud.log.onCall(() => {
          made = Math.max(made, cloud.snapshot().loadBalancers.length);
        });
        for (const [index, { want: wanted, troubles, attempts }] of steps.entries()) {
          let calls = 0;
          // Each trouble strikes at a chosen call of the step.
          const stop = cloud.log.onCall(() => {
            calls++;
            for (const [effect, at] of troubles) if (at === calls) cloud.faults.add({ effect, times: 1 });
          });
          for (const [effect, at] of troubles) if (at === 0) cloud.faults.add({ effect, times: 1 });
          const isLast = index === steps.length - 1;
          const isDone = await converge({ kind, clock, attempts: isLast ? 60 : attempts }, wishFor(wanted));
          stop();
          cloud.faults.clear();
          if (isLast) expect(isDone).toBe(true);
          // The wish changes in the middle of things.
          if (!isDone) continue;
          await clock.advance(Duration.seconds(3));
          expect(cloud.snapshot().loadBalancers.map(summary)).toEqual(wanted ? [expectation(wanted, backendsOf)] : []);
        }
        expect(made).toBeLessThanOrEqual(1);
        expect(cloud.foreignWrites).toEqual([]);
      }),
      { numRuns: 200 },
    );
  }, 60_000);
});

function summary(balancer: ReturnType<MemoryCloud['snapshot']>['loadBalancers'][number]) {
  const { allowedRanges, listeners, backends, status } = balancer;
  return {
    status,
    ranges: allowedRanges,
    listeners: listeners.map(({ port, backendPort }) => `${port}→${backendPort}`).sort(),
    backends: backends.toSorted(),
  };
}

function expectation(wanted: Want, backendsOf: (wanted: Want) => readonly { readonly providerID: string }[]) {
  return {
    status: 'ACTIVE',
    ranges: wanted.ranges.length > 0 ? wanted.ranges : ['0.0.0.0/0'],
    listeners: wanted.ports.map((port, index) => `${port}→${wanted.nodePorts + index}`).sort(),
    backends: backendsOf(wanted)
      .map(({ providerID }) => providerID.split('/').at(-1))
      .sort(),
  };
}
