import { MalformedWireError } from '../malformed-wire-error.ts';
import { compilePlan, emptyMap, type FieldPlan, type MessagePlan } from '../plan.ts';
import type { Projection } from '../projection.ts';
import type { StringCache } from '../string-cache.ts';
import type { WireReader } from '../wire-reader.ts';
import { ProtobufCursor } from './protobuf-cursor.ts';
import { Timestamps } from './timestamps.ts';

const lengthDelimited = 2;

/** Reads a projection from a bare protobuf message. */
export class ProtobufReader<T> implements WireReader<T> {
  readonly #plan: MessagePlan;
  readonly #cursor: ProtobufCursor;
  readonly #timestamps = new Timestamps();

  constructor(projection: Projection<T>, strings: StringCache) {
    this.#plan = compilePlan(projection);
    this.#cursor = new ProtobufCursor(strings);
  }

  read(bytes: Buffer, start: number, end: number): T {
    this.#cursor.reset(bytes, start, end);
    try {
      return this.#message(this.#plan) as T;
    } catch (error) {
      // A time that no calendar knows.
      if (error instanceof RangeError) throw new MalformedWireError('not protobuf of this type', { cause: error });
      throw error;
    }
  }

  #message(plan: MessagePlan): Record<string, unknown> {
    const target = { ...plan.blank };
    this.#fields(plan, target);
    return target;
  }

  #fields(plan: MessagePlan, target: Record<string, unknown>): void {
    const cursor = this.#cursor;
    while (!cursor.isAtEnd) {
      const tag = cursor.tag();
      const field = plan.byNumber[tag >>> 3];
      if (field === undefined) cursor.skip(tag);
      else this.#field(field, tag, target);
    }
  }

  #field(field: FieldPlan, tag: number, target: Record<string, unknown>): void {
    if (((tag & 7) === lengthDelimited) !== isLengthDelimited(field)) {
      throw new MalformedWireError(`not protobuf of this type: field ${tag >>> 3} has wire type ${tag & 7}`);
    }
    switch (field.form) {
      case 'branch': {
        const outer = this.#cursor.enter();
        if (field.message !== undefined) this.#fields(field.message, target);
        this.#cursor.leave(outer);
        return;
      }
      case 'stringMap': {
        let map = target[field.key] as Record<string, string>;
        if (map === emptyMap) {
          map = {};
          target[field.key] = map;
        }
        this.#mapEntry(map);
        return;
      }
      case 'list': {
        if (field.element === undefined) return;
        const value = this.#value(field.element);
        const list = target[field.key] as unknown[];
        // The constant for empty lists is shared by all.
        if (list.length === 0) target[field.key] = [value];
        else list.push(value);
        return;
      }
      case 'string':
      case 'uniqueString':
      case 'optionalString':
      case 'int':
      case 'bool':
      case 'optionalBool':
      case 'time':
      case 'microTime':
      case 'intOrString':
      case 'message':
        target[field.key] = this.#value(field);
    }
  }

  #value(field: FieldPlan): unknown {
    switch (field.form) {
      case 'string':
      case 'optionalString':
        return this.#cursor.string();
      case 'uniqueString':
        return this.#cursor.uniqueString();
      case 'int':
        return this.#cursor.varint();
      case 'bool':
      case 'optionalBool':
        return this.#cursor.varint() !== 0;
      case 'time':
      case 'microTime':
        return this.#time(field.form);
      case 'intOrString':
        return this.#intOrString();
      case 'message':
        return this.#nested(field.message);
      case 'list':
      case 'stringMap':
      case 'branch':
        return undefined;
    }
  }

  #nested(plan: MessagePlan | undefined): unknown {
    if (plan === undefined) return undefined;
    const outer = this.#cursor.enter();
    const value = this.#message(plan);
    this.#cursor.leave(outer);
    return value;
  }

  #mapEntry(map: Record<string, string>): void {
    const cursor = this.#cursor;
    const outer = cursor.enter();
    let key = '';
    let value = '';
    while (!cursor.isAtEnd) {
      const tag = cursor.tag();
      if (tag === 0x0a) key = cursor.string();
      else if (tag === 0x12) value = cursor.string();
      else cursor.skip(tag);
    }
    cursor.leave(outer);
    map[key] = value;
  }

  /** The zero time is a message with nothing in it. */
  #time(form: 'time' | 'microTime'): string {
    const cursor = this.#cursor;
    const outer = cursor.enter();
    let isSet = false;
    let seconds = 0;
    let nanoseconds = 0;
    while (!cursor.isAtEnd) {
      const tag = cursor.tag();
      isSet = true;
      if (tag === 0x08) seconds = cursor.varint();
      else if (tag === 0x10) nanoseconds = cursor.varint();
      else cursor.skip(tag);
    }
    cursor.leave(outer);
    if (!isSet) return '';
    return form === 'time'
      ? this.#timestamps.inSeconds(seconds)
      : this.#timestamps.inMicroseconds(seconds, nanoseconds);
  }

  #intOrString(): string {
    const cursor = this.#cursor;
    const outer = cursor.enter();
    let isString = false;
    let number = 0;
    let text = '';
    while (!cursor.isAtEnd) {
      const tag = cursor.tag();
      if (tag === 0x08) isString = cursor.varint() === 1;
      else if (tag === 0x10) number = cursor.varint();
      else if (tag === 0x1a) text = cursor.string();
      else cursor.skip(tag);
    }
    cursor.leave(outer);
    return isString ? text : String(number);
  }
}

function isLengthDelimited(field: FieldPlan): boolean {
  switch (field.form) {
    case 'int':
    case 'bool':
    case 'optionalBool':
      return false;
    case 'list':
      return field.element === undefined || isLengthDelimited(field.element);
    case 'string':
    case 'uniqueString':
    case 'optionalString':
    case 'time':
    case 'microTime':
    case 'intOrString':
    case 'stringMap':
    case 'message':
    case 'branch':
      return true;
  }
}
