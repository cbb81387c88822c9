import { describe, expect, it } from '@jest/globals';
import type { Service } from '../api/service.ts';
import { adoptAnnotation, protectAnnotation } from '../api/well-known.ts';
import type { Operation } from './operation.ts';
import { adoptedIDs, isProtected, takesAddress } from './service-directives.ts';

function serviceWith(annotations: Readonly<Record<string, string>>): Service {
  return { metadata: { annotations } } as Service;
}

function operation(verb: Operation['verb'], addressOf?: 'group' | readonly string[]): Operation {
  const object = { kind: 'LoadBalancer', name: 'lb', ownership: { kind: 'ours', proof: 'stamp' } } as const;
  return {
    verb,
    object: addressOf === undefined ? object : { ...object, addressOf },
    changes: [],
    permission: 'any',
    scope: { account: 'a', region: 'r' },
    locks: [],
  };
}

describe('isProtected', () => {
  it.each([
    [undefined, false],
    ['false', false],
    [' false ', false],
    ['true', true],
    ['', true],
    ['False', true],
    ['yes', true],
  ])('%j: %s', (value, expected) => {
    expect(isProtected(serviceWith(value === undefined ? {} : { [protectAnnotation]: value }))).toBe(expected);
  });
});

describe('adoptedIDs', () => {
  it.each([
    [undefined, []],
    ['', []],
    [' , ', []],
    ['lb-1', ['lb-1']],
    ['lb-1, arn:x:1/2 ,lb-1', ['lb-1', 'arn:x:1/2']],
  ])('%j: %j', (value, expected) => {
    const service = serviceWith(value === undefined ? {} : { [adoptAnnotation]: value });
    expect([...adoptedIDs(service)]).toEqual(expected);
  });
});

describe('takesAddress', () => {
  it.each([
    ['delete', 'group', ['u'], true],
    ['delete', 'group', [], false],
    ['delete', ['u', 'v'], ['v'], true],
    ['delete', ['u'], ['v'], false],
    ['delete', undefined, ['u'], false],
    ['update', 'group', ['u'], false],
    ['create', 'group', ['u'], false],
  ] as const)('%s of %j while %j are protected: %s', (verb, addressOf, uids, expected) => {
    expect(takesAddress(operation(verb, addressOf), new Set(uids))).toBe(expected);
  });
});
