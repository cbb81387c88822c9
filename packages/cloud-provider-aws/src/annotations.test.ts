import { describe, expect, it } from '@jest/globals';
import { splitTags } from './annotations.ts';

describe('annotations', () => {
  it.each([
    [' a=b,c=, d ,=x,', { a: 'b', c: '', d: '' }],
    ['a=b=c', { a: 'b=c' }],
    // These are the tags that load balancers of the Go manager have.
    ['cost = 7', { 'cost ': ' 7' }],
    ['', {}],
  ])('the tags %j', (value, tags) => {
    expect(splitTags(value)).toEqual(tags);
  });
});
