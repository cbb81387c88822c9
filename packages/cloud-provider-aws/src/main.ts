import { runProgram } from '@ccm-ts/cloud-provider';
import { awsCloudProvider } from './aws-cloud-provider.ts';
import { version } from './version.ts';

process.exitCode = await runProgram(
  { name: 'aws-cloud-controller-manager', version, factory: awsCloudProvider },
  process,
);
