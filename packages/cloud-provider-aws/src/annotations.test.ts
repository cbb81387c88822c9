import { describe, expect, it } from '@jest/globals';
import { annotationPrefix, isInternal, loadBalancerType, parseGoBool, splitPairs, splitTags } from './annotations.ts';

const annotated = (suffix: string, value: string): Record<string, string> => ({ [annotationPrefix + suffix]: value });

describe('annotations', () => {
  it.each([
    ['nlb', 'network'],
    ['external', 'other-controller'],
    ['nlb-ip', 'other-controller'],
    ['NLB', 'classic'],
    ['', 'classic'],
  ])('the type %j asks for %s', (value, type) => {
    expect(loadBalancerType(annotated('type', value))).toBe(type);
  });

  it('without a type ask for a classic load balancer', () => {
    expect(loadBalancerType({})).toBe('classic');
  });

  it.each([
    ['true', true],
    ['0.0.0.0/0', true],
    ['False', true],
    ['false', false],
    ['', false],
  ])('internal %j: %s', (value, expected) => {
    expect(isInternal(annotated('internal', value))).toBe(expected);
  });

  it.each([
    ['a=b,c=, d ,=x,', { a: 'b', c: '', d: '' }],
    // The Go manager loses what follows the second equals sign.
    ['a=b=c', { a: 'b=c' }],
    ['cost = 7', { cost: '7' }],
    ['', {}],
  ])('the pairs %j', (value, pairs) => {
    expect(splitPairs(value)).toEqual(pairs);
  });

  it.each([
    [' a=b,c=, d ,=x,', { a: 'b', c: '', d: '' }],
    ['a=b=c', { a: 'b=c' }],
    // These are the tags that load balancers of the Go manager have.
    ['cost = 7', { 'cost ': ' 7' }],
    ['', {}],
  ])('the tags %j', (value, tags) => {
    expect(splitTags(value)).toEqual(tags);
  });

  it.each([
    ['1', true],
    ['True', true],
    ['f', false],
    ['FALSE', false],
    ['yes', undefined],
    ['', undefined],
  ])('the boolean %j', (value, expected) => {
    expect(parseGoBool(value)).toBe(expected);
  });
});
