import type { NodeAddress, NodeAddressType } from '@ccm-ts/cloud-provider';
import type { Instance, NetworkInterface } from '../client/ec2-port.ts';
import type { CloudConfig } from '../config/cloud-config.ts';

/**
 * The addresses of a machine, in the Go manager's order (v1.36, pkg/providers/v1/instances_v2.go): for IPv4 every private
 * address of every interface in use, then the public one, then the names; for IPv6 the first address of each interface.
 *
 * Different from it: interfaces are sorted for IPv6 too, and a machine without IPv4 gets its host name as well.
 * Those of pods are left out where the cloud-config says so.
 */
export function instanceAddresses(
  instance: Instance,
  { nodeIPFamilies: families, nodePrivateIPs }: Pick<CloudConfig, 'nodeIPFamilies' | 'nodePrivateIPs'>,
): NodeAddress[] {
  const interfaces = instance.networkInterfaces
    .filter((networkInterface) => networkInterface.status === 'in-use')
    .toSorted((a, b) => deviceOrder(a) - deviceOrder(b))
    .map((one) => (nodePrivateIPs === 'primary' ? { ...one, privateIPs: one.privateIPs.slice(0, 1) } : one));
  const addresses = families.flatMap((family) =>
    family === 'ipv4' ? ipv4Addresses(instance, interfaces) : ipv6Addresses(interfaces),
  );
  if (!families.includes('ipv4')) addresses.push(...named('Hostname', instance.privateDnsName));
  return addresses;
}

function ipv4Addresses(instance: Instance, interfaces: readonly NetworkInterface[]): NodeAddress[] {
  return [
    ...interfaces.flatMap(({ privateIPs }) => privateIPs.flatMap((address) => named('InternalIP', address))),
    ...named('ExternalIP', instance.publicIP),
    ...named('InternalDNS', instance.privateDnsName),
    ...named('Hostname', instance.privateDnsName),
    ...named('ExternalDNS', instance.publicDnsName),
  ];
}

function ipv6Addresses(interfaces: readonly NetworkInterface[]): NodeAddress[] {
  return interfaces.flatMap(({ ipv6s }) => named('InternalIP', ipv6s[0] ?? ''));
}

function named(type: NodeAddressType, address: string): NodeAddress[] {
  return address === '' ? [] : [{ type, address }];
}

/** Interfaces that are not attached come last. */
function deviceOrder(networkInterface: NetworkInterface): number {
  return networkInterface.deviceIndex ?? Number.MAX_SAFE_INTEGER;
}
