import type { Instances } from '../../../cloud/instances.ts';
import type { MemoryClient } from '../client/memory-client.ts';
import { describeInstances } from './describe-instances.ts';

/** The machines behind Nodes. A Node without a providerID is found by its name, which is the machine's. */
export function memoryInstances(client: MemoryClient): Instances {
  return {
    maxBatch: 100,
    scopeOf: () => client.scope,
    describe: (nodes, need, call) => describeInstances(client, { nodes, need }, call),
  };
}
