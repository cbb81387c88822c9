import { Duration } from '../../base/duration.ts';
import { CloudError, type CloudErrorCode } from '../../cloud/cloud-error.ts';
import { isSecretName, redacted } from '../../telemetry/redact.ts';
import { redactTold } from '../output/redact-told.ts';

/** The mark of what JSON has no form for. */
const mark = '$ccm';

/**
 * A value as plain JSON from which {@link decodeValue} makes the same again: maps, sets, dates, durations, byte strings, big
 * numbers, errors of clouds and absent values keep their kind. Values of fields whose name speaks of a secret are left out.
 * Functions are; objects of other classes become plain ones.
 */
export function encodeValue(value: unknown): unknown {
  return encode(value, '', new Set());
}

function encode(value: unknown, name: string, above: ReadonlySet<unknown>): unknown {
  if (typeof value === 'string') return isSecretName(name) && value !== '' ? redacted : redactTold(value);
  if (value === undefined || typeof value === 'function') return { [mark]: 'undefined' };
  if (typeof value === 'bigint') return { [mark]: 'bigint', value: value.toString() };
  if (typeof value === 'number' && !Number.isFinite(value)) return { [mark]: 'number', value: String(value) };
  if (typeof value !== 'object' || value === null) return value;
  // A thing that holds itself has no end.
  if (above.has(value)) return { [mark]: 'undefined' };
  const within = new Set([...above, value]);
  const inner = (each: unknown, key = ''): unknown => encode(each, key, within);
  if (Array.isArray(value)) return value.map((each) => inner(each));
  if (value instanceof Map) {
    const entries = [...(value as Map<unknown, unknown>)];
    return { [mark]: 'map', entries: entries.map(([key, each]) => [inner(key), inner(each, String(key))]) };
  }
  if (value instanceof Set) return { [mark]: 'set', items: [...(value as Set<unknown>)].map((each) => inner(each)) };
  if (value instanceof Date) return { [mark]: 'date', value: value.toISOString() };
  if (value instanceof Duration) return { [mark]: 'duration', milliseconds: value.milliseconds };
  if (value instanceof Uint8Array) return { [mark]: 'bytes', base64: Buffer.from(value).toString('base64') };
  if (value instanceof CloudError) {
    const details = Object.fromEntries(Object.entries(value.details).filter(([key]) => key !== 'cause'));
    return { [mark]: 'cloudError', code: value.code, message: redactTold(value.message), details: inner(details) };
  }
  const fields = Object.entries(value).filter(([, each]) => each !== undefined && typeof each !== 'function');
  return Object.fromEntries(fields.map(([key, each]) => [key, inner(each, key)]));
}

/** The value that was encoded. What is not understood stays as it is. */
export function decodeValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decodeValue);
  if (typeof value !== 'object' || value === null) return value;
  const fields = value as Readonly<Record<string, unknown>>;
  switch (fields[mark]) {
    case undefined:
      return Object.fromEntries(Object.entries(fields).map(([key, each]) => [key, decodeValue(each)]));
    case 'undefined':
      return undefined;
    case 'bigint':
      return BigInt(textOf(fields['value']));
    case 'number':
      return Number(textOf(fields['value']));
    case 'map':
      return new Map(listOf(fields['entries']).map((entry) => pairOf(decodeValue(entry))));
    case 'set':
      return new Set(listOf(fields['items']).map(decodeValue));
    case 'date':
      return new Date(textOf(fields['value']));
    case 'duration':
      return Duration.milliseconds(Number(fields['milliseconds']));
    case 'bytes':
      return new Uint8Array(Buffer.from(textOf(fields['base64']), 'base64'));
    case 'cloudError':
      return new CloudError(
        codeOf(fields['code']),
        textOf(fields['message']),
        decodeValue(fields['details']) as object,
      );
    default:
      return fields;
  }
}

const codes: readonly CloudErrorCode[] = [
  'NotFound',
  'Throttled',
  'Conflict',
  'Denied',
  'Quota',
  'Invalid',
  'Unavailable',
  'Unknown',
];

function codeOf(value: unknown): CloudErrorCode {
  return codes.find((code) => code === value) ?? 'Unknown';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function pairOf(value: unknown): [unknown, unknown] {
  return Array.isArray(value) ? [value[0], value[1]] : [undefined, undefined];
}
