import { describe, expect, it } from '@jest/globals';
import { parseRequestTarget } from './request-target.ts';

describe('parseRequestTarget', () => {
  it.each([
    ['/healthz', '/healthz', ''],
    ['/healthz?verbose&exclude=a', '/healthz', 'verbose=&exclude=a'],
    ['/%68ealthz', '/healthz', ''],
    ['/healthz/../metrics', '/healthz/../metrics', ''],
    ['/healthz/%2e%2e/metrics', '/healthz/../metrics', ''],
    ['//metrics', '//metrics', ''],
    ['/healthz#x', '/healthz#x', ''],
    ['/healthz?%zz', '/healthz', '%25zz='],
    ['http://elsewhere.example/healthz?a', '/healthz', 'a='],
    ['*', '*', ''],
  ])('reads %s', (target, path, query) => {
    const parsed = parseRequestTarget(target);
    expect([parsed?.path, parsed?.query.toString()]).toEqual([path, query]);
  });

  it.each(['/%zz', '/%', '/%ff'])('refuses %s', (target) => {
    expect(parseRequestTarget(target)).toBeUndefined();
  });
});
