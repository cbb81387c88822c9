import type { KubernetesObject } from '../../../api/object-meta.ts';
import { metadataProjection } from '../object-meta.ts';
import type { Projection } from '../projection.ts';
import { type ListMeta, listMetaProjection, type Status, statusProjection } from '../status.ts';
import type { StringCache } from '../string-cache.ts';
import type { ChunkDecoder, ResourceDecoder, WatchSink } from '../wire-decoder.ts';
import { objectRange } from './envelope.ts';
import { ProtobufCursor } from './protobuf-cursor.ts';
import { ProtobufListDecoder } from './protobuf-list-decoder.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import { ProtobufWatchDecoder } from './protobuf-watch-decoder.ts';

/** Reads a resource from `application/vnd.kubernetes.protobuf`. */
export class ProtobufDecoder<T extends KubernetesObject> implements ResourceDecoder<T> {
  readonly #strings: StringCache;
  readonly #cursor: ProtobufCursor;
  readonly #object: ProtobufReader<T>;
  readonly #metadata: ProtobufReader<KubernetesObject>;
  readonly #listMeta: ProtobufReader<ListMeta>;
  readonly #status: ProtobufReader<Status>;

  constructor(projection: Projection<T>, strings: StringCache) {
    this.#strings = strings;
    this.#cursor = new ProtobufCursor(strings);
    this.#object = new ProtobufReader(projection, strings);
    this.#metadata = new ProtobufReader(metadataProjection, strings);
    this.#listMeta = new ProtobufReader(listMetaProjection, strings);
    this.#status = new ProtobufReader(statusProjection, strings);
  }

  object(body: Buffer): T {
    return this.#enveloped(this.#object, body);
  }

  resourceVersion(body: Buffer): string {
    return this.#enveloped(this.#metadata, body).metadata.resourceVersion;
  }

  list(onItem: (item: T) => void): ChunkDecoder<ListMeta> {
    return new ProtobufListDecoder({ item: this.#object, metadata: this.#listMeta }, this.#strings, onItem);
  }

  watch(sink: WatchSink<T>): ChunkDecoder<void> {
    return new ProtobufWatchDecoder(
      { object: this.#object, metadata: this.#metadata, status: this.#status },
      this.#strings,
      sink,
    );
  }

  #enveloped<Value>(reader: ProtobufReader<Value>, body: Buffer): Value {
    const { start, end } = objectRange(this.#cursor, body, { start: 0, end: body.length });
    return reader.read(body, start, end);
  }
}

/** Reads the server's account of a failure. @throws MalformedWireError */
export function readProtobufStatus(body: Buffer, strings: StringCache): Status {
  const { start, end } = objectRange(new ProtobufCursor(strings), body, { start: 0, end: body.length });
  return new ProtobufReader(statusProjection, strings).read(body, start, end);
}
