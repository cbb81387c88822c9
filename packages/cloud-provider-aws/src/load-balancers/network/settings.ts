import type { Refusal } from '@ccm-ts/cloud-provider';
import { isIPv4 } from 'node:net';
import {
  type Annotations,
  annotationValue,
  isInternal,
  parseGoBool,
  refuseAnnotation,
  splitList,
  splitPairs,
  splitTags,
} from '../../annotations.ts';
import type { Scheme } from '../../client/elbv2-port.ts';
import type { Tags } from '../../cluster-tags.ts';

/** What the annotations of a Service say about its network load balancer, apart from health checks. */
export interface NetworkSettings {
  readonly scheme: Scheme;
  readonly tls: TlsSettings | undefined;
  /** Of the load balancer; each is what it is to be whether it is written or not, as in the Go manager. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Of every target group; those that are not named are left alone. */
  readonly targetGroupAttributes: Readonly<Record<string, string>>;
  /** Allocation ids, one for each subnet in their order; empty for none. */
  readonly allocationIDs: readonly string[];
  /** One for each subnet in their order; empty for none. */
  readonly privateAddresses: readonly string[];
  /** Ids or names; undefined when the subnets are to be found. */
  readonly subnets: readonly string[] | undefined;
  /** All must match; an empty value matches any. */
  readonly targetNodeLabels: Readonly<Record<string, string>>;
  readonly additionalTags: Tags;
  /** Groups that users look after themselves; undefined for none. */
  readonly securityGroupIDs: readonly string[] | undefined;
}

/** Ports that AWS decrypts. */
export interface TlsSettings {
  readonly certificateArn: string;
  /** Names and numbers of ports in lower case; undefined for all. */
  readonly ports: readonly string[] | undefined;
  /** Empty for AWS's choice. */
  readonly policy: string;
  /** Whether it is encrypted again on its way to the nodes. */
  readonly backend: 'TCP' | 'TLS';
}

/**
 * Reads the annotations. Those of classic load balancers alone have no effect on a network load balancer, as in the Go
 * manager (v1.36); what can't be honoured is refused.
 */
export function readNetworkSettings(annotations: Annotations): NetworkSettings | Refusal {
  const attributes = readAttributes(annotations);
  if (isRefusal(attributes)) return attributes;
  const targetGroupAttributes = readTargetGroupAttributes(annotations);
  if (isRefusal(targetGroupAttributes)) return targetGroupAttributes;
  const addresses = readAddresses(annotations);
  if (isRefusal(addresses)) return addresses;
  const listed = readLists(annotations);
  if (isRefusal(listed)) return listed;
  return {
    scheme: isInternal(annotations) ? 'internal' : 'internet-facing',
    tls: readTls(annotations),
    attributes,
    targetGroupAttributes,
    ...addresses,
    ...listed,
    targetNodeLabels: splitPairs(annotationValue(annotations, 'target-node-labels') ?? ''),
    additionalTags: splitTags(annotationValue(annotations, 'additional-resource-tags') ?? ''),
  };
}

function readTls(annotations: Annotations): TlsSettings | undefined {
  const certificateArn = (annotationValue(annotations, 'ssl-cert') ?? '').trim();
  if (certificateArn === '') return undefined;
  const ports = splitList((annotationValue(annotations, 'ssl-ports') ?? '').toLowerCase());
  return {
    certificateArn,
    ports: ports.length === 0 || ports.includes('*') ? undefined : ports,
    policy: (annotationValue(annotations, 'ssl-negotiation-policy') ?? '').trim(),
    backend: annotationValue(annotations, 'backend-protocol') === 'ssl' ? 'TLS' : 'TCP',
  };
}

function readAttributes(annotations: Annotations): Readonly<Record<string, string>> | Refusal {
  const readBool = (suffix: string): boolean | undefined =>
    parseGoBool(annotationValue(annotations, suffix) ?? 'false');
  const crossZone = readBool('cross-zone-load-balancing-enabled');
  const logs = readBool('access-log-enabled');
  if (crossZone === undefined) {
    return refuseAnnotation(annotations, 'cross-zone-load-balancing-enabled', 'write true or false');
  }
  if (logs === undefined) return refuseAnnotation(annotations, 'access-log-enabled', 'write true or false');
  const bucket = annotationValue(annotations, 'access-log-s3-bucket-name') ?? '';
  if (logs && bucket === '') {
    return refuseAnnotation(annotations, 'access-log-s3-bucket-name', 'name the bucket that the logs go to');
  }
  return {
    'load_balancing.cross_zone.enabled': String(crossZone),
    'access_logs.s3.enabled': String(logs),
    ...(logs
      ? {
          'access_logs.s3.bucket': bucket,
          'access_logs.s3.prefix': annotationValue(annotations, 'access-log-s3-bucket-prefix') ?? '',
        }
      : {}),
  };
}

const targetGroupKeys = ['preserve_client_ip.enabled', 'proxy_protocol_v2.enabled'];

function readTargetGroupAttributes(annotations: Annotations): Readonly<Record<string, string>> | Refusal {
  const suffix = 'target-group-attributes';
  const value = annotationValue(annotations, suffix);
  if (value === undefined) return {};
  const pairs = splitPairs(value);
  const isFit = ([key, setting]: [string, string]): boolean =>
    targetGroupKeys.includes(key) && (setting === 'true' || setting === 'false');
  if (Object.keys(pairs).length > 0 && Object.entries(pairs).every(isFit)) return pairs;
  const fix = `write ${targetGroupKeys.map((key) => `${key}=true|false`).join(' and ')}, or one of them`;
  return refuseAnnotation(annotations, suffix, fix);
}

function readAddresses(
  annotations: Annotations,
): Pick<NetworkSettings, 'allocationIDs' | 'privateAddresses'> | Refusal {
  const allocationIDs = splitList(annotationValue(annotations, 'eip-allocations') ?? '');
  const privateAddresses = splitList(annotationValue(annotations, 'private-ipv4-addresses') ?? '');
  if (allocationIDs.length > 0 && isInternal(annotations)) {
    const fix = 'an internal load balancer has no public addresses: remove it, or make the load balancer public';
    return refuseAnnotation(annotations, 'eip-allocations', fix);
  }
  if (privateAddresses.length > 0 && !isInternal(annotations)) {
    const fix =
      'only internal load balancers can be given their private addresses: remove it, or add the annotation for internal';
    return refuseAnnotation(annotations, 'private-ipv4-addresses', fix);
  }
  if (allocationIDs.some((id) => !id.startsWith('eipalloc-'))) {
    return refuseAnnotation(annotations, 'eip-allocations', 'write allocation ids such as eipalloc-0123456789abcdef0');
  }
  if (!privateAddresses.every(isIPv4)) {
    return refuseAnnotation(annotations, 'private-ipv4-addresses', 'write IPv4 addresses such as 10.0.0.10');
  }
  return { allocationIDs, privateAddresses };
}

function readLists(annotations: Annotations): Pick<NetworkSettings, 'subnets' | 'securityGroupIDs'> | Refusal {
  if (annotationValue(annotations, 'extra-security-groups') !== undefined) {
    const fix = 'a network load balancer has no extra groups: remove the annotation';
    return refuseAnnotation(annotations, 'extra-security-groups', fix);
  }
  const subnetText = annotationValue(annotations, 'subnets');
  const subnets = subnetText === undefined ? undefined : splitList(subnetText);
  if (subnets?.length === 0) return refuseAnnotation(annotations, 'subnets', 'name subnets or remove the annotation');
  const groups = splitList(annotationValue(annotations, 'security-groups') ?? '');
  if (!groups.every((id) => id.startsWith('sg-'))) {
    return refuseAnnotation(annotations, 'security-groups', 'write ids such as sg-0123456789abcdef0');
  }
  return { subnets, securityGroupIDs: groups.length === 0 ? undefined : [...new Set(groups)].sort() };
}

/** Tells settings from refusals; none of the settings has a field of that name. */
function isRefusal(value: object): value is Refusal {
  return 'kind' in value && value.kind === 'refusal';
}
