import type {
  Listener as SdkListener,
  LoadBalancer as SdkLoadBalancer,
  TargetGroup as SdkTargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Attributes, Listener, ListenerTls, LoadBalancer, TargetGroup } from '../elbv2-port.ts';

export function readLoadBalancer(loadBalancer: SdkLoadBalancer): LoadBalancer {
  return {
    arn: loadBalancer.LoadBalancerArn ?? '',
    name: loadBalancer.LoadBalancerName ?? '',
    type: loadBalancer.Type ?? '',
    scheme: loadBalancer.Scheme ?? '',
    state: loadBalancer.State?.Code ?? '',
    dnsName: loadBalancer.DNSName ?? '',
    vpcID: loadBalancer.VpcId ?? '',
    subnetIDs: (loadBalancer.AvailabilityZones ?? []).flatMap((zone) =>
      zone.SubnetId === undefined ? [] : [zone.SubnetId],
    ),
    allocationIDs: addressesOf(loadBalancer).flatMap(({ AllocationId: id }) => (id === undefined ? [] : [id])),
    privateAddresses: addressesOf(loadBalancer).flatMap(({ PrivateIPv4Address: ip }) => (ip === undefined ? [] : [ip])),
    securityGroupIDs: loadBalancer.SecurityGroups ?? [],
    addressType: loadBalancer.IpAddressType ?? 'ipv4',
    ipv6SourceNat: loadBalancer.EnablePrefixForIpv6SourceNat ?? 'off',
  };
}

function addressesOf(loadBalancer: SdkLoadBalancer) {
  return (loadBalancer.AvailabilityZones ?? []).flatMap((zone) => zone.LoadBalancerAddresses ?? []);
}

/** Certificates mean TLS: emulators show a policy for plain listeners too. */
export function readTls(listener: SdkListener): ListenerTls | undefined {
  if (listener.Protocol !== 'TLS') return undefined;
  const certificateArn = listener.Certificates?.[0]?.CertificateArn ?? '';
  return { certificateArn, policy: listener.SslPolicy ?? '' };
}

export function readAttributes(
  attributes: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined,
): Attributes {
  return Object.fromEntries((attributes ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
}

export function readListener(listener: SdkListener): Listener {
  const [action, ...others] = listener.DefaultActions ?? [];
  const isPlainForward = others.length === 0 && action?.Type === 'forward';
  return {
    arn: listener.ListenerArn ?? '',
    port: listener.Port ?? 0,
    protocol: listener.Protocol ?? '',
    targetGroupArn: isPlainForward ? (action.TargetGroupArn ?? '') : '',
    tls: readTls(listener),
  };
}

export function readTargetGroup(group: SdkTargetGroup): TargetGroup {
  return {
    arn: group.TargetGroupArn ?? '',
    name: group.TargetGroupName ?? '',
    port: group.Port ?? 0,
    protocol: group.Protocol ?? '',
    vpcID: group.VpcId ?? '',
    healthCheck: {
      protocol: group.HealthCheckProtocol ?? '',
      port: group.HealthCheckPort ?? '',
      // For TCP checks the path means nothing, whatever the answer holds.
      path: group.HealthCheckProtocol === 'TCP' ? '' : (group.HealthCheckPath ?? ''),
      intervalSeconds: group.HealthCheckIntervalSeconds ?? 0,
      timeoutSeconds: group.HealthCheckTimeoutSeconds ?? 0,
      healthyThreshold: group.HealthyThresholdCount ?? 0,
      unhealthyThreshold: group.UnhealthyThresholdCount ?? 0,
    },
    loadBalancerArns: group.LoadBalancerArns ?? [],
  };
}
