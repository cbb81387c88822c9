import { DecodeError } from '../decode.ts';
import type { Json, JsonObject } from '../json.ts';
import type { FieldType, StructType } from '../schema.ts';

const magic = Buffer.from('k8s\0');

/** What an envelope holds. */
export interface WrappedMessage {
  readonly apiVersion: string;
  readonly kind: string;
  readonly message: Buffer;
}

/** Opens the envelope in which Kubernetes sends protobuf. @throws DecodeError */
export function unwrapMessage(body: Buffer): WrappedMessage {
  if (!body.subarray(0, magic.length).equals(magic))
    throw new DecodeError('provided data does not appear to be a protobuf message');
  let apiVersion = '';
  let kind = '';
  let message: Buffer = Buffer.alloc(0);
  for (const part of parts(body.subarray(magic.length))) {
    if (part.number === 2) message = part.content;
    if (part.number !== 1) continue;
    for (const { number, content } of parts(part.content)) {
      if (number === 1) apiVersion = content.toString();
      if (number === 2) kind = content.toString();
    }
  }
  return { apiVersion, kind, message };
}

/** Reads a message of a declared type into the JSON that says the same. @throws DecodeError */
export function decodeMessage(type: StructType, message: Buffer): JsonObject {
  const value: Record<string, Json> = {};
  for (const part of parts(message)) {
    const [name, field] = type.byNumber.get(part.number) ?? [];
    if (name === undefined || field === undefined) continue;
    if (field.type.kind === 'list') {
      const list = value[name];
      value[name] = [...(Array.isArray(list) ? (list as Json[]) : []), readValue(field.type.element, part)];
    } else if (field.type.kind === 'map') {
      value[name] = { ...(value[name] as JsonObject | undefined), ...readEntry(field.type.value, part) };
    } else {
      value[name] = readValue(field.type, part);
    }
  }
  return value;
}

function readEntry(type: FieldType, part: Part): JsonObject {
  let key = '';
  let value: Json | undefined;
  for (const inner of parts(part.content)) {
    if (inner.number === 1) key = inner.content.toString();
    if (inner.number === 2) value = readValue(type, inner);
  }
  return { [key]: value ?? '' };
}

function readValue(type: FieldType, part: Part): Json {
  switch (type.kind) {
    case 'int':
      return part.value;
    case 'bool':
      return part.value !== 0;
    case 'string':
      return part.content.toString();
    case 'bytes':
      return part.content.toString('base64');
    case 'quantity':
      return textOf(part.content, 1);
    case 'open':
      return JSON.parse(textOf(part.content, 1) || '{}') as Json;
    case 'intOrString':
      return readIntOrString(part.content);
    case 'time':
    case 'microTime':
      return readTime(part.content);
    case 'struct':
      return decodeMessage(type, part.content);
    case 'list':
    case 'map':
      throw new DecodeError('protobuf has no lists of lists');
  }
}

function textOf(message: Buffer, wanted: number): string {
  for (const { number, content } of parts(message)) if (number === wanted) return content.toString();
  return '';
}

function readIntOrString(message: Buffer): Json {
  let isText = false;
  let number = 0;
  let text = '';
  for (const part of parts(message)) {
    if (part.number === 1) isText = part.value === 1;
    if (part.number === 2) number = part.value;
    if (part.number === 3) text = part.content.toString();
  }
  return isText ? text : number;
}

function readTime(message: Buffer): Json {
  if (message.length === 0) return null;
  let seconds = 0;
  let nanoseconds = 0;
  for (const part of parts(message)) {
    if (part.number === 1) seconds = part.value;
    if (part.number === 2) nanoseconds = part.value;
  }
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  return `${whole}.${String(nanoseconds).padStart(9, '0')}Z`;
}

/** One field as it is on the wire: `value` of a number, `content` of everything with a length. */
interface Part {
  readonly number: number;
  readonly value: number;
  readonly content: Buffer;
}

const nothing = Buffer.alloc(0);

function* parts(message: Buffer): Generator<Part> {
  let at = 0;
  const varint = (): number => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at];
      if (byte === undefined || shift > 63n) throw new DecodeError('unexpected EOF');
      at += 1;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, value));
    }
  };
  while (at < message.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        yield { number, value: varint(), content: nothing };
        break;
      case 2: {
        const length = varint();
        if (length < 0 || at + length > message.length) throw new DecodeError('unexpected EOF');
        yield { number, value: 0, content: message.subarray(at, at + length) };
        at += length;
        break;
      }
      default:
        throw new DecodeError(`proto: illegal wireType ${tag % 8}`);
    }
  }
}
