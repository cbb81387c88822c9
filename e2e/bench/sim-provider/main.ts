import { runManager } from '@ccm-ts/cloud-provider';
import { simCloudProvider } from './sim-cloud-provider.ts';

process.exitCode = await runManager(
  { name: 'sim-cloud-controller-manager', version: 'bench', factory: simCloudProvider },
  process,
);
