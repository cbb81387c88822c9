import { Duration } from '../../base/duration.ts';
import { isSecretName, redacted } from '../../telemetry/redact.ts';

/** A value for people and for `jq`: maps as objects, sets as lists, times as text. Secrets are left out. Has no way back. */
export function plainValue(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return isSecretName(name) && value !== '' ? redacted : value;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? undefined : value;
  if (value instanceof Duration) return value.toString();
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Error) return value.message;
  if (Array.isArray(value) || value instanceof Set)
    return [...(value as Iterable<unknown>)].map((each) => plainValue(each));
  const entries = value instanceof Map ? [...(value as Map<unknown, unknown>)] : Object.entries(value);
  return Object.fromEntries(
    entries
      .map(([key, each]) => [String(key), plainValue(each, String(key))] as const)
      .filter(([, each]) => each !== undefined),
  );
}
