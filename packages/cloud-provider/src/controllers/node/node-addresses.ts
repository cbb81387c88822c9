import type { Node, NodeAddress } from '../../api/node.ts';
import { providedNodeIPAnnotation } from '../../api/well-known.ts';
import type { AddressDoubt } from './address-condition.ts';
import { hostAddresses } from './host-addresses.ts';
import { chooseProvidedAddresses } from './provided-node-ip.ts';

/** The addresses that a Node is to have, and what is doubtful about them. */
export interface DesiredAddresses {
  readonly addresses: readonly NodeAddress[];
  readonly doubt: AddressDoubt | undefined;
}

/**
 * The addresses that a Node is to have, from those that the cloud offers: a Hostname of the kubelet stays when the cloud has
 * none, and the kubelet's `--node-ip` is respected. Where the two can't be brought together, what the kubelet says of itself
 * stays: it serves there. Nothing offered says nothing: the Node keeps what it has.
 */
export function desireAddresses(node: Node, offered: readonly NodeAddress[]): DesiredAddresses {
  const present = node.status.addresses;
  if (offered.length === 0) return { addresses: present, doubt: undefined };
  const provided = node.metadata.annotations[providedNodeIPAnnotation];
  const hosts = hostAddresses(offered, [...(provided?.split(',') ?? []), ...present.map(({ address }) => address)]);
  const addresses = withoutRepetitions(hosts.addresses);
  if (!addresses.some((address) => address.type === 'Hostname')) {
    addresses.push(...present.filter((address) => address.type === 'Hostname'));
  }
  const choice =
    provided === undefined ? { kind: 'addresses' as const, addresses } : chooseProvidedAddresses(provided, addresses);
  if (choice.kind === 'addresses') {
    const isEmpty = hosts.addresses.length === 0;
    return { addresses: isEmpty ? present : choice.addresses, doubt: hosts.doubt };
  }
  const knowsItself = present.some((address) => address.type !== 'Hostname');
  return {
    addresses: knowsItself ? present : addresses,
    doubt: { reason: 'ProvidedNodeIPInvalid', message: choice.message },
  };
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
