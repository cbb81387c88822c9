import type { FieldChange } from '@ccm-ts/cloud-provider';
import type { Attributes } from '../../client/elbv2-port.ts';

/** Those of `wanted` that are not so. */
export function difference(wanted: Attributes, present: Attributes): Attributes {
  return Object.fromEntries(Object.entries(wanted).filter(([key, value]) => present[key] !== value));
}

/** The same for people. */
export function attributeChanges(attributes: Attributes, present: Attributes): FieldChange[] {
  return Object.entries(attributes).map(([field, to]) => ({ field, from: present[field] ?? '', to }));
}

export function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item) => b.includes(item));
}

/** In pieces of at most `size`. */
export function* chunks<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
