import { fileURLToPath } from 'node:url';
import { launch } from '../bootstrap/launch.mjs';

// Runs on any Node ≥ 20 with nothing installed. The demo uses the library as it is shipped, so that is built first.
await launch({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  script: 'tools/start/demo.ts',
  args: process.argv.slice(2),
  runsOn: 'cloud-provider',
});
