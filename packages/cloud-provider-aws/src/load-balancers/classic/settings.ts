import { type Annotations, awsAnnotations } from '../../annotations/aws-annotations.ts';
import type { AttributeChange } from '../../client/classic-elb-port.ts';
import type { Scheme } from '../../client/elbv2-port.ts';

/** What the annotations say about one classic load balancer, apart from listeners and the health check. */
export interface ClassicSettings {
  readonly scheme: Scheme;
  /** Undefined where nothing is asked for, and AWS's value stays. */
  readonly attributes: AttributeChange;
  readonly proxyProtocol: 'on' | 'off';
  /** Instead of the group of our own; empty for none. */
  readonly securityGroupIDs: readonly string[];
  readonly extraSecurityGroupIDs: readonly string[];
  /** Ids or names; undefined when the subnets are to be found. */
  readonly subnets: readonly string[] | undefined;
  /** The predefined TLS policy; empty for AWS's choice. */
  readonly tlsPolicy: string;
}

/** AWS's own time for draining, once that is switched on (API reference 2012-06-01). */
const defaultDrainingSeconds = 300;
const defaultIdleSeconds = 60;

/** Reads annotations that fit, as the Go manager (v1.36) does. */
export function readClassicSettings(annotations: Annotations): ClassicSettings {
  return {
    scheme: awsAnnotations.read(annotations, 'internal') === true ? 'internal' : 'internet-facing',
    attributes: readAttributes(annotations),
    proxyProtocol: awsAnnotations.read(annotations, 'proxy-protocol') === '*' ? 'on' : 'off',
    securityGroupIDs: awsAnnotations.read(annotations, 'security-groups') ?? [],
    extraSecurityGroupIDs: awsAnnotations.read(annotations, 'extra-security-groups') ?? [],
    subnets: awsAnnotations.read(annotations, 'subnets'),
    tlsPolicy: awsAnnotations.read(annotations, 'ssl-negotiation-policy') ?? '',
  };
}

function readAttributes(annotations: Annotations): AttributeChange {
  const isDraining = awsAnnotations.read(annotations, 'connection-draining-enabled') === true;
  return {
    crossZone: awsAnnotations.read(annotations, 'cross-zone-load-balancing-enabled') === true,
    accessLog: {
      enabled: awsAnnotations.read(annotations, 'access-log-enabled') === true,
      emitIntervalMinutes: awsAnnotations.read(annotations, 'access-log-emit-interval'),
      bucket: awsAnnotations.read(annotations, 'access-log-s3-bucket-name') || undefined,
      prefix: awsAnnotations.read(annotations, 'access-log-s3-bucket-prefix') || undefined,
    },
    draining: {
      enabled: isDraining,
      timeoutSeconds:
        awsAnnotations.read(annotations, 'connection-draining-timeout') ??
        (isDraining ? defaultDrainingSeconds : undefined),
    },
    idleTimeoutSeconds: awsAnnotations.read(annotations, 'connection-idle-timeout') ?? defaultIdleSeconds,
  };
}
