import type { Node, NodeAddress } from '../../api/node.ts';
import { providedNodeIPAnnotation } from '../../api/well-known.ts';
import { type AddressChoice, chooseProvidedAddresses } from './provided-node-ip.ts';

/**
 * The addresses that a Node is to have, from those that the cloud offers: a Hostname of the kubelet stays when the cloud has
 * none, and the kubelet's `--node-ip` is respected.
 */
export function desireAddresses(node: Node, offered: readonly NodeAddress[]): AddressChoice {
  const addresses = withoutRepetitions(offered);
  if (!addresses.some((address) => address.type === 'Hostname')) {
    addresses.push(...node.status.addresses.filter((address) => address.type === 'Hostname'));
  }
  const provided = node.metadata.annotations[providedNodeIPAnnotation];
  if (provided === undefined) return { kind: 'addresses', addresses };
  return chooseProvidedAddresses(provided, addresses);
}

/**
 * Whether two lists mean the same. Consumers take the first address of a type, so the order within a type matters; the order
 * of the types among each other does not.
 */
export function sameAddresses(left: readonly NodeAddress[], right: readonly NodeAddress[]): boolean {
  if (left.length !== right.length) return false;
  const byType = groupByType(right);
  return [...groupByType(left)].every(([type, addresses]) => {
    const others = byType.get(type) ?? [];
    return others.length === addresses.length && addresses.every((address, index) => address === others[index]);
  });
}

function groupByType(addresses: readonly NodeAddress[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const { type, address } of addresses) {
    const group = groups.get(type);
    if (group) group.push(address);
    else groups.set(type, [address]);
  }
  return groups;
}

function withoutRepetitions(addresses: readonly NodeAddress[]): NodeAddress[] {
  const seen = new Set<string>();
  return addresses.filter(({ type, address }) => {
    const key = `${type} ${address}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
