import type { NodeRef } from '@ccm-ts/cloud-provider';
import { parseProviderID } from '../provider-id.ts';

/** How the machine of a node is found. */
export type InstanceLookup =
  | { readonly by: 'id'; readonly id: string }
  | { readonly by: 'private-dns-name'; readonly name: string }
  | { readonly by: 'address' }
  | { readonly by: 'nothing'; readonly why: 'foreign' | 'malformed' };

/**
 * The providerID decides. Without one, a name that begins with `i-` holds the id up to its first dot; any other name must be
 * the private DNS name of the instance, as in the Go manager (v1.36, pkg/providers/v1/variant).
 */
export function chooseLookup(node: NodeRef): InstanceLookup {
  if (node.providerID === '') {
    if (!node.name.startsWith('i-')) return { by: 'private-dns-name', name: node.name };
    return { by: 'id', id: node.name.split('.', 1)[0] ?? node.name };
  }
  const parsed = parseProviderID(node.providerID);
  switch (parsed.kind) {
    case 'instance':
      return { by: 'id', id: parsed.instanceID };
    case 'fargate':
      return { by: 'address' };
    case 'foreign':
    case 'malformed':
      return { by: 'nothing', why: parsed.kind };
  }
}
