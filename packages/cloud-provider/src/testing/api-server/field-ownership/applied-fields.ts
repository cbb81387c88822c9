import { isJsonObject } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Field, StructType } from '../schema.ts';
import { internalError } from '../status.ts';
import { type FieldSet, emptySet, isEmptySet, setOf } from './field-set.ts';
import { type FieldShape, entriesOf, itemElements, itemsOf, keyElement, rootField, shapeOf } from './field-shape.ts';

/*
 * The parts of server-side apply that work on values. Source: sigs.k8s.io/structured-merge-diff, typed (toFieldSet, merge,
 * RemoveItems).
 */

/** The fields that an applied configuration speaks of. @throws StatusError for undeclared fields and items with equal keys */
export function appliedFields(type: StructType, config: JsonObject): FieldSet {
  const paths: (readonly string[])[] = [];
  collect(rootField(type), { value: config, path: [], paths });
  return setOf(paths);
}

interface Visit {
  readonly value: Json;
  readonly path: readonly string[];
  readonly paths: (readonly string[])[];
}

function collect(field: Field, visit: Visit): void {
  const { value, path, paths } = visit;
  const shape = shapeOf(field);
  switch (shape.kind) {
    case 'atomic':
      paths.push(path);
      return;
    case 'keyed': {
      const entries = entriesOf(value);
      if (entries.length === 0) paths.push(path);
      for (const [key, child] of entries) {
        const inner = [...path, keyElement(key)];
        const declared = shape.fieldOf(key);
        if (!declared) throw undeclared(inner);
        if (!shape.isDeclared(key)) paths.push(inner);
        collect(declared, { value: child, path: inner, paths });
      }
      return;
    }
    case 'items':
    case 'values': {
      const seen = new Set<string>();
      const elements = itemElements(shape, itemsOf(value));
      if (elements.length === 0) paths.push(path);
      for (const [element, item] of elements) {
        if (seen.has(element)) throw duplicate(path, element);
        seen.add(element);
        paths.push([...path, element]);
        if (shape.kind === 'items') collect(shape.element, { value: item, path: [...path, element], paths });
      }
    }
  }
}

/** The live object with the applied configuration laid over it. */
export function mergeApplied(type: StructType, live: JsonObject, config: JsonObject): JsonObject {
  const merged = merge(rootField(type), live, config);
  return isJsonObject(merged) ? merged : live;
}

function merge(field: Field, live: Json | undefined, config: Json): Json {
  const shape = shapeOf(field);
  switch (shape.kind) {
    case 'atomic':
      return config;
    case 'keyed': {
      const result: Record<string, Json | undefined> = { ...(isJsonObject(live) ? live : {}) };
      for (const [key, child] of entriesOf(config)) {
        const declared = shape.fieldOf(key);
        if (declared) result[key] = merge(declared, result[key], child);
      }
      return result;
    }
    case 'items':
    case 'values':
      return mergeItems(shape, itemsOf(live), itemsOf(config));
  }
}

function mergeItems(
  shape: Extract<FieldShape, { kind: 'items' | 'values' }>,
  live: readonly Json[],
  config: readonly Json[],
): readonly Json[] {
  const wanted = new Map(itemElements(shape, config));
  const result: Json[] = [];
  for (const [element, item] of itemElements(shape, live)) {
    const change = wanted.get(element);
    if (change === undefined) {
      result.push(item);
      continue;
    }
    // Live items with equal keys are replaced by the one that is applied.
    if (wanted.delete(element)) result.push(shape.kind === 'items' ? merge(shape.element, item, change) : item);
  }
  return [...result, ...wanted.values()];
}

/** The object without the fields that were given up: which the manager applied before, and nobody owns now. */
export function pruneFields(
  type: StructType,
  object: JsonObject,
  fields: { readonly before: FieldSet; readonly owned: FieldSet },
): JsonObject {
  const pruned = prune(rootField(type), object, fields);
  return isJsonObject(pruned) ? pruned : object;
}

/** Undefined when the value itself is given up. */
function prune(
  field: Field,
  value: Json,
  fields: { readonly before: FieldSet; readonly owned: FieldSet },
): Json | undefined {
  const { before, owned } = fields;
  if (isEmptySet(before)) return value;
  if (before.isMember && isEmptySet(owned)) return undefined;
  const below = (element: string): { before: FieldSet; owned: FieldSet } => ({
    before: before.children.get(element) ?? emptySet,
    owned: owned.children.get(element) ?? emptySet,
  });
  const shape = shapeOf(field);
  switch (shape.kind) {
    case 'atomic':
      return value;
    case 'keyed': {
      const result: Record<string, Json> = {};
      for (const [key, child] of entriesOf(value)) {
        const declared = shape.fieldOf(key);
        const kept = declared ? prune(declared, child, below(keyElement(key))) : child;
        if (kept !== undefined) result[key] = kept;
      }
      return result;
    }
    case 'items':
    case 'values':
      return itemElements(shape, itemsOf(value)).flatMap(([element, item]) => {
        const kept = prune(shape.kind === 'items' ? shape.element : atomicField, item, below(element));
        return kept === undefined ? [] : [kept];
      });
  }
}

const atomicField: Field = { number: 0, type: { kind: 'open' }, rules: {} };

function undeclared(path: readonly string[]): Error {
  const place = path.map((element) => `.${element.slice(2)}`).join('');
  return internalError(`failed to create typed patch object: ${place}: field not declared in schema`);
}

function duplicate(path: readonly string[], element: string): Error {
  const place = path.map((one) => `.${one.slice(2)}`).join('');
  return internalError(`failed to create typed patch object: ${place}: duplicate entries for key ${element.slice(2)}`);
}
