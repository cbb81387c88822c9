import { isJsonList, isJsonObject } from '../json.ts';
import type { Json } from '../json.ts';
import type { Field, FieldType } from '../schema.ts';

/**
 * How the ownership of a field's value is divided: `atomic` values have one owner, `keyed` ones (records, maps) an owner for
 * each key, lists that are `items` an owner for each item, known by some of its fields, and `values` for each value.
 * Source: the `x-kubernetes-list-type` and `x-kubernetes-map-type` of the API's OpenAPI document, which for the types here
 * follow from the rules of strategic merge patches.
 */
export type FieldShape =
  | { readonly kind: 'atomic' }
  | { readonly kind: 'keyed'; fieldOf(key: string): Field | undefined; isDeclared(key: string): boolean }
  | { readonly kind: 'items'; readonly keys: readonly string[]; readonly element: Field }
  | { readonly kind: 'values' };

const atomic: FieldShape = { kind: 'atomic' };
const values: FieldShape = { kind: 'values' };

/** The field at the root of an object. */
export function rootField(type: FieldType): Field {
  return { number: 0, type, rules: {} };
}

export function shapeOf(field: Field): FieldShape {
  const { type, rules } = field;
  switch (type.kind) {
    case 'struct':
      return {
        kind: 'keyed',
        fieldOf: (key) => (Object.hasOwn(type.fields, key) ? type.fields[key] : undefined),
        isDeclared: (key) => Object.hasOwn(type.fields, key),
      };
    case 'map': {
      if (rules.atomic === true) return atomic;
      const element = rootField(type.value);
      return { kind: 'keyed', fieldOf: () => element, isDeclared: () => false };
    }
    case 'list': {
      const keys = rules.listKeys ?? (rules.mergeKey === undefined ? [] : [rules.mergeKey]);
      if (keys.length > 0) return { kind: 'items', keys, element: rootField(type.element) };
      return rules.patch?.includes('merge') === true ? values : atomic;
    }
    case 'string':
    case 'int':
    case 'bool':
    case 'bytes':
    case 'quantity':
    case 'time':
    case 'microTime':
    case 'intOrString':
    case 'open':
      return atomic;
  }
}

/** The path element of a key. */
export function keyElement(key: string): string {
  return `f:${key}`;
}

/** The items of a list with their path elements. Items may share one: the API tolerates that in what is stored already. */
export function itemElements(
  shape: Extract<FieldShape, { kind: 'items' | 'values' }>,
  list: readonly Json[],
): readonly (readonly [element: string, item: Json])[] {
  return list.map((item) => [elementOf(shape, item), item]);
}

function elementOf(shape: Extract<FieldShape, { kind: 'items' | 'values' }>, item: Json): string {
  if (shape.kind === 'values') return `v:${JSON.stringify(item)}`;
  const content = isJsonObject(item) ? item : {};
  const keys = [...shape.keys].sort().map((key) => [key, content[key] ?? null] as const);
  return `k:${JSON.stringify(Object.fromEntries(keys))}`;
}

/** The keys and values of a record; none when there is none. */
export function entriesOf(value: Json | undefined): readonly (readonly [string, Json])[] {
  if (!isJsonObject(value)) return [];
  return Object.entries(value).filter((entry): entry is [string, Json] => entry[1] !== undefined);
}

export function itemsOf(value: Json | undefined): readonly Json[] {
  return isJsonList(value) ? value : [];
}
