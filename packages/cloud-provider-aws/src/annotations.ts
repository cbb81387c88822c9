import { type Annotations, type Refusal, splitItems } from '@ccm-ts/cloud-provider';

/** The prefix of all annotations of AWS load balancers but that of the source ranges. */
export const annotationPrefix = 'service.beta.kubernetes.io/aws-load-balancer-';

export const typeAnnotation = `${annotationPrefix}type`;
export const internalAnnotation = `${annotationPrefix}internal`;

/** Refuses one of the annotations with the prefix, as it is written. */
export function refuseAnnotation(annotations: Annotations, suffix: string, fix: string): Refusal {
  const value = (annotations[annotationPrefix + suffix] ?? '').slice(0, 100);
  return { kind: 'refusal', reason: 'InvalidAnnotation', field: annotationPrefix + suffix, value, fix };
}

/**
 * The tags of `additional-resource-tags`. Blanks around `=` belong to keys and values, as in the Go manager: trimmed, they would
 * be other tags than those that it made.
 */
export function splitTags(value: string): Readonly<Record<string, string>> {
  const pairs = splitItems(value).map((item): readonly [string, string] => {
    const at = item.indexOf('=');
    return at < 0 ? [item, ''] : [item.slice(0, at), item.slice(at + 1)];
  });
  return Object.fromEntries(pairs.filter(([key]) => key !== ''));
}
