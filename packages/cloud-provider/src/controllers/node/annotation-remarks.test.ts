import { describe, expect, it } from '@jest/globals';
import type { Node } from '../../api/node.ts';
import { protectAnnotation } from '../../api/well-known.ts';
import { TestRecorder } from '../test-cluster.ts';
import { AnnotationRemarks } from './annotation-remarks.ts';
import { testNode } from './test-nodes.ts';

const having = (annotations: Readonly<Record<string, string>>): Node => testNode('a', { annotations });

describe('AnnotationRemarks', () => {
  it('tells of what has no effect once, and again when it is something else', () => {
    const recorder = new TestRecorder();
    const remarks = new AnnotationRemarks(recorder);
    const protectedNode = having({ [protectAnnotation]: 'true' });
    remarks.tell(protectedNode);
    remarks.tell(protectedNode);
    expect(recorder.events).toEqual([
      'Warning AnnotationsWithoutEffect a: ccm-ts/protect: "true" has no effect here: it counts on Services alone, so remove it',
    ]);
    remarks.tell(having({ [protectAnnotation]: 'false' }));
    remarks.tell(having({}));
    remarks.tell(protectedNode);
    expect(recorder.events).toHaveLength(3);
  });

  it('says nothing of what the manager writes and what others read', () => {
    const recorder = new TestRecorder();
    new AnnotationRemarks(recorder).tell(having({ 'ccm-ts/intent-1': '{}', 'example.com/ccm-ts': 'x' }));
    expect(recorder.events).toEqual([]);
  });

  it('counts what does not fit into an Event', () => {
    const recorder = new TestRecorder();
    const many = Object.fromEntries([1, 2, 3, 4, 5].map((number) => [`ccm-ts/x${number}`, '']));
    new AnnotationRemarks(recorder).tell(having(many));
    expect(recorder.events[0]).toMatch(/ccm-ts\/x1.*ccm-ts\/x3.*; and 2 more$/);
    expect(recorder.events[0]).not.toContain('ccm-ts/x4');
  });
});
