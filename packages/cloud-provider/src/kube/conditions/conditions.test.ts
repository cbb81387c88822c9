import { describe, expect, it } from '@jest/globals';
import type { Condition } from '../../api/service.ts';
import { type ConditionChange, conditionsPatch, findCondition, isConditionTrue, planCondition } from './conditions.ts';

const before = '2026-01-01T00:00:00Z';
const now = new Date('2026-01-02T03:04:05.678Z');
const ready: Condition = {
  type: 'Ready',
  status: 'True',
  observedGeneration: 3,
  lastTransitionTime: before,
  reason: 'Done',
  message: 'all is well',
};
const same: ConditionChange = {
  type: 'Ready',
  status: 'True',
  reason: 'Done',
  message: 'all is well',
  observedGeneration: 3,
};

describe('planCondition', () => {
  it('writes nothing when nothing changed', () => {
    expect(planCondition([ready], same, now)).toBeUndefined();
  });

  it.each<[string, Partial<ConditionChange>, string]>([
    ['a new status moves the time', { status: 'False' }, '2026-01-02T03:04:05Z'],
    ['a new reason does not', { reason: 'Other' }, before],
    ['a new message does not', { message: 'other' }, before],
    ['a new generation does not', { observedGeneration: 4 }, before],
  ])('%s', (_, change, lastTransitionTime) => {
    expect(planCondition([ready], { ...same, ...change }, now)).toEqual({ ...ready, ...change, lastTransitionTime });
  });

  it('sets the time of what was never set, and of what lacks one', () => {
    expect(planCondition([], same, now)?.lastTransitionTime).toBe('2026-01-02T03:04:05Z');
    const timeless = { ...ready, lastTransitionTime: '' };
    expect(planCondition([timeless], { ...same, reason: 'x' }, now)?.lastTransitionTime).toBe('2026-01-02T03:04:05Z');
  });
});

describe('reading', () => {
  it('finds by type', () => {
    expect(findCondition([ready], 'Ready')).toBe(ready);
    expect(findCondition([ready], 'Other')).toBeUndefined();
    expect(isConditionTrue([ready], 'Ready')).toBe(true);
    expect(isConditionTrue([{ ...ready, status: 'Unknown' }], 'Ready')).toBe(false);
    expect(isConditionTrue([], 'Ready')).toBe(false);
  });
});

describe('conditionsPatch', () => {
  it('merges by type and takes away by directive', () => {
    expect(conditionsPatch({ set: [ready], remove: ['Old'] })).toEqual({
      type: 'strategic',
      body: { status: { conditions: [ready, { $patch: 'delete', type: 'Old' }] } },
    });
  });

  it('is nothing when there is nothing to write', () => {
    expect(conditionsPatch({})).toBeUndefined();
    expect(conditionsPatch({ set: [], remove: [] })).toBeUndefined();
  });
});
