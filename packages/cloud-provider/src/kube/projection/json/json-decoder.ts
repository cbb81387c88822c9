import type { KubernetesObject } from '../../../api/object-meta.ts';
import type { Projection } from '../projection.ts';
import { metadataProjection } from '../object-meta.ts';
import { type ListMeta, type Status, statusProjection } from '../status.ts';
import type { StringCache } from '../string-cache.ts';
import type { ChunkDecoder, ResourceDecoder, WatchSink } from '../wire-decoder.ts';
import { JsonListDecoder } from './json-list-decoder.ts';
import { JsonReader } from './json-reader.ts';
import { JsonWatchDecoder } from './json-watch-decoder.ts';

/** Reads a resource from `application/json`. */
export class JsonDecoder<T extends KubernetesObject> implements ResourceDecoder<T> {
  readonly #strings: StringCache;
  readonly #object: JsonReader<T>;
  readonly #metadata: JsonReader<KubernetesObject>;
  readonly #status: JsonReader<Status>;

  constructor(projection: Projection<T>, strings: StringCache) {
    this.#strings = strings;
    this.#object = new JsonReader(projection, strings);
    this.#metadata = new JsonReader(metadataProjection, strings);
    this.#status = new JsonReader(statusProjection, strings);
  }

  object(body: Buffer): T {
    return this.#object.read(body, 0, body.length);
  }

  resourceVersion(body: Buffer): string {
    return this.#metadata.read(body, 0, body.length).metadata.resourceVersion;
  }

  list(onItem: (item: T) => void): ChunkDecoder<ListMeta> {
    return new JsonListDecoder(this.#object, this.#strings, onItem);
  }

  watch(sink: WatchSink<T>): ChunkDecoder<void> {
    return new JsonWatchDecoder(
      { object: this.#object, metadata: this.#metadata, status: this.#status },
      this.#strings,
      sink,
    );
  }
}
