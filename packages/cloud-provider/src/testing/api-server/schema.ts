import type { Json } from './json.ts';

/** Kinds of values without inner structure. `open` is any JSON, kept as it came. */
export type ScalarKind =
  | 'string'
  | 'int'
  | 'bool'
  | 'bytes'
  | 'quantity'
  | 'time'
  | 'microTime'
  | 'intOrString'
  | 'open';

export interface ScalarType<K extends ScalarKind = ScalarKind> {
  readonly kind: K;
}

export interface ListType<E extends FieldType = FieldType> {
  readonly kind: 'list';
  readonly element: E;
}

export interface MapType<V extends FieldType = FieldType> {
  readonly kind: 'map';
  readonly value: V;
}

/** A record with declared fields, in the order in which the real server writes them. */
export interface StructType<F extends Fields = Fields> {
  readonly kind: 'struct';
  readonly name: string;
  readonly fields: F;
  /** The fields with their names by number, from the highest down: the order in which protobuf is written backwards. */
  readonly byNumber: ReadonlyMap<number, readonly [string, Field]>;
}

export type FieldType = ScalarType | ListType | MapType | StructType;

export interface Fields {
  readonly [name: string]: Field;
}

/** How a strategic merge patch treats a field. */
export type PatchStrategy = 'merge' | 'retainKeys';

export interface FieldRules {
  /** Written even when it is zero: the Go field has no `omitempty`, or is a struct by value. */
  readonly required?: boolean;
  /** The Go field is a pointer: zero and absent differ. */
  readonly pointer?: boolean;
  readonly patch?: readonly PatchStrategy[];
  /** The key by which a strategic merge patch matches the items of a list. */
  readonly mergeKey?: string;
  /** The keys by which a server-side apply knows the items of a list. @default the merge key */
  readonly listKeys?: readonly string[];
  /** A map that has one owner as a whole. */
  readonly atomic?: boolean;
}

export interface Field<T extends FieldType = FieldType, R extends FieldRules = FieldRules> {
  /** The field's number in the protobuf encoding. */
  readonly number: number;
  readonly type: T;
  readonly rules: R;
}

export const string: ScalarType<'string'> = { kind: 'string' };
export const int: ScalarType<'int'> = { kind: 'int' };
export const bool: ScalarType<'bool'> = { kind: 'bool' };
/** Base64 text. */
export const bytes: ScalarType<'bytes'> = { kind: 'bytes' };
export const quantity: ScalarType<'quantity'> = { kind: 'quantity' };
/** RFC 3339 in whole seconds. */
export const time: ScalarType<'time'> = { kind: 'time' };
/** RFC 3339 in microseconds. */
export const microTime: ScalarType<'microTime'> = { kind: 'microTime' };
export const intOrString: ScalarType<'intOrString'> = { kind: 'intOrString' };
export const open: ScalarType<'open'> = { kind: 'open' };

export function list<E extends FieldType>(element: E): ListType<E> {
  return { kind: 'list', element };
}

export function mapOf<V extends FieldType>(value: V): MapType<V> {
  return { kind: 'map', value };
}

export function struct<F extends Fields>(name: string, fields: F): StructType<F> {
  const entries = Object.entries<Field>(fields).sort(([, left], [, right]) => right.number - left.number);
  return { kind: 'struct', name, fields, byNumber: new Map(entries.map((entry) => [entry[1].number, entry])) };
}

export function field<T extends FieldType>(number: number, type: T): Field<T, Record<never, never>>;
export function field<T extends FieldType, const R extends FieldRules>(number: number, type: T, rules: R): Field<T, R>;
export function field(number: number, type: FieldType, rules: FieldRules = {}): Field {
  return { number, type, rules };
}

interface ScalarValues {
  readonly string: string;
  readonly int: number;
  readonly bool: boolean;
  readonly bytes: string;
  readonly quantity: string;
  readonly time: string;
  readonly microTime: string;
  readonly intOrString: number | string;
  readonly open: Json;
}

/** A value as it is stored: complete, canonical, in the declared order. */
export type ValueOf<T extends FieldType> =
  T extends ScalarType<infer K>
    ? ScalarValues[K]
    : T extends ListType<infer E>
      ? readonly ValueOf<E>[]
      : T extends MapType<infer V>
        ? { readonly [key: string]: ValueOf<V> }
        : T extends StructType<infer F>
          ? StructValue<F>
          : never;

type RequiredKeys<F extends Fields> = {
  [K in keyof F]: F[K]['rules'] extends { readonly required: true } ? K : never;
}[keyof F];

type StructValue<F extends Fields> = {
  readonly [K in RequiredKeys<F>]: RequiredValue<F[K]['type']>;
} & {
  readonly [K in Exclude<keyof F, RequiredKeys<F>>]?: ValueOf<F[K]['type']>;
};

/** Go writes `null` for an unset time or list that is always written. */
type RequiredValue<T extends FieldType> = T extends ListType | ScalarType<'time'> | ScalarType<'microTime'>
  ? ValueOf<T> | null
  : ValueOf<T>;

/** A value as a client writes it: every field may be missing. */
export type DraftOf<T extends FieldType> =
  T extends ListType<infer E>
    ? readonly DraftOf<E>[] | null
    : T extends MapType<infer V>
      ? { readonly [key: string]: DraftOf<V> } | null
      : T extends StructType<infer F>
        ? { readonly [K in keyof F]?: DraftOf<F[K]['type']> | null }
        : ValueOf<T>;
