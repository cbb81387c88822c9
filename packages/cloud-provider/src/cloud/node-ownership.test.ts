import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseLabelSelector } from '../base/label-selector.ts';
import type { NodeClaim, NodeRef } from './instances.ts';
import { judgeNode } from './node-ownership.ts';

function node(providerID: string, labels: Readonly<Record<string, string>> = {}): NodeRef {
  return { name: 'n', uid: 'u', providerID, labels, annotations: {} };
}

function selector(text: string) {
  const parsed = parseLabelSelector(text);
  if (parsed.kind === 'bad') throw new Error(parsed.problem);
  return parsed.selector;
}

describe('judgeNode', () => {
  it.each([
    ['', 'open'],
    ['near:///zone/1', 'open'],
    ['other-of-ours://1', 'open'],
    ['i-0123', 'open'],
    ['near', 'open'],
    ['far:///zone/1', 'foreign'],
    ['nearby:///zone/1', 'foreign'],
    ['NEAR:///zone/1', 'foreign'],
  ])('goes by the scheme of %j: %s', (providerID, kind) => {
    expect(judgeNode(node(providerID), { schemes: ['near', 'other-of-ours'] }).kind).toBe(kind);
  });

  it.each([
    ['pool=a', { pool: 'a' }, 'open'],
    ['pool=a', { pool: 'b' }, 'foreign'],
    ['pool=a', {}, 'foreign'],
    ['!pool', {}, 'open'],
  ])('then by the selector %s of %j: %s', (text, labels, kind) => {
    const rules = { schemes: ['near'], selector: selector(text) };
    expect(judgeNode(node('near:///1', labels), rules).kind).toBe(kind);
  });

  it('then by what the provider says of the node', () => {
    const claim = (ref: NodeRef): NodeClaim => (ref.providerID === 'near:///elsewhere/1' ? 'foreign' : 'open');
    expect(judgeNode(node('near:///elsewhere/1'), { schemes: ['near'], claim })).toMatchObject({ by: 'claim' });
    expect(judgeNode(node('near:///here/1'), { schemes: ['near'], claim })).toEqual({ kind: 'open' });
  });

  it('names the first that speaks against it', () => {
    const rules = { schemes: ['near'], selector: selector('pool=a'), claim: (): NodeClaim => 'foreign' };
    expect(judgeNode(node('far:///1'), rules)).toMatchObject({ by: 'providerID' });
    expect(judgeNode(node('near:///1'), rules)).toMatchObject({ by: 'selector' });
    expect(judgeNode(node('near:///1', { pool: 'a' }), rules)).toMatchObject({ by: 'claim' });
  });

  it('leaves a node to one manager when their selectors exclude one another', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('pool', 'x'), fc.constantFrom('a', 'b', '')), (labels) => {
        const mine = ['pool=a', 'pool!=a'].filter(
          (text) => judgeNode(node('', labels), { schemes: [], selector: selector(text) }).kind === 'open',
        );
        expect(mine).toHaveLength(1);
      }),
    );
  });
});
