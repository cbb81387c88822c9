import { MalformedWireError } from '../malformed-wire-error.ts';
import type { ListMeta } from '../status.ts';
import type { StringCache } from '../string-cache.ts';
import type { ChunkDecoder } from '../wire-decoder.ts';
import { checkMagic, magicLength, rawTag } from './envelope.ts';
import { ProtobufCursor } from './protobuf-cursor.ts';
import type { ProtobufReader } from './protobuf-reader.ts';

const metadataTag = 0x0a;
const itemTag = 0x12;

export interface ProtobufListReaders<T> {
  readonly item: ProtobufReader<T>;
  readonly metadata: ProtobufReader<ListMeta>;
}

/** Reads the items of a list while it arrives, so that the list is never held as a whole. */
export class ProtobufListDecoder<T> implements ChunkDecoder<ListMeta> {
  readonly #readers: ProtobufListReaders<T>;
  readonly #onItem: (item: T) => void;
  readonly #cursor: ProtobufCursor;
  #phase: 'magic' | 'envelope' | 'list' | 'tail' = 'magic';
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of the list that are still to come. */
  #remaining = 0;
  #meta: ListMeta = { resourceVersion: '', continue: '' };

  constructor(readers: ProtobufListReaders<T>, strings: StringCache, onItem: (item: T) => void) {
    this.#readers = readers;
    this.#onItem = onItem;
    this.#cursor = new ProtobufCursor(strings);
  }

  push(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (at < bytes.length && this.#phase !== 'tail') {
      const taken = this.#step(bytes, at);
      if (taken === 0) break;
      at += taken;
    }
    this.#rest = this.#phase === 'tail' ? Buffer.alloc(0) : Buffer.from(bytes.subarray(at));
  }

  finish(): ListMeta {
    if (this.#phase !== 'tail') throw new MalformedWireError('not a list: it was cut off', { cutOff: true });
    return this.#meta;
  }

  /** Takes the next element; 0 when it has not wholly arrived. */
  #step(bytes: Buffer, at: number): number {
    if (this.#phase === 'magic') {
      if (bytes.length - at < magicLength) return 0;
      checkMagic(bytes, at);
      this.#phase = 'envelope';
      return magicLength;
    }
    const element = this.#element(bytes, at);
    if (element === undefined) return 0;
    if (this.#phase === 'envelope') {
      if (element.tag !== rawTag) return element.whole ? element.end - at : 0;
      this.#remaining = element.end - element.start;
      this.#phase = this.#remaining === 0 ? 'tail' : 'list';
      return element.start - at;
    }
    if (!element.whole) return 0;
    if (element.tag === itemTag) this.#onItem(this.#readers.item.read(bytes, element.start, element.end));
    else if (element.tag === metadataTag) this.#meta = this.#readers.metadata.read(bytes, element.start, element.end);
    this.#remaining -= element.end - at;
    if (this.#remaining < 0) throw new MalformedWireError('not a list: an item is longer than the list');
    if (this.#remaining === 0) this.#phase = 'tail';
    return element.end - at;
  }

  /** Tag and place of the element; undefined while even these have not arrived. */
  #element(bytes: Buffer, at: number): { tag: number; start: number; end: number; whole: boolean } | undefined {
    const cursor = this.#cursor;
    cursor.reset(bytes, at, bytes.length);
    try {
      const tag = cursor.tag();
      if ((tag & 7) !== 2) throw new MalformedWireError(`not a list: wire type ${tag & 7}`);
      const length = cursor.varint();
      const start = cursor.position;
      return { tag, start, end: start + length, whole: start + length <= bytes.length };
    } catch (error) {
      if (error instanceof MalformedWireError && error.cutOff) return undefined;
      throw error;
    }
  }
}
