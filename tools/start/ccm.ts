import { runProgram } from '@ccm-ts/cloud-provider';
import library from '@ccm-ts/cloud-provider/package.json' with { type: 'json' };
import { memoryCloudProvider } from '@ccm-ts/cloud-provider/testing';

// npm starts its scripts in the root, whoever types names files from where they are.
const { INIT_CWD: typedIn } = process.env;
if (typedIn !== undefined) process.chdir(typedIn);

process.exitCode = await runProgram(
  { name: 'memory-cloud-controller-manager', version: library.version, factory: memoryCloudProvider() },
  process,
);
