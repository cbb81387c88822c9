import { CloudError } from '../../../cloud/cloud-error.ts';
import type { NodeRef } from '../../../cloud/instances.ts';
import type { PodRanges, PodRangesView } from '../../../cloud/pod-ranges.ts';
import type { Machine } from '../client/machine.ts';
import type { MemoryClient } from '../client/memory-client.ts';
import { parseProviderID } from '../provider-id.ts';

/** The ranges of pod addresses that machines were launched with. */
export function memoryPodRanges(client: MemoryClient): PodRanges {
  return {
    maxBatch: 100,
    async describe(nodes, call) {
      const ids = nodes.flatMap((node) => machineID(node) ?? []);
      const names = nodes.filter(({ providerID }) => providerID === '').map(({ name }) => name);
      const { machines } = await client.describeMachines({ ids, names }, call);
      const alive = machines.filter(({ state }) => state !== 'terminated');
      return new Map(nodes.map((node) => [node.name, viewOf(node, alive)]));
    },
  };
}

function machineID({ providerID }: NodeRef): string | undefined {
  const parsed = parseProviderID(providerID);
  return parsed.kind === 'ours' ? parsed.machineID : undefined;
}

function viewOf(node: NodeRef, machines: readonly Machine[]): PodRangesView {
  const id = machineID(node);
  if (node.providerID !== '' && id === undefined) return { kind: 'foreign' };
  const [machine, ...others] = machines.filter((each) => (id === undefined ? each.name === node.name : each.id === id));
  if (!machine || others.length > 0) {
    return { kind: 'unknown', reason: new CloudError('NotFound', `there is no one machine of node ${node.name}`) };
  }
  if (machine.podRanges === undefined) {
    return { kind: 'none', reason: `machine ${machine.id} was launched without; launch it with ranges` };
  }
  return machine.podRanges.length === 0 ? { kind: 'pending' } : { kind: 'given', cidrs: machine.podRanges };
}
