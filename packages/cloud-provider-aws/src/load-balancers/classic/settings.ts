import type { Refusal } from '@ccm-ts/cloud-provider';
import { type Annotations, annotationValue, parseGoBool, refuseAnnotation, splitList } from '../../annotations.ts';
import type { AttributeChange } from '../../client/classic-elb-port.ts';

/** What the annotations say about one classic load balancer, apart from listeners and the health check. */
export interface ClassicSettings {
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

/** Reads the annotations as the Go manager (v1.36) does, and refuses what AWS would refuse later. */
export function readClassicSettings(
  annotations: Annotations,
): { readonly kind: 'settings'; readonly settings: ClassicSettings } | Refusal {
  const attributes = readAttributes(annotations);
  if (attributes.kind === 'refusal') return attributes;
  const proxy = annotationValue(annotations, 'proxy-protocol') ?? '';
  if (proxy !== '' && proxy !== '*') {
    return refuseAnnotation(annotations, 'proxy-protocol', 'write * for all ports, or remove the annotation');
  }
  const subnetText = annotationValue(annotations, 'subnets');
  const subnets = subnetText === undefined ? undefined : splitList(subnetText);
  if (subnets?.length === 0) return refuseAnnotation(annotations, 'subnets', 'name subnets or remove the annotation');
  if (annotationValue(annotations, 'target-group-attributes') !== undefined) {
    const fix = 'only network load balancers have target groups: remove the annotation';
    return refuseAnnotation(annotations, 'target-group-attributes', fix);
  }
  for (const suffix of ['security-groups', 'extra-security-groups']) {
    if (!splitList(annotationValue(annotations, suffix) ?? '').every((id) => id.startsWith('sg-'))) {
      return refuseAnnotation(annotations, suffix, 'write ids such as sg-0123456789abcdef0');
    }
  }
  return {
    kind: 'settings',
    settings: {
      attributes: attributes.attributes,
      proxyProtocol: proxy === '*' ? 'on' : 'off',
      securityGroupIDs: splitList(annotationValue(annotations, 'security-groups') ?? ''),
      extraSecurityGroupIDs: splitList(annotationValue(annotations, 'extra-security-groups') ?? ''),
      subnets,
      tlsPolicy: (annotationValue(annotations, 'ssl-negotiation-policy') ?? '').trim(),
    },
  };
}

function readAttributes(
  annotations: Annotations,
): { readonly kind: 'attributes'; readonly attributes: AttributeChange } | Refusal {
  const switches = new Map<string, boolean>();
  for (const suffix of ['access-log-enabled', 'connection-draining-enabled', 'cross-zone-load-balancing-enabled']) {
    const value = parseGoBool(annotationValue(annotations, suffix) || 'false');
    if (value === undefined) return refuseAnnotation(annotations, suffix, 'write true or false');
    switches.set(suffix, value);
  }
  const numbers = new Map<string, number>();
  const limits = [
    ['access-log-emit-interval', 5, 60],
    ['connection-draining-timeout', 1, 3600],
    ['connection-idle-timeout', 1, 4000],
  ] as const;
  for (const [suffix, min, max] of limits) {
    const text = (annotationValue(annotations, suffix) ?? '').trim();
    if (text === '') continue;
    const value = /^\+?\d{1,6}$/.test(text) ? Number(text) : 0;
    const isFit = suffix === 'access-log-emit-interval' ? value === min || value === max : value >= min && value <= max;
    if (!isFit) {
      const between = suffix === 'access-log-emit-interval' ? `${min} or ${max} minutes` : `${min} to ${max} seconds`;
      return refuseAnnotation(annotations, suffix, `write ${between}`);
    }
    numbers.set(suffix, value);
  }
  const logs = switches.get('access-log-enabled') === true;
  const bucket = annotationValue(annotations, 'access-log-s3-bucket-name');
  if (logs && (bucket ?? '') === '') {
    return refuseAnnotation(annotations, 'access-log-s3-bucket-name', 'name the bucket that the logs go to');
  }
  const isDraining = switches.get('connection-draining-enabled') === true;
  return {
    kind: 'attributes',
    attributes: {
      crossZone: switches.get('cross-zone-load-balancing-enabled') === true,
      accessLog: {
        enabled: logs,
        emitIntervalMinutes: numbers.get('access-log-emit-interval'),
        bucket: bucket === '' ? undefined : bucket,
        prefix: annotationValue(annotations, 'access-log-s3-bucket-prefix') || undefined,
      },
      draining: {
        enabled: isDraining,
        timeoutSeconds: numbers.get('connection-draining-timeout') ?? (isDraining ? defaultDrainingSeconds : undefined),
      },
      idleTimeoutSeconds: numbers.get('connection-idle-timeout') ?? defaultIdleSeconds,
    },
  };
}
