import { compilePlan, emptyList, emptyMap, type FieldPlan, type MessagePlan } from '../plan.ts';
import type { Projection } from '../projection.ts';
import type { StringCache } from '../string-cache.ts';
import type { WireReader } from '../wire-reader.ts';
import { JsonCursor } from './json-cursor.ts';

/** Reads a projection from JSON bytes. `null` counts as absent, as in Go. */
export class JsonReader<T> implements WireReader<T> {
  readonly #plan: MessagePlan;
  readonly #cursor: JsonCursor;

  constructor(projection: Projection<T>, strings: StringCache) {
    this.#plan = compilePlan(projection);
    this.#cursor = new JsonCursor(strings);
  }

  read(bytes: Buffer, start: number, end: number): T {
    this.#cursor.reset(bytes, start, end);
    const value = readMessage(this.#cursor, this.#plan);
    this.#cursor.finish();
    return value as T;
  }

  /** Reads one value at the cursor of an enclosing reader. */
  readAt(cursor: JsonCursor): T {
    return readMessage(cursor, this.#plan) as T;
  }
}

function readMessage(cursor: JsonCursor, plan: MessagePlan): Record<string, unknown> {
  const target = { ...plan.blank };
  readMembers(cursor, plan, target);
  return target;
}

function readMembers(cursor: JsonCursor, plan: MessagePlan, target: Record<string, unknown>): void {
  cursor.openObject();
  while (cursor.nextMember()) {
    const field = plan.byName.get(cursor.name());
    if (field === undefined) {
      cursor.skip();
    } else if (cursor.skipNull()) {
      // Absent.
    } else if (field.form === 'branch') {
      if (field.message !== undefined) readMembers(cursor, field.message, target);
    } else {
      target[field.key] = readValue(cursor, field);
    }
  }
}

function readValue(cursor: JsonCursor, field: FieldPlan): unknown {
  switch (field.form) {
    case 'string':
    case 'optionalString':
    case 'time':
    case 'microTime':
      return cursor.string();
    case 'uniqueString':
      return cursor.uniqueString();
    case 'int':
      return cursor.number();
    case 'bool':
    case 'optionalBool':
      return cursor.bool();
    case 'intOrString':
      return cursor.text();
    case 'stringMap':
      return readMap(cursor);
    case 'message':
      return field.message === undefined ? undefined : readMessage(cursor, field.message);
    case 'list':
      return field.element === undefined ? undefined : readList(cursor, field.element);
    case 'branch':
      return undefined;
  }
}

function readMap(cursor: JsonCursor): Readonly<Record<string, string>> {
  let map: Record<string, string> | undefined;
  cursor.openObject();
  while (cursor.nextMember()) {
    map ??= {};
    const name = cursor.name();
    map[name] = cursor.skipNull() ? '' : cursor.string();
  }
  return map ?? emptyMap;
}

function readList(cursor: JsonCursor, element: FieldPlan): readonly unknown[] {
  let items: unknown[] | undefined;
  cursor.openList();
  while (cursor.nextElement()) {
    items ??= [];
    items.push(cursor.skipNull() ? blankElement(element) : readValue(cursor, element));
  }
  return items ?? emptyList;
}

function blankElement(element: FieldPlan): unknown {
  return element.message === undefined ? '' : element.message.blank;
}
