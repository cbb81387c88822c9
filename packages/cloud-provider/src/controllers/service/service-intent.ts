import type { Service } from '../../api/service.ts';
import { isIntentAnnotation } from '../../cloud/create-intent.ts';
import { fingerprint } from '../../reconcile/fingerprint.ts';
import { groupAnnotation } from './group-record.ts';

/**
 * What is to become of a Service's load balancer.
 *
 * - `wanted`: it is to be there and right.
 * - `gone`: whatever was made for the Service is to be removed.
 * - `ignored`: it never was ours and is not now.
 */
export type ServiceIntent = 'wanted' | 'gone' | 'ignored';

/** Which classes of load balancers are ours. */
export interface LoadBalancerClasses {
  /** `--load-balancer-class`. */
  readonly names: readonly string[];
  /** Whether Services that name no class are ours too: `--default-load-balancer-class`. */
  readonly unnamed: 'ours' | 'others';
}

/** As the Go managers, which serve Services without a class and no others. */
export const unnamedClass: LoadBalancerClasses = { names: [], unnamed: 'ours' };

export interface IntentContext {
  readonly classes: LoadBalancerClasses;
  /** The finalizers that mark Services as ours. */
  readonly finalizers: ReadonlySet<string>;
  /** Whether this process has already done something for the Service. */
  readonly memory: 'known' | 'unknown';
}

/** Pure. Source of the conditions: k8s.io/cloud-provider controllers/service, wantsLoadBalancer and needsCleanup. */
export function decideIntent(service: Service, context: IntentContext): ServiceIntent {
  const { metadata, spec } = service;
  const hasFinalizer = metadata.finalizers.some((finalizer) => context.finalizers.has(finalizer));
  const isKnown = context.memory === 'known';
  if (spec.type !== 'LoadBalancer') return hasFinalizer || isKnown ? 'gone' : 'ignored';
  // The finalizer is everybody's, and what bears the Service's UID may be the work of a sibling that serves the class: only
  // what this process itself was at work on before the change is surely to go.
  if (!isOurClass(spec.loadBalancerClass, context.classes)) return isKnown ? 'gone' : 'ignored';
  if (metadata.deletionTimestamp === '') return 'wanted';
  return hasFinalizer || isKnown ? 'gone' : 'ignored';
}

function isOurClass(name: string | undefined, classes: LoadBalancerClasses): boolean {
  return name === undefined ? classes.unnamed === 'ours' : classes.names.includes(name);
}

/**
 * Equal for two versions of a Service exactly when no load balancer can tell them apart: labels, selector, cluster IPs,
 * status and finalizers don't count. Every annotation does, so that touching one has the load balancer looked at, as it does
 * with the Go managers. Source: k8s.io/cloud-provider controllers/service, needsUpdate.
 *
 * @param ownAnnotations annotations that we wrote ourselves; with these values they don't count either
 */
export function inputsFingerprint(service: Service, ownAnnotations: Readonly<Record<string, string>>): string {
  const { metadata, spec } = service;
  const annotations = Object.entries(metadata.annotations).filter(
    ([key, value]) => key !== groupAnnotation && !isIntentAnnotation(key) && ownAnnotations[key] !== value,
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
