import { isJsonList, isJsonObject } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Field, FieldType, StructType } from '../schema.ts';
import { StatusError, badRequest } from '../status.ts';
import { orderItems, sameItem } from './element-order.ts';

const directive = '$patch';
const retainKeys = '$retainKeys';
const deleteFromPrimitiveList = '$deleteFromPrimitiveList/';
const setElementOrder = '$setElementOrder/';

/**
 * Applies a strategic merge patch by the merge keys of a declared type. Source: k8s.io/apimachinery, strategicpatch.
 *
 * @throws StatusError 400 for a malformed directive, 500 for a list item without its merge key (as the real server does).
 */
export function applyStrategicMergePatch(type: StructType, target: JsonObject, patch: JsonObject): JsonObject {
  return mergeObject(type, target, patch);
}

function mergeObject(type: FieldType, target: JsonObject, patch: JsonObject): JsonObject {
  const how = patch[directive];
  if (how === 'replace') return withoutKeys(patch, [directive]);
  if (how === 'delete') return {};
  if (how !== undefined && how !== 'merge') throw badRequest(`Unknown patch type found: ${JSON.stringify(how)}`);
  const result: Record<string, Json | undefined> = { ...retained(target, patch[retainKeys]) };
  for (const [name, change] of Object.entries(patch)) {
    if (name === directive || name === retainKeys || change === undefined) continue;
    if (name.startsWith(deleteFromPrimitiveList)) {
      const list = name.slice(deleteFromPrimitiveList.length);
      result[list] = removeItems(result[list], change);
    } else if (!name.startsWith(setElementOrder)) {
      const merged = mergeField(fieldOf(type, name), result[name], change);
      if (merged === undefined) delete result[name];
      else result[name] = merged;
    }
  }
  for (const [name, order] of Object.entries(patch)) {
    if (!name.startsWith(setElementOrder)) continue;
    const list = name.slice(setElementOrder.length);
    const merged = result[list];
    if (!isJsonList(order)) throw badRequest(`the value of ${name} must be a list`);
    if (!isJsonList(merged)) continue;
    const before = target[list];
    const mergeKey = fieldOf(type, list)?.rules.mergeKey;
    result[list] = orderItems({ merged, wanted: order, before: isJsonList(before) ? before : [], mergeKey });
  }
  return result;
}

function fieldOf(type: FieldType, name: string): Field | undefined {
  if (type.kind === 'struct') return Object.hasOwn(type.fields, name) ? type.fields[name] : undefined;
  if (type.kind === 'map') return { number: 0, type: type.value, rules: {} };
  return undefined;
}

function retained(target: JsonObject, keys: Json | undefined): JsonObject {
  if (keys === undefined) return target;
  if (!isJsonList(keys)) throw badRequest('invalid format: $retainKeys must be a list');
  return Object.fromEntries(Object.entries(target).filter(([name]) => keys.includes(name)));
}

function removeItems(before: Json | undefined, gone: Json): Json | undefined {
  if (!isJsonList(gone)) throw badRequest('invalid format: $deleteFromPrimitiveList must be a list');
  return isJsonList(before) ? before.filter((item) => !gone.includes(item)) : before;
}

function mergeField(declared: Field | undefined, before: Json | undefined, change: Json): Json | undefined {
  if (change === null) return undefined;
  if (declared === undefined) return change;
  if (isJsonObject(change)) return mergeObject(declared.type, isJsonObject(before) ? before : {}, change);
  if (!isJsonList(change) || declared.type.kind !== 'list' || declared.rules.patch?.includes('merge') !== true) {
    return change;
  }
  const items = isJsonList(before) ? before : [];
  const { mergeKey } = declared.rules;
  if (mergeKey === undefined) {
    const merged = [...new Set([...items, ...change])];
    return orderItems({ merged, wanted: change, before: items, mergeKey });
  }
  return mergeKeyedList({ element: declared.type.element, mergeKey, before: items, change });
}

interface KeyedList {
  readonly element: FieldType;
  readonly mergeKey: string;
  readonly before: readonly Json[];
  readonly change: readonly Json[];
}

function mergeKeyedList(list: KeyedList): readonly Json[] {
  const { element, mergeKey, before } = list;
  const changes = list.change.filter(isJsonObject);
  const ordinary = changes.filter((item) => item[directive] === undefined || item[directive] === 'merge');
  if (changes.some((item) => item[directive] === 'replace')) return ordinary;
  let merged: readonly Json[] = before;
  for (const item of changes) {
    if (item[directive] !== 'delete') continue;
    requireKey(item, mergeKey);
    merged = merged.filter((one) => !sameItem(one, item, mergeKey));
  }
  for (const item of ordinary) {
    requireKey(item, mergeKey);
    const at = merged.findIndex((one) => sameItem(one, item, mergeKey));
    const old = merged[at];
    const next = mergeObject(element, isJsonObject(old) ? old : {}, item);
    merged = at < 0 ? [...merged, next] : merged.with(at, next);
  }
  return orderItems({ merged, wanted: ordinary, before, mergeKey });
}

function requireKey(item: JsonObject, mergeKey: string): void {
  if (item[mergeKey] !== undefined) return;
  const content = Object.entries(item).map(
    ([name, value]) => `${name}:${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const message = `map: map[${content.join(' ')}] does not contain declared merge key: ${mergeKey}`;
  throw new StatusError({ code: 500, reason: '', message });
}

function withoutKeys(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !keys.includes(name)));
}
