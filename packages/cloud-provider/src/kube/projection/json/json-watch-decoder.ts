import type { KubernetesObject } from '../../../api/object-meta.ts';
import { MalformedWireError } from '../malformed-wire-error.ts';
import type { Status } from '../status.ts';
import type { StringCache } from '../string-cache.ts';
import type { ChunkDecoder, WatchSink } from '../wire-decoder.ts';
import { watchEventOf } from '../watch-event.ts';
import { JsonCursor } from './json-cursor.ts';
import type { JsonReader } from './json-reader.ts';

const lineFeed = 0x0a;

export interface JsonWatchReaders<T> {
  readonly object: JsonReader<T>;
  readonly metadata: JsonReader<KubernetesObject>;
  readonly status: JsonReader<Status>;
}

/** Reads the events of a watch, one JSON object a line. */
export class JsonWatchDecoder<T> implements ChunkDecoder<void> {
  readonly #readers: JsonWatchReaders<T>;
  readonly #sink: WatchSink<T>;
  readonly #cursor: JsonCursor;
  /** The beginning of a line whose end has not arrived. */
  #parts: Buffer[] = [];

  constructor(readers: JsonWatchReaders<T>, strings: StringCache, sink: WatchSink<T>) {
    this.#readers = readers;
    this.#sink = sink;
    this.#cursor = new JsonCursor(strings);
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(lineFeed, start);
      if (end < 0) break;
      if (this.#parts.length > 0) {
        this.#parts.push(chunk.subarray(start, end));
        const line = Buffer.concat(this.#parts);
        this.#parts = [];
        this.#line(line, 0, line.length);
      } else if (end > start) {
        this.#line(chunk, start, end);
      }
      start = end + 1;
    }
    if (start < chunk.length) this.#parts.push(Buffer.from(chunk.subarray(start)));
  }

  finish(): void {
    if (this.#parts.length === 0) return;
    // An orderly end may leave out the last line feed; a cut line does not parse.
    const line = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#line(line, 0, line.length);
  }

  #line(bytes: Buffer, start: number, end: number): void {
    const cursor = this.#cursor;
    cursor.reset(bytes, start, end);
    let type = '';
    let objectAt = -1;
    let delivered = false;
    cursor.openObject();
    while (cursor.nextMember()) {
      const name = cursor.name();
      if (name === 'type') {
        type = cursor.string();
      } else if (name === 'object' && type !== '') {
        this.#deliver(type);
        delivered = true;
      } else {
        if (name === 'object') objectAt = cursor.position;
        cursor.skip();
      }
    }
    cursor.finish();
    if (delivered) return;
    if (objectAt < 0) throw new MalformedWireError('not a watch event: it has no object');
    cursor.seek(objectAt);
    this.#deliver(type);
  }

  #deliver(type: string): void {
    if (type === 'ERROR') {
      this.#sink.onStatus(this.#readers.status.readAt(this.#cursor));
    } else if (type === 'BOOKMARK') {
      this.#sink.onEvent(watchEventOf(type, this.#readers.metadata.readAt(this.#cursor)));
    } else {
      this.#sink.onEvent(watchEventOf(type, this.#readers.object.readAt(this.#cursor)));
    }
  }
}
