import { equalJson } from '../json.ts';
import type { Json } from '../json.ts';
import type { Field, StructType } from '../schema.ts';
import { type FieldSet, setOf } from './field-set.ts';
import { type FieldShape, entriesOf, itemElements, itemsOf, keyElement, rootField, shapeOf } from './field-shape.ts';

/** What differs between two versions of an object. */
export interface FieldChanges {
  /** Fields that were set or got another value. */
  readonly written: FieldSet;
  readonly removed: FieldSet;
}

/** Compares two versions of an object field by field. Equal parts that are shared by reference cost nothing. */
export function compareFields(type: StructType, before: Json, after: Json): FieldChanges {
  const found: Found = { written: [], removed: [] };
  compare(rootField(type), { before, after, path: [], found });
  return { written: setOf(found.written), removed: setOf(found.removed) };
}

interface Found {
  readonly written: (readonly string[])[];
  readonly removed: (readonly string[])[];
}

interface Pair {
  readonly before: Json | undefined;
  readonly after: Json | undefined;
  readonly path: readonly string[];
  readonly found: Found;
}

function compare(field: Field, pair: Pair): void {
  const { before, after, path, found } = pair;
  if (before === after) return;
  if (before === undefined) found.written.push(path);
  else if (after === undefined) found.removed.push(path);
  const shape = shapeOf(field);
  switch (shape.kind) {
    case 'atomic':
      if (before !== undefined && after !== undefined && !equalJson(before, after)) found.written.push(path);
      return;
    case 'keyed':
      return compareKeys(shape, pair);
    case 'items':
    case 'values':
      return compareItems(shape, pair);
  }
}

function compareKeys(shape: Extract<FieldShape, { kind: 'keyed' }>, pair: Pair): void {
  const before = new Map(entriesOf(pair.before));
  const after = new Map(entriesOf(pair.after));
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const field = shape.fieldOf(key);
    if (!field) continue;
    compare(field, { ...pair, before: before.get(key), after: after.get(key), path: [...pair.path, keyElement(key)] });
  }
}

function compareItems(shape: Extract<FieldShape, { kind: 'items' | 'values' }>, pair: Pair): void {
  const before = Map.groupBy(itemElements(shape, itemsOf(pair.before)), ([element]) => element);
  const after = Map.groupBy(itemElements(shape, itemsOf(pair.after)), ([element]) => element);
  for (const element of new Set([...before.keys(), ...after.keys()])) {
    const path = [...pair.path, element];
    const lefts = (before.get(element) ?? []).map(([, item]) => item);
    const rights = (after.get(element) ?? []).map(([, item]) => item);
    if (lefts.length > 1 || rights.length > 1) {
      // Items that share their keys can only be owned together.
      if (rights.length === 0) pair.found.removed.push(path);
      else if (!equalJson(lefts, rights)) pair.found.written.push(path);
      continue;
    }
    const field = shape.kind === 'items' ? shape.element : undefined;
    const inner = { ...pair, before: lefts[0], after: rights[0], path };
    if (field) compare(field, inner);
    else if (inner.before === undefined) pair.found.written.push(path);
    else if (inner.after === undefined) pair.found.removed.push(path);
  }
}
