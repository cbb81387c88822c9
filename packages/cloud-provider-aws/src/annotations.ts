import type { Refusal } from '@ccm-ts/cloud-provider';

export type Annotations = Readonly<Record<string, string>>;

/** The prefix of all annotations of AWS load balancers but that of the source ranges. */
export const annotationPrefix = 'service.beta.kubernetes.io/aws-load-balancer-';

export const typeAnnotation = `${annotationPrefix}type`;
export const internalAnnotation = `${annotationPrefix}internal`;

/** Which load balancer a Service asks for. */
export type LoadBalancerType = 'classic' | 'network' | 'other-controller';

/** Anything but the known words means a classic load balancer, as in the Go manager. */
export function loadBalancerType(annotations: Annotations): LoadBalancerType {
  switch (annotations[typeAnnotation] ?? '') {
    case 'nlb':
      return 'network';
    case 'external':
    case 'nlb-ip':
      return 'other-controller';
    default:
      return 'classic';
  }
}

/** Any value but none and `false` means internal, as in the Go manager. */
export function isInternal(annotations: Annotations): boolean {
  const value = annotations[internalAnnotation] ?? '';
  return value !== '' && value !== 'false';
}

/** What an annotation that is not implemented does to a Service with a network load balancer. */
interface UnsupportedAnnotation {
  readonly suffix: string;
  /** Values that ask for what happens anyway. @default none */
  readonly harmless?: readonly string[];
  /** @default that it is not supported yet */
  readonly fix?: string;
}

const falseWords = ['false', 'False', 'FALSE', 'f', 'F', '0'];

/**
 * The annotations that change a network load balancer of the Go manager v1.36 and that this release does not implement.
 * Ignoring them would give a load balancer that is not what was asked for, so the Service is refused instead. Annotations
 * that concern classic load balancers alone are not listed: they have no effect on a network load balancer in either manager.
 */
const unsupported: readonly UnsupportedAnnotation[] = [
  { suffix: 'access-log-enabled', harmless: falseWords },
  { suffix: 'cross-zone-load-balancing-enabled', harmless: falseWords },
  { suffix: 'security-groups' },
  { suffix: 'extra-security-groups', fix: 'a network load balancer has none: remove the annotation' },
  { suffix: 'ssl-cert' },
  { suffix: 'backend-protocol', harmless: ['tcp'] },
  { suffix: 'additional-resource-tags', harmless: [''] },
  { suffix: 'healthcheck-protocol' },
  { suffix: 'healthcheck-port' },
  { suffix: 'healthcheck-path' },
  { suffix: 'healthcheck-healthy-threshold' },
  { suffix: 'healthcheck-unhealthy-threshold' },
  { suffix: 'healthcheck-interval' },
  { suffix: 'healthcheck-timeout' },
  { suffix: 'target-group-attributes' },
  { suffix: 'eip-allocations' },
  { suffix: 'private-ipv4-addresses' },
  { suffix: 'subnets' },
  { suffix: 'target-node-labels', harmless: [''] },
];

/** The first annotation that can't be honoured, as a refusal. */
export function refuseUnsupportedAnnotations(annotations: Annotations): Refusal | undefined {
  for (const { suffix, harmless, fix } of unsupported) {
    const value = annotations[annotationPrefix + suffix];
    if (value === undefined || harmless?.includes(value) === true) continue;
    return {
      kind: 'refusal',
      reason: 'UnsupportedAnnotation',
      field: annotationPrefix + suffix,
      value: value.slice(0, 100),
      fix: fix ?? 'it is not supported yet for network load balancers: remove the annotation',
    };
  }
  return undefined;
}
