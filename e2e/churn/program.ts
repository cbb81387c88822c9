import { runManager } from '@ccm-ts/cloud-provider';
import { memoryCloudProvider } from '@ccm-ts/cloud-provider/testing';

process.exitCode = await runManager(
  { name: 'memory-cloud-controller-manager', version: '1.36.0', factory: memoryCloudProvider() },
  process,
);
