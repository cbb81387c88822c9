import library from '@ccm-ts/cloud-provider/package.json' with { type: 'json' };
import { runLive } from './run-live.ts';
import { runOnce } from './run-once.ts';
import { parseStartFlags, startHelp } from './start-flags.ts';

const exitUsage = 2;

const parsed = parseStartFlags(process.argv.slice(2));
switch (parsed.kind) {
  case 'help':
    process.stdout.write(startHelp);
    break;
  case 'usage':
    process.stderr.write(`${parsed.message}\n`);
    process.exitCode = exitUsage;
    break;
  case 'run': {
    const run = parsed.flags.mode === 'once' ? runOnce : runLive;
    process.exitCode = await run(parsed.flags, library.version);
    break;
  }
}
