import { fileURLToPath } from 'node:url';
import { launch } from '../bootstrap/launch.mjs';

// Runs on any Node ≥ 20 with nothing installed. The project's Node runs the TypeScript as it stands, so nothing is compiled.
await launch({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  script: 'tools/start/demo.ts',
  args: process.argv.slice(2),
});
