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

/** The value of one of the annotations with the prefix; undefined when it is not there. */
export function annotationValue(annotations: Annotations, suffix: string): string | undefined {
  return annotations[annotationPrefix + suffix];
}

/** Refuses one of the annotations with the prefix, as it is written. */
export function refuseAnnotation(annotations: Annotations, suffix: string, fix: string): Refusal {
  const value = (annotationValue(annotations, suffix) ?? '').slice(0, 100);
  return { kind: 'refusal', reason: 'InvalidAnnotation', field: annotationPrefix + suffix, value, fix };
}

/** The items between commas, without blanks around them and without empty ones. */
export function splitList(value: string): string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/**
 * `key=value,key=,key`: the blanks around keys and values do not count, a key without a value has an empty one, and items without a
 * key are left out. Of further `=` the first decides; the Go manager loses what follows the second.
 */
export function splitPairs(value: string): Readonly<Record<string, string>> {
  const pairs = splitList(value).map((item): readonly [string, string] => {
    const at = item.indexOf('=');
    return at < 0 ? [item, ''] : [item.slice(0, at).trim(), item.slice(at + 1).trim()];
  });
  return Object.fromEntries(pairs.filter(([key]) => key !== ''));
}

/**
 * The tags of `additional-resource-tags`. Blanks around `=` belong to keys and values, as in the Go manager: trimmed, they would
 * be other tags than those that it made.
 */
export function splitTags(value: string): Readonly<Record<string, string>> {
  const pairs = splitList(value).map((item): readonly [string, string] => {
    const at = item.indexOf('=');
    return at < 0 ? [item, ''] : [item.slice(0, at), item.slice(at + 1)];
  });
  return Object.fromEntries(pairs.filter(([key]) => key !== ''));
}

/** A boolean as Go's strconv.ParseBool reads it; undefined when it is none. */
export function parseGoBool(value: string): boolean | undefined {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(value)) return true;
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(value)) return false;
  return undefined;
}
