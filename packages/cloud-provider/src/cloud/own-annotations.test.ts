import { describe, expect, it } from '@jest/globals';
import { describeAnnotationFinding } from './annotations/annotation-finding.ts';
import { judgeNodeAnnotations, judgeOwnAnnotations } from './own-annotations.ts';

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

describe('judgeNodeAnnotations', () => {
  it.each([
    ['ccm-ts/protect', 'true', 'has no effect here: it counts on Services alone, so remove it'],
    ['ccm-ts/protec', 'true', 'there is no such annotation: remove it'],
    ['CCM-TS/Protect', '', 'there is no such annotation: remove it'],
  ])('warns of %s: %j', (key, value, fix) => {
    const [finding, ...others] = judgeNodeAnnotations({ [key]: value, 'example.com/a': '1' });
    expect(others).toEqual([]);
    expect(finding?.effect).toBe('warned');
    expect(finding && describeAnnotationFinding(finding)).toContain(fix);
  });

  it('has nothing to say of what the manager writes, and of what is meant for others', () => {
    expect(judgeNodeAnnotations({ 'ccm-ts/intent-a1': '{}', 'ccm/protect': 'x', 'a.io/ccm-ts/x': '' })).toEqual([]);
  });
});
