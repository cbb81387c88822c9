import type { LogRecord } from './logger.ts';

/** klog's verbosity of what only those who look for it want to read. */
const debugVerbosity = 4;
/** Names that are the line's own; a field of such a name is set apart. */
const reserved: ReadonlySet<string> = new Set(['ts', 'level', 'msg', 'v', 'logger']);

/**
 * One line of Kubernetes' JSON logging: `ts` in milliseconds since 1970, `msg`, `v` for all but errors, then the fields.
 * `level` is an addition, for people who filter. Source: k8s.io/component-base logs/json.
 */
export function jsonLine(record: LogRecord): string {
  const line: Record<string, unknown> = { ts: record.time.getTime(), level: record.level, msg: record.message };
  if (record.level !== 'error') line['v'] = record.level === 'debug' ? debugVerbosity : 0;
  for (const [name, value] of record.fields) line[reserved.has(name) ? `field.${name}` : name] = value;
  return `${escapeSeparators(JSON.stringify(line))}\n`;
}

/** JSON leaves C1 controls and the line separators of Unicode as they are; terminals and log shippers don't. */
export function escapeSeparators(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
