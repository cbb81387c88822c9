import { MalformedWireError } from '../malformed-wire-error.ts';
import { type ListMeta, listMetaProjection } from '../status.ts';
import type { StringCache } from '../string-cache.ts';
import type { ChunkDecoder } from '../wire-decoder.ts';
import { JsonCursor } from './json-cursor.ts';
import { JsonReader } from './json-reader.ts';

const quote = 0x22;
const backslash = 0x5c;

/**
 * Cuts the items out of a list while it arrives, so that the list is never held as a whole. What stands around the items is
 * put together again and read at the end.
 */
export class JsonListDecoder<T> implements ChunkDecoder<ListMeta> {
  readonly #item: JsonReader<T>;
  readonly #onItem: (item: T) => void;
  readonly #strings: StringCache;
  #phase: 'head' | 'items' | 'tail' = 'head';
  /** Bytes that are not done with: the head so far, the beginning of an item, or the tail so far. */
  #rest: Buffer = Buffer.alloc(0);
  #head: Buffer = Buffer.alloc(0);
  /** How far the rest was looked through, and in which state that left the scan. */
  #scanned = 0;
  #depth = 0;
  #inString = false;

  constructor(item: JsonReader<T>, strings: StringCache, onItem: (item: T) => void) {
    this.#item = item;
    this.#strings = strings;
    this.#onItem = onItem;
  }

  push(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let start = 0;
    if (this.#phase === 'head') {
      const itemsAt = findItems(bytes, this.#strings);
      if (itemsAt < 0) {
        this.#rest = Buffer.from(bytes);
        return;
      }
      this.#head = Buffer.from(bytes.subarray(0, itemsAt));
      this.#phase = 'items';
      this.#scanned = itemsAt;
      start = itemsAt;
    }
    if (this.#phase === 'items') start = this.#cut(bytes, start);
    this.#rest = Buffer.from(bytes.subarray(start));
    this.#scanned -= start;
  }

  finish(): ListMeta {
    if (this.#phase === 'items') throw new MalformedWireError('not a list: it ends among its items');
    const whole = Buffer.concat([this.#head, this.#rest]);
    const cursor = new JsonCursor(this.#strings);
    const metaReader = new JsonReader(listMetaProjection, this.#strings);
    let meta: ListMeta = { resourceVersion: '', continue: '' };
    cursor.reset(whole, 0, whole.length);
    cursor.openObject();
    while (cursor.nextMember()) {
      if (cursor.name() === 'metadata') meta = metaReader.readAt(cursor);
      else cursor.skip();
    }
    cursor.finish();
    return meta;
  }

  /** Delivers whole items; gives back where the first byte stands that is still needed. */
  #cut(bytes: Buffer, from: number): number {
    const length = bytes.length;
    let start = from;
    let depth = this.#depth;
    let inString = this.#inString;
    let at = this.#scanned;
    for (; at < length; at++) {
      const byte = bytes[at];
      if (inString) {
        if (byte === backslash) at++;
        else if (byte === quote) inString = false;
      } else if (byte === quote) {
        inString = true;
      } else if (byte === 0x7b || byte === 0x5b) {
        if (depth++ === 0) start = at;
      } else if (byte === 0x7d || byte === 0x5d) {
        if (depth === 0) {
          this.#phase = 'tail';
          this.#scanned = at;
          return at;
        }
        if (--depth === 0) {
          this.#onItem(this.#item.read(bytes, start, at + 1));
          start = at + 1;
        }
      }
    }
    this.#depth = depth;
    this.#inString = inString;
    this.#scanned = at;
    // An escape may end the chunk: its second byte is then the first of the next one.
    return depth === 0 ? length : start;
  }
}

/** Where the first item (or the closing bracket) stands, -1 while the head is incomplete. */
function findItems(bytes: Buffer, strings: StringCache): number {
  const cursor = new JsonCursor(strings);
  cursor.reset(bytes, 0, bytes.length);
  try {
    cursor.openObject();
    while (cursor.nextMember()) {
      const isItems = cursor.name() === 'items';
      if (cursor.skipNull()) continue;
      if (isItems) {
        cursor.openList();
        return cursor.position;
      }
      cursor.skip();
    }
    return -1;
  } catch (error) {
    if (error instanceof MalformedWireError && error.cutOff) return -1;
    throw error;
  }
}
