import type {
  Instance as SdkInstance,
  NetworkInterface as SdkInterface,
  Route as SdkRoute,
  Tag as SdkTag,
} from '@aws-sdk/client-ec2';
import type { Tags } from '../cluster-tags.ts';
import type {
  Ec2InstanceState,
  Instance,
  NetworkInterface,
  RouteEntry,
  RouteEntryTarget,
  StandaloneInterface,
} from './ec2-port.ts';

const knownStates = ['pending', 'running', 'shutting-down', 'terminated', 'stopping', 'stopped'] as const;

export function readInstance(instance: SdkInstance): Instance {
  return {
    id: instance.InstanceId ?? '',
    state: readState(instance.State?.Name),
    type: instance.InstanceType ?? '',
    zone: instance.Placement?.AvailabilityZone ?? '',
    vpcID: instance.VpcId ?? '',
    subnetID: instance.SubnetId ?? '',
    privateDnsName: instance.PrivateDnsName ?? '',
    publicDnsName: instance.PublicDnsName ?? '',
    publicIP: instance.PublicIpAddress ?? '',
    sourceDestCheck: instance.SourceDestCheck ?? false,
    securityGroupIDs: present((instance.SecurityGroups ?? []).map((group) => group.GroupId)),
    networkInterfaces: (instance.NetworkInterfaces ?? []).map(
      (networkInterface): NetworkInterface => ({
        id: networkInterface.NetworkInterfaceId ?? '',
        status: networkInterface.Status ?? '',
        deviceIndex: networkInterface.Attachment?.DeviceIndex,
        privateIPs: present(
          (networkInterface.PrivateIpAddresses ?? [])
            .toSorted((a, b) => Number(b.Primary ?? false) - Number(a.Primary ?? false))
            .map((address) => address.PrivateIpAddress),
        ),
        ipv6s: present((networkInterface.Ipv6Addresses ?? []).map((address) => address.Ipv6Address)),
      }),
    ),
    tags: readTags(instance.Tags),
  };
}

export function readStandaloneInterface(networkInterface: SdkInterface): StandaloneInterface {
  return {
    id: networkInterface.NetworkInterfaceId ?? '',
    zone: networkInterface.AvailabilityZone ?? '',
    privateDnsName: networkInterface.PrivateDnsName ?? '',
    privateIPs: present((networkInterface.PrivateIpAddresses ?? []).map((address) => address.PrivateIpAddress)),
    ipv6s: present((networkInterface.Ipv6Addresses ?? []).map((address) => address.Ipv6Address)),
  };
}

export function readRoute(route: SdkRoute): RouteEntry[] {
  const cidr = route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock;
  if (cidr === undefined) return [];
  return [{ cidr, target: readRouteTarget(route), state: route.State === 'blackhole' ? 'blackhole' : 'active' }];
}

function readRouteTarget(route: SdkRoute): RouteEntryTarget {
  if (route.InstanceId) return { kind: 'instance', id: route.InstanceId };
  if (route.NetworkInterfaceId) return { kind: 'network-interface', id: route.NetworkInterfaceId };
  const [id = ''] = present([
    route.GatewayId,
    route.NatGatewayId,
    route.TransitGatewayId,
    route.LocalGatewayId,
    route.CarrierGatewayId,
    route.EgressOnlyInternetGatewayId,
    route.VpcPeeringConnectionId,
    route.CoreNetworkArn,
  ]);
  return { kind: 'other', id };
}

function readState(name: string | undefined): Ec2InstanceState {
  return knownStates.find((known) => known === name) ?? 'unknown';
}

export function readTags(tags: readonly SdkTag[] | undefined): Tags {
  return Object.fromEntries((tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? '']));
}

export function present(values: readonly (string | undefined)[]): string[] {
  return values.filter((value): value is string => value !== undefined && value !== '');
}
