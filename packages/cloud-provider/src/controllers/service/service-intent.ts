import type { Service } from '../../api/service.ts';
import { fingerprint } from '../../reconcile/fingerprint.ts';

/**
 * What is to become of a Service's load balancer.
 *
 * - `wanted`: it is to be there and right.
 * - `gone`: whatever was made for the Service is to be removed.
 * - `ignored`: it never was ours and is not now.
 */
export type ServiceIntent = 'wanted' | 'gone' | 'ignored';

export interface IntentContext {
  /** The finalizers that mark Services as ours. */
  readonly finalizers: ReadonlySet<string>;
  /** Whether this process has already done something for the Service. */
  readonly memory: 'known' | 'unknown';
}

/** Pure. Source of the conditions: k8s.io/cloud-provider controllers/service, wantsLoadBalancer and needsCleanup. */
export function decideIntent(service: Service, context: IntentContext): ServiceIntent {
  const { metadata, spec } = service;
  const isLoadBalancer = spec.type === 'LoadBalancer';
  // A class names another implementation, which may use the same finalizer: hands off, unless we know that it was ours before.
  if (isLoadBalancer && spec.loadBalancerClass !== undefined) return context.memory === 'known' ? 'gone' : 'ignored';
  if (isLoadBalancer && metadata.deletionTimestamp === '') return 'wanted';
  const hasFinalizer = metadata.finalizers.some((finalizer) => context.finalizers.has(finalizer));
  return hasFinalizer || context.memory === 'known' ? 'gone' : 'ignored';
}

/** Written by kubectl with each apply; it repeats what the other fields say. */
const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * Equal for two versions of a Service exactly when no load balancer can tell them apart: labels, selector, cluster IPs,
 * status and finalizers don't count.
 *
 * @param ownAnnotations annotations that we wrote ourselves; with these values they don't count either
 */
export function inputsFingerprint(service: Service, ownAnnotations: Readonly<Record<string, string>>): string {
  const { metadata, spec } = service;
  const annotations = Object.entries(metadata.annotations).filter(
    ([key, value]) => key !== lastAppliedAnnotation && ownAnnotations[key] !== value,
  );
  return fingerprint([
    metadata.uid,
    Object.fromEntries(annotations),
    spec.type,
    spec.ports,
    spec.externalIPs,
    spec.sessionAffinity,
    spec.sessionAffinityTimeout,
    spec.loadBalancerIP,
    spec.loadBalancerSourceRanges,
    spec.externalTrafficPolicy,
    spec.healthCheckNodePort,
    spec.ipFamilies,
    spec.loadBalancerClass,
  ]);
}
