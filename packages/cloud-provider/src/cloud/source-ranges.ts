import type { Service } from '../api/service.ts';
import { sourceRangesAnnotation } from '../api/well-known.ts';
import type { Refusal } from './refusal.ts';

/**
 * For kinds of load balancers that let everybody in: the refusal of a Service that says who may connect, in its spec or by the
 * older annotation; undefined when it does not say so. Who is passed over in silence believes to be protected. Pure.
 * Source: kubernetes/kubernetes#123714.
 *
 * @param fix what to do instead, for example which kind of load balancer can
 */
export function refuseSourceRanges(service: Service, fix: string): Refusal | undefined {
  const { metadata, spec } = service;
  const reason = 'SourceRangesUnsupported';
  const ranges = spec.loadBalancerSourceRanges;
  if (ranges.length > 0) {
    return { kind: 'refusal', reason, field: 'spec.loadBalancerSourceRanges', value: ranges.join(), fix };
  }
  const annotation = (metadata.annotations[sourceRangesAnnotation] ?? '').trim();
  if (annotation === '') return undefined;
  return { kind: 'refusal', reason, field: sourceRangesAnnotation, value: annotation, fix };
}
