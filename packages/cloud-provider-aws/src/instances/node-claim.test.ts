import { describe, expect, it } from '@jest/globals';
import { claimByZone } from './node-claim.ts';

describe('claimByZone', () => {
  it.each([
    ['', 'us-west-2', 'open'],
    ['i-0123456789abcdef0', 'us-west-2', 'open'],
    ['aws:////i-0123456789abcdef0', 'us-west-2', 'open'],
    ['aws:///us-west-2a/i-0123456789abcdef0', 'us-west-2', 'open'],
    ['aws:///us-west-2-lax-1a/i-0123456789abcdef0', 'us-west-2', 'open'],
    ['aws:///us-east-1-wl1-bos-wlz-1/i-0123456789abcdef0', 'us-east-1', 'open'],
    ['aws:///us-gov-west-1a/i-0123456789abcdef0', 'us-gov-west-1', 'open'],
    ['aws:///us-west-2a/x/fargate-ip-10-0-0-1', 'us-west-2', 'open'],
    ['aws:///somewhere/i-0123456789abcdef0', 'us-west-2', 'open'],
    ['aws:///eu-west-1a/i-0123456789abcdef0', 'us-west-2', 'foreign'],
    ['aws:///us-west-1a/i-0123456789abcdef0', 'us-west-2', 'foreign'],
    ['aws:///us-west-1a/i-0123456789abcdef0', 'us-gov-west-1', 'foreign'],
    ['aws:///eu-west-1a/x/fargate-ip-10-0-0-1', 'us-west-2', 'foreign'],
    ['aws:///eu-west-10a/i-0123456789abcdef0', 'eu-west-1', 'foreign'],
  ])('%j in %s: %s', (providerID, region, expected) => {
    expect(claimByZone(providerID, region)).toBe(expected);
  });
});
