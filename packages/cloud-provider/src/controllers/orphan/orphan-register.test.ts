import { describe, expect, it } from '@jest/globals';
import { Duration } from '../../base/duration.ts';
import type { InventoryItem, OwnerClaim } from '../../cloud/inventory.ts';
import type { Ownership } from '../../cloud/ownership.ts';
import { type Moment, OrphanRegister, confirmationDue, isSameCase, whyKept } from './orphan-register.ts';
import { type OrphanLimits, defaultOrphanLimits } from './orphan-settings.ts';

const now: Moment = { monotonic: 1_000_000, wall: new Date('2026-01-01T12:00:00Z') };
const minute = 60_000;

function item(change: Partial<InventoryItem> = {}): InventoryItem {
  return {
    id: 'lb-1',
    name: 'web',
    scope: { account: '', region: '' },
    ownership: { kind: 'ours', proof: 'stamp' },
    claim: { kind: 'service', uid: 'u', name: '' },
    createdAt: '',
    ...change,
  };
}

describe('confirmationDue', () => {
  it.each([
    ['its age is not told', '', 30],
    ['it was just made', '2026-01-01T12:00:00Z', 30],
    ['it is 12 minutes old', '2026-01-01T11:48:00Z', 18],
    ['it is old', '2025-01-01T00:00:00Z', 10],
    ['it comes from the future', '2027-01-01T00:00:00Z', 30],
    ['its age is garbage', 'yesterday', 30],
  ])('waits for the minimum age and the second look when %s', (_name, createdAt, minutes) => {
    expect(confirmationDue(item({ createdAt }), now, defaultOrphanLimits) - now.monotonic).toBe(minutes * minute);
  });
});

describe('whyKept', () => {
  const unproven: Ownership = { kind: 'unproven', reason: 'no stamp' };
  it.each<[string, Partial<InventoryItem>, boolean]>([
    ['a Service by its UID', {}, false],
    ['a Service by its name alone', { claim: { kind: 'service', uid: '', name: 'a/b' } }, true],
    ['a Node by its UID', { claim: { kind: 'node', uid: 'u', name: 'a' } }, false],
    ['a Node by its name alone', { claim: { kind: 'node', uid: '', name: 'a' } }, true],
    ['a range', { claim: { kind: 'podRange', cidr: '10.0.0.0/24' } }, true],
    ['nothing', { claim: { kind: 'none' } }, true],
    ['a Service by its UID, unstamped', { ownership: unproven }, true],
    ['a Service by its UID, not yet there', { ownership: { kind: 'new' } }, true],
  ])('judges what claims %s', (_name, change, isKept) => {
    expect(whyKept(item(change)) !== undefined).toBe(isKept);
  });
});

describe('isSameCase', () => {
  const other: OwnerClaim = { kind: 'service', uid: 'v', name: '' };
  it.each<[string, Partial<InventoryItem>, boolean]>([
    ['nothing', {}, true],
    ['the name', { name: 'x' }, true],
    ['the id', { id: 'lb-2' }, false],
    ['the owner', { claim: other }, false],
    ['the proof', { ownership: { kind: 'ours', proof: 'journal' } }, false],
  ])('compares two looks that differ in %s', (_name, change, isSame) => {
    expect(isSameCase(item(), item(change))).toBe(isSame);
  });
});

describe('OrphanRegister', () => {
  function register(limits: Partial<OrphanLimits> = {}): OrphanRegister {
    return new OrphanRegister({ ...defaultOrphanLimits, confirmAfter: Duration.minutes(10), ...limits });
  }

  it('keeps what it knows of a case that is met again', () => {
    const suspects = register();
    suspects.takeIn('LoadBalancer', { items: [item()], listed: 1 }, now);
    const [first] = suspects.all();
    if (first) suspects.update(first, { state: 'orphan' }, now);
    suspects.takeIn('LoadBalancer', { items: [item()], listed: 1 }, { ...now, monotonic: now.monotonic + minute });
    expect(suspects.all()).toMatchObject([{ state: 'orphan', firstSeenAt: now.monotonic }]);
  });

  it('begins anew with what claims another owner, and acquits what is no longer listed', () => {
    const suspects = register();
    suspects.takeIn('LoadBalancer', { items: [item(), item({ id: 'lb-2' })], listed: 2 }, now);
    const claim: OwnerClaim = { kind: 'service', uid: 'v', name: '' };
    const later = { ...now, monotonic: now.monotonic + minute };
    suspects.takeIn('LoadBalancer', { items: [item({ claim })], listed: 1 }, later);
    expect(suspects.all()).toMatchObject([{ item: { id: 'lb-1' }, firstSeenAt: later.monotonic, state: 'suspected' }]);
  });

  it('does not mix kinds up', () => {
    const suspects = register();
    suspects.takeIn('LoadBalancer', { items: [item()], listed: 1 }, now);
    suspects.takeIn('TargetGroup', { items: [], listed: 4 }, now);
    expect(suspects.all()).toHaveLength(1);
    expect(suspects.listed).toBe(5);
  });

  it.each([
    ['as many as allowed', 2, 4, false],
    ['one more', 3, 4, true],
    ['the part of many that is allowed', 30, 100, false],
    ['a larger part of many', 31, 100, true],
  ])('opens the breaker when too many are suspected: %s', (_name, suspected, listed, isOpen) => {
    const suspects = register({ breaker: { objects: 2, percent: 30 } });
    const items = Array.from({ length: suspected }, (_, index) => item({ id: `lb-${index}` }));
    suspects.takeIn('LoadBalancer', { items, listed }, now);
    expect(suspects.isBreakerOpen()).toBe(isOpen);
  });
});
