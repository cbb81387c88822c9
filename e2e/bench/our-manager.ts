import { join } from 'node:path';
import { bundleProgram, type BundledProgram } from '../harness/bundle.ts';

/** Bundles our manager with the provider for cloudsim. */
export function bundleOurManager(): Promise<BundledProgram> {
  return bundleProgram(join(import.meta.dirname, 'sim-provider', 'main.ts'));
}
