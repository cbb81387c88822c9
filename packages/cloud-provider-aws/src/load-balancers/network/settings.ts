import { type Annotations, awsAnnotations } from '../../annotations/aws-annotations.ts';
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
 * Reads annotations that fit. Those of classic load balancers alone have no effect on a network load balancer, as in the Go
 * manager (v1.36).
 */
export function readNetworkSettings(annotations: Annotations): NetworkSettings {
  const groups = awsAnnotations.read(annotations, 'security-groups') ?? [];
  return {
    scheme: awsAnnotations.read(annotations, 'internal') === true ? 'internal' : 'internet-facing',
    tls: readTls(annotations),
    attributes: readAttributes(annotations),
    targetGroupAttributes: awsAnnotations.read(annotations, 'target-group-attributes') ?? {},
    allocationIDs: awsAnnotations.read(annotations, 'eip-allocations') ?? [],
    privateAddresses: awsAnnotations.read(annotations, 'private-ipv4-addresses') ?? [],
    subnets: awsAnnotations.read(annotations, 'subnets'),
    securityGroupIDs: groups.length === 0 ? undefined : [...new Set(groups)].sort(),
    targetNodeLabels: awsAnnotations.read(annotations, 'target-node-labels') ?? {},
    additionalTags: awsAnnotations.read(annotations, 'additional-resource-tags') ?? {},
  };
}

function readTls(annotations: Annotations): TlsSettings | undefined {
  const certificateArn = awsAnnotations.read(annotations, 'ssl-cert') ?? '';
  if (certificateArn === '') return undefined;
  const ports = (awsAnnotations.read(annotations, 'ssl-ports') ?? []).map((port) => port.toLowerCase());
  return {
    certificateArn,
    ports: ports.length === 0 || ports.includes('*') ? undefined : ports,
    policy: awsAnnotations.read(annotations, 'ssl-negotiation-policy') ?? '',
    backend: awsAnnotations.read(annotations, 'backend-protocol') === 'ssl' ? 'TLS' : 'TCP',
  };
}

function readAttributes(annotations: Annotations): Readonly<Record<string, string>> {
  const logs = awsAnnotations.read(annotations, 'access-log-enabled') ?? false;
  return {
    'load_balancing.cross_zone.enabled': String(
      awsAnnotations.read(annotations, 'cross-zone-load-balancing-enabled') ?? false,
    ),
    'access_logs.s3.enabled': String(logs),
    ...(logs
      ? {
          'access_logs.s3.bucket': awsAnnotations.read(annotations, 'access-log-s3-bucket-name') ?? '',
          'access_logs.s3.prefix': awsAnnotations.read(annotations, 'access-log-s3-bucket-prefix') ?? '',
        }
      : {}),
  };
}
