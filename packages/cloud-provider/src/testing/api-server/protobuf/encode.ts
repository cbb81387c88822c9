import { isJsonList, isJsonObject, textAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { FieldType, StructType } from '../schema.ts';
import { BackwardWriter } from './backward-writer.ts';

/** The encoding of an object of a declared type, as Go's generated code writes it: byte for byte. */
export function encodeMessage(type: StructType, value: JsonObject): Buffer {
  const writer = new BackwardWriter();
  writeStruct(writer, type, value);
  return writer.finish();
}

function writeStruct(writer: BackwardWriter, type: StructType, value: JsonObject): void {
  for (const [name, field] of type.byNumber.values()) {
    const content = value[name] ?? undefined;
    if (field.type.kind === 'list') {
      if (!isJsonList(content)) continue;
      for (const item of content.toReversed())
        writeField(writer, { number: field.number, type: field.type.element, value: item });
    } else if (field.type.kind === 'map') {
      if (isJsonObject(content)) writeMap(writer, { number: field.number, type: field.type.value, value: content });
    } else if (content !== undefined || field.rules.pointer !== true) {
      writeField(writer, { number: field.number, type: field.type, value: content });
    }
  }
}

interface FieldContent<V> {
  readonly number: number;
  readonly type: FieldType;
  readonly value: V;
}

function writeMap(writer: BackwardWriter, field: FieldContent<JsonObject>): void {
  for (const [key, value] of Object.entries(field.value).toReversed()) {
    const before = writer.size;
    writeField(writer, { number: 2, type: field.type, value });
    writeField(writer, { number: 1, type: { kind: 'string' }, value: key });
    writer.delimited(field.number, before);
  }
}

function writeField(writer: BackwardWriter, field: FieldContent<Json | undefined>): void {
  const { number, type, value } = field;
  const before = writer.size;
  switch (type.kind) {
    case 'int':
      writer.varint(typeof value === 'number' ? value : 0);
      writer.varint(number * 8);
      return;
    case 'bool':
      writer.varint(value === true ? 1 : 0);
      writer.varint(number * 8);
      return;
    case 'string':
      writer.text(typeof value === 'string' ? value : '');
      break;
    case 'bytes':
      writer.bytes(Buffer.from(typeof value === 'string' ? value : '', 'base64'));
      break;
    case 'quantity':
      writeText(writer, 1, typeof value === 'string' ? value : '0');
      break;
    case 'intOrString':
      writeIntOrString(writer, value);
      break;
    case 'time':
    case 'microTime':
      if (typeof value === 'string' && value !== '') writeTime(writer, value);
      break;
    case 'struct':
      writeStruct(writer, type, isJsonObject(value) ? value : {});
      break;
    case 'open':
      writeText(writer, 1, JSON.stringify(value ?? {}));
      break;
    case 'list':
    case 'map':
      return;
  }
  writer.delimited(number, before);
}

function writeText(writer: BackwardWriter, number: number, text: string): void {
  const before = writer.size;
  writer.text(text);
  writer.delimited(number, before);
}

function writeIntOrString(writer: BackwardWriter, value: Json | undefined): void {
  const isText = typeof value === 'string';
  writeText(writer, 3, isText ? value : '');
  writer.varint(typeof value === 'number' ? value : 0);
  writer.varint(2 * 8);
  writer.varint(isText ? 1 : 0);
  writer.varint(8);
}

function writeTime(writer: BackwardWriter, text: string): void {
  const seconds = Math.floor(Date.parse(text) / 1000);
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
  writer.varint(Number(fraction.padEnd(9, '0').slice(0, 9)));
  writer.varint(2 * 8);
  writer.varint(seconds);
  writer.varint(8);
}

const magic = Buffer.from('k8s\0');

/** The envelope in which Kubernetes sends protobuf: a magic number and `runtime.Unknown`. */
export function wrapMessage(kind: { readonly apiVersion: string; readonly kind: string }, message: Uint8Array): Buffer {
  const writer = new BackwardWriter();
  writeText(writer, 4, '');
  writeText(writer, 3, '');
  const beforeMessage = writer.size;
  writer.bytes(message);
  writer.delimited(2, beforeMessage);
  const beforeType = writer.size;
  writeText(writer, 2, kind.kind);
  writeText(writer, 1, kind.apiVersion);
  writer.delimited(1, beforeType);
  writer.bytes(magic);
  return writer.finish();
}

/** A watch event with the length that goes before it. */
export function frameEvent(type: string, wrapped: Uint8Array): Buffer {
  const writer = new BackwardWriter();
  const beforeObject = writer.size;
  const beforeRaw = writer.size;
  writer.bytes(wrapped);
  writer.delimited(1, beforeRaw);
  writer.delimited(2, beforeObject);
  writeText(writer, 1, type);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(writer.size);
  writer.bytes(length);
  return writer.finish();
}

/** `kind` and `apiVersion` of a JSON object, for the envelope. */
export function kindOfObject(object: JsonObject): { readonly apiVersion: string; readonly kind: string } {
  return { apiVersion: textAt(object, ['apiVersion']), kind: textAt(object, ['kind']) };
}
