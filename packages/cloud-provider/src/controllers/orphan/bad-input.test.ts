import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Duration } from '../../base/duration.ts';
import { CloudError } from '../../cloud/cloud-error.ts';
import type { InventoryItem, InventoryKind, OwnerClaim } from '../../cloud/inventory.ts';
import type { Ownership } from '../../cloud/ownership.ts';
import { badRange, badText } from '../test-bad-text.ts';
import { nodeWith, serviceOf, setUp } from './test-bench.ts';

const scope = { account: 'a', region: 'r' };
const liveUID = '11111111-1111-4111-8111-111111111111';
const deadUID = '22222222-2222-4222-8222-222222222222';
const ours: Ownership = { kind: 'ours', proof: 'stamp' };

/** Nearly right, as people and half-written tags have it. */
const badUID = fc.oneof(
  badText,
  fc.constantFrom(liveUID, ` ${liveUID}`, `${liveUID}\n`, liveUID.toUpperCase(), liveUID.slice(0, 12), '{}', '1', '-'),
  fc.constantFrom(liveUID.replaceAll('-', ''), `uid-${liveUID}`, '\u202e11111111', '１１１１１１１１'),
);
const badClaim: fc.Arbitrary<OwnerClaim> = fc.oneof(
  fc.record({ kind: fc.constant('service' as const), uid: badUID, name: fc.oneof(badText, fc.constant('ns/live')) }),
  fc.record({ kind: fc.constant('node' as const), uid: badUID, name: fc.oneof(badText, fc.constant('live')) }),
  fc.record({ kind: fc.constant('podRange' as const), cidr: badRange }),
  fc.constant({ kind: 'none' as const }),
);
const badItem: fc.Arbitrary<InventoryItem> = fc.record({
  id: fc.oneof(badText, fc.constantFrom('dead', 'twice')),
  name: badText,
  scope: fc.constant(scope),
  ownership: fc.constantFrom<Ownership>(
    ours,
    { kind: 'foreign', reason: 'another stamp' },
    { kind: 'unproven', reason: 'no tag' },
  ),
  claim: badClaim,
  createdAt: badText,
});
const deadItem: InventoryItem = {
  id: 'dead',
  name: 'dead',
  scope,
  ownership: ours,
  claim: { kind: 'service', uid: deadUID, name: 'ns/dead' },
  createdAt: '2025-01-01T00:00:00Z',
};

/** A kind whose objects are those of a list, which may fail with some of them. */
class Shelf implements InventoryKind<InventoryItem | undefined> {
  readonly name: string;
  readonly mood: 'sound' | 'faulty';
  readonly deleted: InventoryItem[] = [];
  items: InventoryItem[];

  constructor(name: string, items: readonly InventoryItem[], mood: 'sound' | 'faulty') {
    this.name = name;
    this.mood = mood;
    this.items = [...items];
  }

  list(): Promise<readonly InventoryItem[]> {
    return Promise.resolve(this.items);
  }

  observe(item: InventoryItem): Promise<InventoryItem | undefined> {
    if (this.mood === 'faulty' && item.id !== 'dead') return Promise.reject(new TypeError('x is undefined'));
    return Promise.resolve(this.items.find(({ id }) => id === item.id));
  }

  itemIn(observed: InventoryItem | undefined): InventoryItem | undefined {
    return observed;
  }

  plan(observed: InventoryItem | undefined): ReturnType<InventoryKind['plan']> {
    const operation = observed && {
      verb: 'delete' as const,
      object: { kind: this.name, name: observed.id, ownership: observed.ownership },
      changes: [],
      permission: 'x:Delete',
      scope,
      locks: [],
    };
    return { operations: operation ? [operation] : [], next: { kind: 'converged' } };
  }

  async apply(_operation: unknown, observed: InventoryItem | undefined): ReturnType<InventoryKind['apply']> {
    if (!observed) throw new CloudError('NotFound', 'it is gone');
    this.deleted.push(observed);
    this.items = this.items.filter((item) => item !== observed);
    return { kind: 'done', outputs: {} };
  }

  fold(): undefined {
    return undefined;
  }
}

it('survives whatever a cloud says of its objects, and deletes nothing but what has lost its owner', async () => {
  let points = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(badItem, { maxLength: 8 }),
      fc.constantFrom('sound' as const, 'faulty' as const),
      fc.constantFrom(0, 30, -60),
      async (items, mood, jump) => {
        // What has the id of the dead one, too, is another case of the same object.
        const bad = new Shelf('Bad', items, mood);
        const good = new Shelf('Good', [deadItem], 'sound');
        await using bench = setUp({ policy: 'delete', inventory: [bad, good] });
        const live = serviceOf(liveUID);
        bench.cluster.putService({ ...live, metadata: { ...live.metadata, namespace: 'ns', name: 'live' } });
        bench.cluster.putNode(nodeWith('live', '10.0.0.0/24'));
        await bench.pass(Duration.minutes(10));
        bench.clock.jumpWallClock(Duration.hours(jump));
        await bench.pass(Duration.hours(3));
        expect(good.deleted).toEqual([deadItem]);
        expect(bad.deleted.filter(({ ownership }) => ownership.kind !== 'ours')).toEqual([]);
        for (const { claim } of bad.deleted) {
          const uid = claim.kind === 'service' || claim.kind === 'node' ? claim.uid : '';
          // Letters and digits by chance: a UID that nobody has.
          expect(uid).toMatch(/^[0-9a-f]{8}(?:-|$)/);
          expect(claim.kind === 'service' && liveUID.startsWith(uid)).toBe(false);
        }
        points++;
      },
    ),
    { numRuns: 100 },
  );
  process.stdout.write(`${JSON.stringify({ proof: 'orphan-bad-input', points })}\n`);
}, 300_000);
