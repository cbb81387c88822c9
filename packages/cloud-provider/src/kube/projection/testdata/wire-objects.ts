import fc from 'fast-check';
import type { AnyProjection, Field, Projection, Wire } from '../projection.ts';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Objects as a server may send them: fields present, absent, null and unknown, in any order. */
export function wireObject<T>(projection: Projection<T>): fc.Arbitrary<Json> {
  return messageOf(projection as unknown as AnyProjection);
}

/** The declaration applied to what JSON.parse gives: slow, simple, and written apart from the readers. */
export function byJsonParse<T>(projection: Projection<T>, bytes: Buffer): unknown {
  return project(projection as unknown as AnyProjection, JSON.parse(bytes.toString()) as Json);
}

export function bytesOf(object: unknown, indent?: number): Buffer {
  return Buffer.from(JSON.stringify(object, null, indent));
}

/** Cuts bytes into pieces, each in memory of its own. */
export function* pieces(bytes: Buffer, sizes: Iterable<number>): Iterable<Buffer> {
  let start = 0;
  for (const size of sizes) {
    if (start >= bytes.length) return;
    yield Buffer.from(bytes.subarray(start, start + size));
    start += size;
  }
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.constantFrom('', '"', '\\', 'a"b', '{', '}]', '\u2028', '\u0000', 'Ready', 'kubernetes.io/hostname'),
);
const mapKey = fc.stringMatching(/^[a-z][a-z0-9./-]{0,20}$/);
const rubbish = fc.dictionary(fc.stringMatching(/^x[a-z]{1,5}$/), fc.jsonValue() as fc.Arbitrary<Json>, { maxKeys: 3 });

function messageOf(projection: AnyProjection): fc.Arbitrary<Json> {
  const parts = Object.entries(projection.fields).map(([key, field]) =>
    fc.option(valueOf(field.wire), { nil: undefined }).chain((value) =>
      value === undefined
        ? fc.constant<Json>({})
        : fc.option(fc.constant<Json>(value), { nil: null, freq: 10 }).map((kept) => nest(namesOf(key, field), kept)),
    ),
  );
  return fc
    .tuple(rubbish, ...parts)
    .chain((all) => fc.shuffledSubarray(all, { minLength: all.length }))
    .map((all) => all.reduce(merge, {}));
}

function valueOf(wire: Wire): fc.Arbitrary<Json> {
  switch (wire.form) {
    case 'int':
      return fc.integer({ min: 0, max: 2 ** 31 - 1 });
    case 'bool':
    case 'optionalBool':
      return fc.boolean();
    case 'time':
      return fc.integer({ min: 1, max: 4e9 }).map((seconds) => new Date(seconds * 1000).toISOString().replace('.000', ''));
    case 'microTime':
      return fc
        .tuple(fc.integer({ min: 1, max: 4e9 }), fc.integer({ min: 0, max: 999_999 }))
        .map(([seconds, micros]) => new Date(seconds * 1000).toISOString().replace('.000', `.${String(micros).padStart(6, '0')}`));
    case 'intOrString':
      return fc.oneof(fc.integer({ min: 0, max: 65535 }), text);
    case 'stringMap':
      return fc.dictionary(mapKey, text, { maxKeys: 5 });
    case 'message':
      return messageOf(wire.message);
    case 'list':
      return fc.array(valueOf(wire.of), { maxLength: 4 });
    default:
      return text;
  }
}

function namesOf(key: string, field: Field<never>): readonly string[] {
  return field.names ?? [key];
}

function nest(names: readonly string[], value: Json): Json {
  return names.reduceRight<Json>((inner, name) => ({ [name]: inner }), value);
}

function merge(one: Json, other: Json): Json {
  return { ...(one as object), ...(other as object) } as Json;
}

function project(projection: AnyProjection, value: Json): unknown {
  const result: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(projection.fields)) {
    const found = namesOf(key, field).reduce<Json | undefined>(
      (at, name) => (typeof at === 'object' && at !== null && !Array.isArray(at) ? at[name] : undefined),
      value,
    );
    result[key] = projectValue(field.wire, found ?? undefined);
  }
  return result;
}

function projectValue(wire: Wire, value: Json | undefined): unknown {
  switch (wire.form) {
    case 'int':
      return value ?? 0;
    case 'bool':
      return value ?? false;
    case 'optionalBool':
    case 'optionalString':
      return value;
    case 'stringMap':
      return value ?? {};
    case 'message':
      return project(wire.message, value ?? {});
    case 'list':
      return ((value ?? []) as Json[]).map((item) => projectValue(wire.of, item));
    default:
      return String(value ?? '');
  }
}
