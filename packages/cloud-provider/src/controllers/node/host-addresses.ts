import { isIP, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { NodeAddress } from '../../api/node.ts';
import { type Cidr, addressWidth, cidrOf, containsCidr, parseCidr } from '../../base/cidr.ts';
import type { AddressDoubt } from './address-condition.ts';

/** What of a cloud's addresses can stand in a Node's status. */
export interface HostAddresses {
  readonly addresses: readonly NodeAddress[];
  readonly doubt: AddressDoubt | undefined;
}

/**
 * Makes addresses of hosts of what a cloud offers. Some clouds give a machine a whole prefix: the address of the machine is
 * then one of those that are known of it otherwise and lies within. What is no address is left out and told of.
 *
 * @param known addresses that the machine is known to have, the surest first; what is none is skipped
 */
export function hostAddresses(offered: readonly NodeAddress[], known: readonly string[]): HostAddresses {
  const addresses: NodeAddress[] = [];
  const faults: string[] = [];
  for (const entry of offered) {
    const hosts = isAddressType(entry.type) ? hostsOf(entry.address, known) : [entry.address].filter(isSaying);
    if (hosts.length === 0) faults.push(`${entry.type} ${JSON.stringify(entry.address.slice(0, 64))}`);
    addresses.push(...hosts.map((address) => ({ type: entry.type, address })));
  }
  if (faults.length === 0) return { addresses, doubt: undefined };
  const message = `the cloud gives this machine what is no address of a host, so that it is left out: ${faults.slice(0, 5).join(', ')}; give the machine an address there, or tell the kubelet of one by --node-ip`;
  return { addresses, doubt: { reason: 'CloudAddressInvalid', message } };
}

function isAddressType(type: string): boolean {
  return type === 'InternalIP' || type === 'ExternalIP';
}

function isSaying(text: string): boolean {
  return text !== '';
}

function hostsOf(text: string, known: readonly string[]): readonly string[] {
  if (isHost(text)) return [text];
  const prefix = parseCidr(text);
  if (!prefix) return [];
  if (prefix.prefix === addressWidth(prefix.family)) return [text.slice(0, text.indexOf('/'))];
  const inside = known.find((address) => isHost(address) && containsCidr(prefix, asCidr(address)));
  return inside === undefined ? [] : [inside];
}

function isHost(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%');
}

function asCidr(address: string): Cidr {
  const number = ipaddr
    .parse(address)
    .toByteArray()
    .reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const family = isIPv6(address) ? 'IPv6' : 'IPv4';
  return cidrOf(family, number, addressWidth(family));
}
