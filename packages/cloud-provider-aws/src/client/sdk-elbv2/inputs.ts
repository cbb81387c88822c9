import { CloudError } from '@ccm-ts/cloud-provider';
import type { Tags } from '../../cluster-tags.ts';
import type { CreateLoadBalancer, HealthCheck, ListenerTls, SubnetMapping, Target } from '../elbv2-port.ts';

export function writeHealthCheck(check: Partial<HealthCheck>) {
  return {
    ...(check.protocol === undefined ? {} : { HealthCheckProtocol: writeProtocol(check.protocol) }),
    ...(check.port === undefined ? {} : { HealthCheckPort: check.port }),
    ...(check.path === undefined || check.path === '' ? {} : { HealthCheckPath: check.path }),
    ...(check.intervalSeconds === undefined ? {} : { HealthCheckIntervalSeconds: check.intervalSeconds }),
    ...(check.timeoutSeconds === undefined ? {} : { HealthCheckTimeoutSeconds: check.timeoutSeconds }),
    ...(check.healthyThreshold === undefined ? {} : { HealthyThresholdCount: check.healthyThreshold }),
    ...(check.unhealthyThreshold === undefined ? {} : { UnhealthyThresholdCount: check.unhealthyThreshold }),
  };
}

export function writeProtocol(protocol: string): 'TCP' | 'UDP' | 'TCP_UDP' | 'TLS' | 'HTTP' | 'HTTPS' {
  switch (protocol) {
    case 'TCP':
    case 'UDP':
    case 'TCP_UDP':
    case 'TLS':
    case 'HTTP':
    case 'HTTPS':
      return protocol;
    default:
      throw new CloudError('Invalid', `the protocol ${protocol} is not one that is ever sent`, { field: 'Protocol' });
  }
}

export function writeSubnets(subnets: readonly SubnetMapping[]) {
  return subnets.map(({ subnetID, allocationID, privateAddress }) => ({
    SubnetId: subnetID,
    ...(allocationID === '' ? {} : { AllocationId: allocationID }),
    ...(privateAddress === '' ? {} : { PrivateIPv4Address: privateAddress }),
  }));
}

export function writeAddresses({
  addressType,
  ipv6SourceNat,
}: Pick<CreateLoadBalancer, 'addressType' | 'ipv6SourceNat'>) {
  return {
    ...(addressType === undefined ? {} : { IpAddressType: addressType }),
    ...(ipv6SourceNat === undefined ? {} : { EnablePrefixForIpv6SourceNat: ipv6SourceNat }),
  };
}

export function writeTls(tls: ListenerTls | undefined) {
  if (tls === undefined) return {};
  return {
    Certificates: [{ CertificateArn: tls.certificateArn }],
    ...(tls.policy === '' ? {} : { SslPolicy: tls.policy }),
  };
}

export function writeTags(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([key, value]) => ({ Key: key, Value: value }));
}

export function writeTargets(targets: readonly Target[]): { Id: string; Port: number }[] {
  return targets.map((target) => ({ Id: target.id, Port: target.port }));
}
