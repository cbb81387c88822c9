import { fileURLToPath } from 'node:url';
import { launch } from './launch.mjs';

// For the scripts of package.json: any TypeScript program of the workspace, from a clone in which nothing is installed.
const [script, ...args] = process.argv.slice(2);
if (script === undefined) {
  process.stderr.write('usage: node tools/bootstrap/run.mjs <program, relative to the root> [arguments]\n');
  process.exitCode = 2;
} else {
  await launch({ root: fileURLToPath(new URL('../..', import.meta.url)), script, args });
}
