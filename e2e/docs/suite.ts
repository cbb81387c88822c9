import { join } from 'node:path';
import { suiteOnMoto } from '../aws/suite-on-moto.ts';

/** What the pages tell their readers to type and to apply. */
export const docsSuite = suiteOnMoto({
  name: 'docs',
  description: 'the commands and manifests of the documentation, as they stand, on moto and real API servers',
  file: join(import.meta.dirname, 'docs.test.ts'),
});
