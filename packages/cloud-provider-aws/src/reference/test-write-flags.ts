import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { flagReference } from './test-flag-reference.ts';

writeFileSync(join(import.meta.dirname, '../../docs/flags.md'), flagReference());
