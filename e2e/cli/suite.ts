import { join } from 'node:path';
import { suiteOnMoto } from '../aws/suite-on-moto.ts';

/** The subcommands of the AWS executable, between a real API server and an emulator of AWS. */
export const cliSuite = suiteOnMoto({
  name: 'cli',
  description: 'the subcommands of the bundled AWS manager, on moto and real API servers',
  file: join(import.meta.dirname, 'cli.test.ts'),
});
