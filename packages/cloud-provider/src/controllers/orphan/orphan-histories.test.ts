import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Duration } from '../../base/duration.ts';
import type { FaultEffect } from '../../testing/memory-cloud/cloud/faults.ts';
import { defaultOrphanLimits } from './orphan-settings.ts';
import { type OrphanBench, plant, serviceOf, setUp } from './test-bench.ts';

/** One thing that happens to a cluster and its cloud while the controller sweeps them. */
type Deed =
  /** A Service comes, and its load balancer so much later; the tags may tell a wrong name or no UID at all. */
  | { readonly kind: 'serve'; readonly after: number; readonly tells: 'everything' | 'wrongName' | 'nameOnly' }
  /** The Service goes; its load balancer is left over. */
  | { readonly kind: 'leave'; readonly which: number }
  /** Somebody else's load balancer comes, or one that nobody stamped. */
  | { readonly kind: 'foreign'; readonly stamp: 'cluster-red' | undefined }
  | { readonly kind: 'informers'; readonly state: 'held' | 'released' }
  | { readonly kind: 'api'; readonly state: 'up' | 'forbids' }
  | { readonly kind: 'fault'; readonly effect: FaultEffect; readonly times: number }
  | { readonly kind: 'pass'; readonly minutes: number };

const effect: fc.Arbitrary<FaultEffect> = fc.oneof(
  fc.constantFrom<FaultEffect>(
    { kind: 'unavailable' },
    { kind: 'deny' },
    { kind: 'busy' },
    { kind: 'loseRequest' },
    { kind: 'loseReply', how: 'reset' },
    { kind: 'throttle', retryAfter: Duration.seconds(5) },
    { kind: 'stale', by: Duration.minutes(2) },
  ),
  fc.integer({ min: 1, max: 3 }).map((every): FaultEffect => ({ kind: 'omit', every })),
);

const which = fc.nat({ max: 30 });
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('serve' as const),
      after: fc.nat({ max: 3 }),
      tells: fc.constantFrom('everything' as const, 'everything' as const, 'wrongName' as const, 'nameOnly' as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('leave' as const), which }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('foreign' as const),
      stamp: fc.constantFrom('cluster-red' as const, undefined),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('informers' as const),
      state: fc.constantFrom('held' as const, 'released' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('api' as const),
      state: fc.constantFrom('up' as const, 'forbids' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('fault' as const), effect, times: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('pass' as const), minutes: fc.integer({ min: 1, max: 70 }) }) },
);

/** What a person would say of one load balancer. */
interface Planted {
  readonly uid: string;
  /** Monotonic milliseconds. */
  readonly at: number;
  readonly isOurs: boolean;
  readonly tellsUID: boolean;
}

/** A cluster and a cloud whose truth is known, and who judges each deletion by it. */
class World {
  readonly bench: OrphanBench;
  readonly planted = new Map<string, Planted>();
  readonly living = new Set<string>();
  readonly wrong: string[] = [];
  deletions = 0;
  #uids = 0;
  #release: ((count?: number) => void) | undefined;

  constructor(policy: 'report' | 'delete') {
    const limits = { ...defaultOrphanLimits, breaker: { objects: 1000, percent: 100 } };
    const cloud = { readLag: Duration.seconds(2), deleting: Duration.seconds(20), staleMemory: Duration.minutes(5) };
    this.bench = setUp({ policy, limits, cloud });
    this.bench.cloud.log.onCall(({ operation, outcome, touched }) => {
      if (operation !== 'DeleteLoadBalancer' || outcome !== 'accepted') return;
      this.deletions++;
      for (const object of touched) this.#judge(object.replace('load-balancer/', ''), policy);
    });
  }

  #judge(name: string, policy: 'report' | 'delete'): void {
    const planted = this.planted.get(name);
    const age = planted ? this.bench.clock.monotonic() - planted.at : 0;
    if (policy === 'report') this.wrong.push(`${name}: nothing is to be deleted`);
    else if (!planted?.isOurs) this.wrong.push(`${name}: it is not ours`);
    else if (this.living.has(planted.uid)) this.wrong.push(`${name}: its Service lives`);
    else if (!planted.tellsUID) this.wrong.push(`${name}: its owner may come back`);
    else if (age < defaultOrphanLimits.minimumAge.milliseconds) this.wrong.push(`${name}: it is only ${age} ms old`);
  }

  async act(deed: Deed): Promise<void> {
    const { bench } = this;
    const { api, cloud, cluster } = bench;
    switch (deed.kind) {
      case 'serve': {
        const uid = this.#nextUID();
        cluster.putService(serviceOf(uid));
        this.living.add(uid);
        if (deed.after > 0) await bench.pass(Duration.minutes(deed.after));
        const name = plant(cloud, uid, {
          ...(deed.tells === 'wrongName' && { name: 'default/another' }),
          ...(deed.tells === 'nameOnly' && { uid: undefined }),
        });
        const isOurs = true;
        this.planted.set(name, { uid, at: bench.clock.monotonic(), isOurs, tellsUID: deed.tells !== 'nameOnly' });
        return;
      }
      case 'leave': {
        const living = [...this.living];
        const uid = living[deed.which % Math.max(1, living.length)];
        if (uid === undefined) return;
        this.living.delete(uid);
        cluster.dropService(`default/of-${uid}`);
        return;
      }
      case 'foreign': {
        const uid = this.#nextUID();
        const name = plant(cloud, uid, { stamp: deed.stamp });
        this.planted.set(name, { uid, at: bench.clock.monotonic(), isOurs: false, tellsUID: true });
        return;
      }
      case 'informers':
        if (deed.state === 'held') this.#release ??= cluster.holdInformers();
        else this.#letInformersGo();
        return;
      case 'api':
        api.state = deed.state;
        return;
      case 'fault':
        cloud.faults.add({ effect: deed.effect, times: deed.times });
        return;
      case 'pass':
        await bench.pass(Duration.minutes(deed.minutes));
        return;
    }
  }

  /** Everything works again, for long enough. */
  async heal(): Promise<void> {
    this.#letInformersGo();
    this.bench.api.state = 'up';
    this.bench.cloud.faults.clear();
    for (let hour = 0; hour < 6; hour++) await this.bench.pass(Duration.hours(1));
  }

  /** Ours, proven, and of nobody. */
  leftOver(): readonly string[] {
    return this.bench.balancers().filter((name) => {
      const planted = this.planted.get(name);
      return planted?.isOurs === true && planted.tellsUID && !this.living.has(planted.uid);
    });
  }

  #letInformersGo(): void {
    this.#release?.();
    this.#release = undefined;
  }

  #nextUID(): string {
    return `aa${String(++this.#uids).padStart(6, '0')}`;
  }
}

describe('whatever happens', () => {
  it('deletes every orphan, nothing that has an owner, nothing of others, nothing young', async () => {
    let histories = 0;
    let deeds = 0;
    let deletions = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(deed, { minLength: 10, maxLength: 60, size: 'max' }),
        fc.constantFrom('delete' as const, 'delete' as const, 'delete' as const, 'report' as const),
        async (history, policy) => {
          const world = new World(policy);
          await using bench = world.bench;
          for (const each of history) await world.act(each);
          await world.heal();
          expect(world.wrong).toEqual([]);
          expect(bench.cloud.foreignWrites).toEqual([]);
          if (policy === 'delete') expect(world.leftOver()).toEqual([]);
          histories++;
          deeds += history.length;
          deletions += world.deletions;
        },
      ),
      { numRuns: 1000, seed: 20_260_101 },
    );
    const report = { proof: 'orphan-histories', points: histories, deeds, deletions, wrongDeletions: 0 };
    process.stdout.write(`${JSON.stringify(report)}\n`);
    expect(deletions).toBeGreaterThan(histories);
  }, 300_000);
});
