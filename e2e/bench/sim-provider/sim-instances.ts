import type { InstanceView, Instances, NodeRef } from '@ccm-ts/cloud-provider';
import { type CloudsimClient, maxNamesPerCall, type SimInstance } from './cloudsim-client.ts';

const idPrefix = 'sim://i-';

/** The machines behind Nodes: a Node's machine has its name. */
export function simInstances(client: CloudsimClient): Instances {
  return {
    maxBatch: maxNamesPerCall,
    scopeOf: () => client.scope,
    describe: async (nodes, _need, call) => {
      const found = await client.describeInstances(nodes.map(machineName), call);
      const byName = new Map(found.map((instance) => [instance.name, instance]));
      return new Map(nodes.map((node) => [node.name, view(byName.get(machineName(node)))]));
    },
  };
}

function machineName(node: NodeRef): string {
  return node.providerID === '' ? node.name : node.providerID.slice(idPrefix.length);
}

function view(instance: SimInstance | undefined): InstanceView {
  if (!instance) {
    const evidence = { statement: 'left out of the answer', operation: 'DescribeInstances', requestId: '' };
    return { kind: 'absent', evidence };
  }
  return {
    kind: 'present',
    state: 'running',
    metadata: {
      providerID: `sim://${instance.id}`,
      instanceType: instance.type,
      zone: instance.zone,
      region: instance.region,
      addresses: [
        { type: 'InternalIP', address: instance.internalIP },
        { type: 'ExternalIP', address: instance.externalIP },
        { type: 'Hostname', address: instance.name },
      ],
      additionalLabels: {},
    },
  };
}
