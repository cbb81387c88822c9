/**
 * One declaration per Kubernetes type, from which the JSON reader and the protobuf reader are both derived.
 *
 * A declaration says for each field of a projected interface (`src/api`) where it stands on the wire: its JSON name, its
 * protobuf number and its form. {@link message} is checked against the interface: a field that is missing, superfluous or
 * of another form does not compile.
 *
 * What a reader gives back: every field is present, in the order of the declaration, so that all values of a type share one
 * hidden class. Absent is the zero value (`''`, `0`, `false`, an empty list or map); only the `optional…` forms give
 * undefined. Empty lists and maps are shared frozen constants.
 */

/** How one value stands on the wire. */
export type Wire =
  | { readonly form: 'string' | 'uniqueString' | 'int' | 'bool' | 'time' | 'microTime' | 'intOrString' | 'stringMap' }
  | { readonly form: 'optionalString' | 'optionalBool' }
  | { readonly form: 'message'; readonly message: AnyProjection }
  | { readonly form: 'list'; readonly of: Wire };

/** One field of a projection. The type parameter is what the reader yields; it has no run-time trace. */
export interface Field<Value> {
  /** Protobuf numbers from the declaring message down to the value; more than one when messages in between are left out. */
  readonly numbers: readonly number[];
  /** JSON names of the messages in between and of the value; undefined when the JSON name is the field's own. */
  readonly names: readonly string[] | undefined;
  readonly wire: Wire;
  readonly phantom?: (value: Value) => Value;
}

/** A projection of any type, as readers see it. */
export interface AnyProjection {
  readonly fields: Readonly<Record<string, Field<never>>>;
}

/** The declaration of how `T` is read from the wire. */
export interface Projection<T> {
  readonly fields: { readonly [K in keyof T]-?: Field<T[K]> };
}

/** Declares the projection of `T`, every field of it. */
export function message<T>(fields: { readonly [K in keyof T]-?: Field<T[K]> }): Projection<T> {
  return { fields };
}

/** A string; absent is `''`. */
export function string(number: number): Field<string> {
  return scalar(number, { form: 'string' });
}

/** A string that hardly repeats (names, UIDs, free text): not worth remembering; absent is `''`. */
export function uniqueString(number: number): Field<string> {
  return scalar(number, { form: 'uniqueString' });
}

/** A string whose absence means something; absent is undefined. */
export function optionalString(number: number): Field<string | undefined> {
  return scalar(number, { form: 'optionalString' });
}

/** An int32 or int64; absent is 0. Values beyond 2^53 do not occur in what we read. */
export function int(number: number): Field<number> {
  return scalar(number, { form: 'int' });
}

/** A boolean; absent is false. */
export function bool(number: number): Field<boolean> {
  return scalar(number, { form: 'bool' });
}

/** A boolean whose absence means something; absent is undefined. */
export function optionalBool(number: number): Field<boolean | undefined> {
  return scalar(number, { form: 'optionalBool' });
}

/** A meta/v1 Time as RFC 3339 text in seconds, UTC; absent is `''`. */
export function time(number: number): Field<string> {
  return scalar(number, { form: 'time' });
}

/** A meta/v1 MicroTime as RFC 3339 text with six digits, UTC; absent is `''`. */
export function microTime(number: number): Field<string> {
  return scalar(number, { form: 'microTime' });
}

/** An IntOrString as text; absent is `''`. */
export function intOrString(number: number): Field<string> {
  return scalar(number, { form: 'intOrString' });
}

/** A map from string to string; absent is empty. */
export function stringMap(number: number): Field<Readonly<Record<string, string>>> {
  return scalar(number, { form: 'stringMap' });
}

/** A nested message; absent is the message with nothing set. */
export function nested<T>(number: number, projection: Projection<T>): Field<T> {
  return scalar(number, { form: 'message', message: projection as unknown as AnyProjection });
}

/** A list of messages; absent is empty. */
export function list<T>(number: number, projection: Projection<T>): Field<readonly T[]> {
  return scalar(number, { form: 'list', of: { form: 'message', message: projection as unknown as AnyProjection } });
}

/** A list of strings; absent is empty. */
export function stringList(number: number): Field<readonly string[]> {
  return scalar(number, { form: 'list', of: { form: 'string' } });
}

/**
 * A value that stands deeper on the wire than in the projected interface.
 *
 * @param path the JSON names of the messages in between with their protobuf numbers, outermost first
 * @param name the value's own JSON name
 */
export function within<Value>(
  path: readonly (readonly [name: string, number: number])[],
  name: string,
  field: Field<Value>,
): Field<Value> {
  return {
    numbers: [...path.map(([, number]) => number), ...field.numbers],
    names: [...path.map(([segment]) => segment), name],
    wire: field.wire,
  };
}

function scalar<Value>(number: number, wire: Wire): Field<Value> {
  return { numbers: [number], names: undefined, wire };
}
