import { isSecretName, redacted, redactText } from './redact.ts';

const longestText = 8192;
const longestList = 100;
const deepestNesting = 4;
const longestCauseChain = 5;

/** Turns the fields of a log call into plain JSON values without secrets. Never throws: what cannot be read says so. */
export function loggable(fields: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, isSecretName(name) ? redacted : safely(value)] as const);
}

function safely(value: unknown): unknown {
  try {
    return plain(value, 0);
  } catch (error) {
    return `[unreadable: ${String(error)}]`;
  }
}

function plain(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return shorten(redactText(value));
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
      return value;
    case 'bigint':
    case 'symbol':
      return String(value);
    case 'undefined':
      return undefined;
    case 'function':
      return `[function ${value.name}]`;
    case 'object':
      return value === null ? null : plainObject(value, depth);
  }
}

function plainObject(value: object, depth: number): unknown {
  if (isError(value)) return shorten(redactText(describeError(value)));
  if (depth >= deepestNesting) return '[deeper]';
  if (hasJsonForm(value)) return plain(value.toJSON(), depth + 1);
  if (Array.isArray(value) || value instanceof Set) return plainList([...(value as Iterable<unknown>)], depth);
  const entries: Iterable<readonly [unknown, unknown]> = value instanceof Map ? value : Object.entries(value);
  const object: Record<string, unknown> = {};
  let count = 0;
  for (const [key, member] of entries) {
    if (count++ >= longestList) break;
    const name = String(key);
    object[name] = isSecretName(name) ? redacted : plain(member, depth + 1);
  }
  return object;
}

function plainList(list: readonly unknown[], depth: number): readonly unknown[] {
  const shown = list.slice(0, longestList).map((member) => plain(member, depth + 1));
  return list.length > longestList ? [...shown, `[${list.length - longestList} more]`] : shown;
}

function hasJsonForm(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

/** Not `instanceof`: errors of other realms are errors too. */
function isError(value: object): value is Error {
  return 'message' in value && 'name' in value && typeof value.message === 'string' && 'stack' in value;
}

/** `message: cause: cause`, as wrapped errors of Go read. A code that is not in the message follows it. */
function describeError(error: Error): string {
  const parts: string[] = [];
  let current: unknown = error;
  while (typeof current === 'object' && current !== null && isError(current) && parts.length < longestCauseChain) {
    const code = 'code' in current && typeof current.code === 'string' ? current.code : '';
    parts.push(code === '' || current.message.includes(code) ? current.message : `${current.message} (${code})`);
    if (current instanceof AggregateError) parts.push(current.errors.map(String).join('; '));
    current = current.cause;
  }
  return parts.filter((part, index) => part !== parts[index - 1]).join(': ');
}

function shorten(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}… [${text.length - longestText} more]` : text;
}
