import { equalJson, isJsonList, isJsonObject } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import type { Field, FieldType, ScalarKind, StructType } from './schema.ts';

/** The value does not fit the declared type. The message is worded like the real server's. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  readonly code = 'DECODE';
}

export interface DecodeOptions {
  /**
   * The value that this one replaces. Equal parts of it are reused by reference: versions of one object share memory, and
   * a write that changes nothing returns the very same object.
   */
  readonly previous?: Json | undefined;
}

export interface Decoded {
  readonly value: JsonObject;
  /** Paths of the fields that the type does not have; they were dropped. */
  readonly unknownFields: readonly string[];
}

/**
 * Reads JSON as a declared type, as a Go API server does: unknown fields fall away, zero values of optional fields are not
 * kept, fields come in the declared order and maps sorted by key.
 *
 * @throws DecodeError when a value has the wrong type.
 */
export function decode(type: StructType, input: JsonObject, options: DecodeOptions = {}): Decoded {
  const unknownFields: string[] = [];
  const reader: Reader = { root: type.name, unknownFields };
  const value = readStruct(type, input, { reader, path: '', previous: options.previous });
  return { value, unknownFields };
}

interface Reader {
  readonly root: string;
  readonly unknownFields: string[];
}

interface Place {
  readonly reader: Reader;
  readonly path: string;
  readonly previous: Json | undefined;
}

const rootOnlyKeys = new Set(['kind', 'apiVersion']);

function readStruct(type: StructType, input: JsonObject, place: Place): JsonObject {
  const { reader, path } = place;
  const previous = isJsonObject(place.previous) ? place.previous : undefined;
  const value: Record<string, Json> = {};
  let same = previous !== undefined;
  let count = 0;
  for (const name in type.fields) {
    const declared = type.fields[name];
    if (!declared) continue;
    const before = previous?.[name];
    const given = input[name];
    const read =
      given === undefined || given === null
        ? undefined
        : readValue(declared.type, given, { reader, path: child(path, name), previous: before });
    const kept = keep(declared, read, { reader, path: child(path, name), previous: before });
    if (kept === undefined) {
      if (before !== undefined) same = false;
      continue;
    }
    value[name] = kept;
    count += 1;
    if (kept !== before) same = false;
  }
  noteUnknown(type, input, place);
  return same && previous !== undefined && Object.keys(previous).length === count ? previous : value;
}

function noteUnknown(type: StructType, input: JsonObject, place: Place): void {
  for (const name of Object.keys(input)) {
    if (Object.hasOwn(type.fields, name)) continue;
    if (place.path === '' && rootOnlyKeys.has(name)) continue;
    place.reader.unknownFields.push(child(place.path, name));
  }
}

/** Decides what of a field is written: Go's `omitempty`. */
function keep(declared: Field, read: Json | undefined, place: Place): Json | undefined {
  const { required, pointer } = declared.rules;
  if (read === undefined) return required === true ? zeroOf(declared.type, place) : undefined;
  if (required === true || pointer === true) return read;
  return isEmpty(declared.type, read) ? undefined : read;
}

function isEmpty(type: FieldType, value: Json): boolean {
  switch (type.kind) {
    case 'list':
      return isJsonList(value) && value.length === 0;
    case 'map':
      return isJsonObject(value) && Object.keys(value).length === 0;
    case 'struct':
    case 'open':
      return false;
    case 'string':
    case 'bytes':
    case 'quantity':
    case 'time':
    case 'microTime':
    case 'int':
    case 'intOrString':
    case 'bool':
      return value === '' || value === 0 || value === false;
  }
}

function zeroOf(type: FieldType, place: Place): Json {
  switch (type.kind) {
    case 'string':
    case 'bytes':
      return '';
    case 'int':
    case 'intOrString':
      return 0;
    case 'bool':
      return false;
    case 'quantity':
      return '0';
    case 'time':
    case 'microTime':
    case 'list':
    case 'map':
      return null;
    case 'open':
      return isJsonObject(place.previous) && Object.keys(place.previous).length === 0 ? place.previous : {};
    case 'struct':
      return readStruct(type, {}, place);
  }
}

function readValue(type: FieldType, input: Json, place: Place): Json {
  // What was read before and not touched since needs no second look: a patch of one field costs one field.
  if (input === place.previous) return input;
  switch (type.kind) {
    case 'struct':
      if (!isJsonObject(input)) throw wrongType(input, type.name, place);
      return readStruct(type, input, place);
    case 'list':
      if (!isJsonList(input)) throw wrongType(input, 'list', place);
      return readList(type.element, input, place);
    case 'map':
      if (!isJsonObject(input)) throw wrongType(input, 'map', place);
      return readMap(type.value, input, place);
    case 'string':
    case 'bytes':
    case 'quantity':
    case 'time':
    case 'microTime':
    case 'int':
    case 'intOrString':
    case 'bool':
    case 'open':
      return readScalar(type.kind, input, place);
  }
}

function readList(element: FieldType, input: readonly Json[], place: Place): Json {
  const previous = isJsonList(place.previous) ? place.previous : undefined;
  const value = input.map((item, index) => {
    const inner = { reader: place.reader, path: `${place.path}[${index}]`, previous: previous?.[index] };
    return item === null ? zeroOf(element, inner) : readValue(element, item, inner);
  });
  const same = previous?.length === value.length && value.every((item, index) => item === previous[index]);
  return same ? previous : value;
}

function readMap(type: FieldType, input: JsonObject, place: Place): Json {
  const previous = isJsonObject(place.previous) ? place.previous : undefined;
  const value: Record<string, Json> = {};
  const keys = Object.keys(input).sort();
  let same = previous !== undefined && Object.keys(previous).length === keys.length;
  for (const key of keys) {
    const item = input[key];
    const inner = { reader: place.reader, path: child(place.path, key), previous: previous?.[key] };
    const read = item === undefined || item === null ? zeroOf(type, inner) : readValue(type, item, inner);
    value[key] = read;
    if (read !== inner.previous) same = false;
  }
  return same && previous !== undefined ? previous : value;
}

function readScalar(kind: ScalarKind, input: Json, place: Place): Json {
  switch (kind) {
    case 'string':
    case 'bytes':
      if (typeof input !== 'string') throw wrongType(input, 'string', place);
      return input;
    case 'int':
      if (typeof input !== 'number' || !Number.isInteger(input)) throw wrongType(input, 'int32', place);
      return input;
    case 'bool':
      if (typeof input !== 'boolean') throw wrongType(input, 'bool', place);
      return input;
    case 'quantity':
      if (typeof input === 'number') return String(input);
      if (typeof input !== 'string') throw wrongType(input, 'Quantity', place);
      return input;
    case 'intOrString':
      if (typeof input !== 'string' && typeof input !== 'number') throw wrongType(input, 'IntOrString', place);
      return input;
    case 'time':
    case 'microTime':
      if (typeof input !== 'string') throw wrongType(input, 'Time', place);
      return readTime(kind, input);
    case 'open':
      return equalJson(input, place.previous) && place.previous !== undefined ? place.previous : input;
  }
}

const wholeSeconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const microseconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const anyRfc3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/;

function readTime(kind: 'time' | 'microTime', input: string): string {
  if ((kind === 'time' ? wholeSeconds : microseconds).test(input)) return input;
  const parts = anyRfc3339.exec(input);
  const instant = parts ? Date.parse(`${parts[1]}${parts[3]}`) : Number.NaN;
  if (Number.isNaN(instant)) {
    throw new DecodeError(
      `parsing time ${JSON.stringify(JSON.stringify(input))} as "2006-01-02T15:04:05Z07:00": cannot parse`,
    );
  }
  const seconds = new Date(instant).toISOString().slice(0, 19);
  if (kind === 'time') return `${seconds}Z`;
  return `${seconds}.${(parts?.[2] ?? '').padEnd(6, '0').slice(0, 6)}Z`;
}

function wrongType(input: Json, wanted: string, place: Place): DecodeError {
  const got = isJsonList(input) ? 'array' : typeof input === 'boolean' ? 'bool' : typeof input;
  const where = `${place.reader.root}.${place.path}`;
  return new DecodeError(`json: cannot unmarshal ${got} into Go struct field ${where} of type ${wanted}`);
}

function child(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
