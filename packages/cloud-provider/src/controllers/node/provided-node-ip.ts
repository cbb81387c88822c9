import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { NodeAddress } from '../../api/node.ts';

/** The cloud's addresses as the kubelet's `--node-ip` wants them, or why that can't be. */
export type AddressChoice =
  | { readonly kind: 'addresses'; readonly addresses: readonly NodeAddress[] }
  | { readonly kind: 'invalid'; readonly message: string };

/**
 * Puts the addresses that the kubelet was told to use first and drops the others of their types: another InternalIP vanishes
 * when an InternalIP was asked for, while all of the types that were not asked for stay. Addresses are compared by value, the
 * cloud's spelling is kept. Source: k8s.io/cloud-provider node/helpers/address.go, GetNodeAddressesFromNodeIP.
 *
 * @param annotation the value of `alpha.kubernetes.io/provided-node-ip`: one address, or two of different families separated
 * by a comma
 */
export function chooseProvidedAddresses(annotation: string, offered: readonly NodeAddress[]): AddressChoice {
  const wanted = parseProvidedNodeIPs(annotation);
  if (wanted === undefined) {
    return {
      kind: 'invalid',
      message: `failed to parse node IP ${JSON.stringify(annotation)}: one address, or one of each family separated by a comma, is needed`,
    };
  }
  const chosen: NodeAddress[] = [];
  const matchedTypes = new Set<string>();
  for (const ip of wanted) {
    const matches = offered.filter((address) => canonicalIP(address.address) === ip);
    if (matches.length === 0) {
      return {
        kind: 'invalid',
        message: `the cloud knows no address ${ip} of this machine, which the kubelet was told to use`,
      };
    }
    for (const match of matches) {
      chosen.push(match);
      matchedTypes.add(match.type);
    }
  }
  return {
    kind: 'addresses',
    addresses: [...chosen, ...offered.filter((address) => !matchedTypes.has(address.type))],
  };
}

/** The requested addresses in canonical form; undefined when the annotation can't be used. */
function parseProvidedNodeIPs(annotation: string): readonly string[] | undefined {
  const ips = annotation.split(',').map(canonicalIP);
  const [first, second] = ips;
  if (first === undefined || ips.length > 2) return undefined;
  if (ips.length === 1) return [first];
  if (second === undefined) return undefined;
  if (isIP(first) === isIP(second)) return undefined;
  if ([first, second].some((ip) => ip === '0.0.0.0' || ip === '::')) return undefined;
  return [first, second];
}

/** One spelling for each address, so that equal ones are equal strings; undefined when it is none (host names are none). */
function canonicalIP(text: string): string | undefined {
  // A zone names an interface of some machine, not an address.
  if (isIP(text) === 0 || text.includes('%')) return undefined;
  return ipaddr.process(text).toString();
}
