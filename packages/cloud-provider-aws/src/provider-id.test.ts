import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatProviderID, isWellFormedInstanceID, parseProviderID } from './provider-id.ts';

describe('providerIDs', () => {
  it.each([
    ['aws:///us-east-1a/i-0abc', { kind: 'instance', instanceID: 'i-0abc' }],
    ['aws:////i-0abc', { kind: 'instance', instanceID: 'i-0abc' }],
    ['i-0abc', { kind: 'instance', instanceID: 'i-0abc' }],
    [
      'aws:///us-east-1a/x/fargate-ip-10-0-0-1.ec2.internal',
      { kind: 'fargate', id: 'fargate-ip-10-0-0-1.ec2.internal' },
    ],
    ['gce://project/zone/i-0abc', { kind: 'foreign', scheme: 'gce' }],
    ['kwok://node', { kind: 'foreign', scheme: 'kwok' }],
    ['aws://us-east-1a/i-0abc', { kind: 'malformed' }],
    ['aws:///us-east-1a/vol-0abc', { kind: 'malformed' }],
    ['aws:///us-east-1a/i-', { kind: 'malformed' }],
    ['aws:///us-east-1a/', { kind: 'malformed' }],
    ['', { kind: 'malformed' }],
    ['node-1', { kind: 'malformed' }],
  ])('%s', (text, parsed) => {
    expect(parseProviderID(text)).toEqual(parsed);
  });

  it('are read back as they were written', () => {
    const hex = fc.stringMatching(/^[0-9a-f]{17}$/);
    const zone = fc.stringMatching(/^[a-z]{2}-[a-z]{4}-[1-9][a-f]$/);
    fc.assert(
      fc.property(zone, hex, (zoneName, digits) => {
        const parsed = parseProviderID(formatProviderID(zoneName, `i-${digits}`));
        expect(parsed).toEqual({ kind: 'instance', instanceID: `i-${digits}` });
      }),
    );
  });

  it('never make the parser throw', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseProviderID(text)));
  });

  it.each([
    ['i-0123456789abcdef0', true],
    ['i-01234567', true],
    ['i-0123', false],
    ['i-0123456789ABCDEF0', false],
    ['i-fake', false],
  ])('%s could be an id of EC2: %s', (id, expected) => {
    expect(isWellFormedInstanceID(id)).toBe(expected);
  });
});
