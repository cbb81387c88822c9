import { createHash } from 'node:crypto';

/**
 * A short text that is equal for equal data, whatever the order of its keys. For plain data, maps and sets; fields that are
 * undefined count as absent.
 */
export function fingerprint(value: unknown): string {
  return createHash('sha1').update(canonical(value)).digest('base64');
}

function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'undefined';
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value instanceof Map) return `Map[${[...value].map(canonical).sort().join(',')}]`;
  if (value instanceof Set) return `Set[${[...value].map(canonical).sort().join(',')}]`;
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(',')}}`;
}
