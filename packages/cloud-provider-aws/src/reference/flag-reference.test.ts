import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { flagReference } from './test-flag-reference.ts';

it('docs/flags.md tells of the flags as they are: node --conditions=@ccm-ts/source src/reference/test-write-flags.ts', () => {
  expect(readFileSync(join(import.meta.dirname, '../../docs/flags.md'), 'utf8')).toBe(flagReference());
});
