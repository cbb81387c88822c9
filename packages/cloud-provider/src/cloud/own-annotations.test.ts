import { describe, expect, it } from '@jest/globals';
import { describeAnnotationFinding } from './annotations/annotation-finding.ts';
import { judgeOwnAnnotations } from './own-annotations.ts';

describe('judgeOwnAnnotations', () => {
  it.each([
    ['ccm-ts/protec', 'true', 'did you mean ccm-ts/protect?'],
    ['CCM-TS/protect', 'true', 'did you mean ccm-ts/protect?'],
    ['ccm-ts/on-deleted', 'orphan', 'did you mean ccm-ts/on-delete?'],
    ['ccm-ts/nothing-of-the-kind', '', 'there is no such annotation: remove it'],
    ['ccm-ts/on-delete', 'Orphan', 'write orphan'],
    ['ccm-ts/adopt', ' , ', 'write the ids'],
  ])('warns of %s: %j', (key, value, fix) => {
    const [finding, ...others] = judgeOwnAnnotations({ [key]: value });
    expect(others).toEqual([]);
    expect(finding?.effect).toBe('warned');
    expect(finding && describeAnnotationFinding(finding)).toContain(fix);
  });

  it.each([
    { 'ccm-ts/protect': 'whatever', 'ccm-ts/adopt': 'lb-1, lb-2', 'ccm-ts/on-delete': 'orphan' },
    { 'ccm-ts/load-balancer-group': 'uid:kind/group', 'ccm-ts/intent-a1': '{}' },
    { 'ccm/protect': 'x', 'example.com/ccm-ts/protec': 'x', protect: 'x' },
    {},
  ])('has nothing to say of %j', (annotations) => {
    expect(judgeOwnAnnotations(annotations)).toEqual([]);
  });
});
