import { fileURLToPath } from 'node:url';
import { launch } from '../bootstrap/launch.mjs';

await launch({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  script: 'tools/check/test.ts',
  args: process.argv.slice(2),
});
