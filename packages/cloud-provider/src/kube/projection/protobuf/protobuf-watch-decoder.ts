import type { KubernetesObject } from '../../../api/object-meta.ts';
import { MalformedWireError } from '../malformed-wire-error.ts';
import type { Status } from '../status.ts';
import type { StringCache } from '../string-cache.ts';
import { watchEventOf } from '../watch-event.ts';
import type { ChunkDecoder, WatchSink } from '../wire-decoder.ts';
import { objectRange, type Range } from './envelope.ts';
import { ProtobufCursor } from './protobuf-cursor.ts';
import type { ProtobufReader } from './protobuf-reader.ts';

const prefixLength = 4;
/** Far above what the API server stores (1.5 MiB): a length beyond is garbage. */
const longestFrame = 64 * 1024 * 1024;

export interface ProtobufWatchReaders<T> {
  readonly object: ProtobufReader<T>;
  readonly metadata: ProtobufReader<KubernetesObject>;
  readonly status: ProtobufReader<Status>;
}

/** Reads the events of a watch: frames with their length before them, each a WatchEvent that holds an enveloped object. */
export class ProtobufWatchDecoder<T> implements ChunkDecoder<void> {
  readonly #readers: ProtobufWatchReaders<T>;
  readonly #sink: WatchSink<T>;
  readonly #cursor: ProtobufCursor;
  /** A frame that has not wholly arrived; grows to the largest frame and is used again. */
  #partial: Buffer = Buffer.alloc(0);
  #have = 0;

  constructor(readers: ProtobufWatchReaders<T>, strings: StringCache, sink: WatchSink<T>) {
    this.#readers = readers;
    this.#sink = sink;
    this.#cursor = new ProtobufCursor(strings);
  }

  push(chunk: Buffer): void {
    let at = this.#have > 0 ? this.#complete(chunk) : 0;
    while (chunk.length - at >= prefixLength) {
      const end = at + prefixLength + frameLength(chunk, at);
      if (end > chunk.length) break;
      this.#frame(chunk, { start: at + prefixLength, end });
      at = end;
    }
    if (at < chunk.length) this.#keep(chunk, at, chunk.length);
  }

  finish(): void {
    if (this.#have > 0)
      throw new MalformedWireError('not a watch: it ends in the middle of an event', { cutOff: true });
  }

  /** Completes the partial frame as far as the chunk goes; gives back how much of the chunk it took. */
  #complete(chunk: Buffer): number {
    let taken = 0;
    if (this.#have < prefixLength) {
      taken = Math.min(prefixLength - this.#have, chunk.length);
      this.#keep(chunk, 0, taken);
      if (this.#have < prefixLength) return taken;
    }
    const wanted = prefixLength + frameLength(this.#partial, 0);
    const end = Math.min(chunk.length, taken + wanted - this.#have);
    this.#reserve(wanted);
    this.#keep(chunk, taken, end);
    if (this.#have === wanted) {
      this.#have = 0;
      this.#frame(this.#partial, { start: prefixLength, end: wanted });
    }
    return end;
  }

  #keep(chunk: Buffer, start: number, end: number): void {
    this.#reserve(this.#have + end - start);
    chunk.copy(this.#partial, this.#have, start, end);
    this.#have += end - start;
  }

  #reserve(length: number): void {
    if (this.#partial.length >= length) return;
    const larger = Buffer.allocUnsafeSlow(length * 2);
    this.#partial.copy(larger, 0, 0, this.#have);
    this.#partial = larger;
  }

  #frame(bytes: Buffer, frame: Range): void {
    const cursor = this.#cursor;
    cursor.reset(bytes, frame.start, frame.end);
    let type = '';
    let whole: Range | undefined;
    while (!cursor.isAtEnd) {
      const tag = cursor.tag();
      if (tag === 0x0a) type = cursor.string();
      else if (tag === 0x12) whole = rawExtension(cursor);
      else cursor.skip(tag);
    }
    if (whole === undefined) throw new MalformedWireError('not a watch event: it has no object');
    const { start, end } = objectRange(cursor, bytes, whole);
    if (type === 'ERROR') {
      this.#sink.onStatus(this.#readers.status.read(bytes, start, end));
    } else if (type === 'BOOKMARK') {
      this.#sink.onEvent(watchEventOf(type, this.#readers.metadata.read(bytes, start, end)));
    } else {
      this.#sink.onEvent(watchEventOf(type, this.#readers.object.read(bytes, start, end)));
    }
  }
}

function rawExtension(cursor: ProtobufCursor): Range | undefined {
  const outer = cursor.enter();
  let range: Range | undefined;
  while (!cursor.isAtEnd) {
    const tag = cursor.tag();
    if (tag === 0x0a) range = { start: cursor.range(), end: cursor.position };
    else cursor.skip(tag);
  }
  cursor.leave(outer);
  return range;
}

function frameLength(bytes: Buffer, at: number): number {
  const length = bytes.readUInt32BE(at);
  if (length > longestFrame) throw new MalformedWireError(`not a watch: an event of ${length} bytes`);
  return length;
}
