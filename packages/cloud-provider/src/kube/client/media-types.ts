import type { KubernetesObject } from '../../api/object-meta.ts';
import { JsonDecoder } from '../projection/json/json-decoder.ts';
import { JsonReader } from '../projection/json/json-reader.ts';
import { MalformedWireError } from '../projection/malformed-wire-error.ts';
import { type Status, statusProjection } from '../projection/status.ts';
import { StringCache } from '../projection/string-cache.ts';
import type { ResourceDecoder } from '../projection/wire-decoder.ts';
import type { Resource } from '../resources.ts';

const json = 'application/json';
const metadataOnly = 'as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

/** What is asked of the server. It decides: the content type of the reply chooses the decoder. */
export type ContentType = 'json';

/** What kind of reply is wanted. */
export type Wanted = 'object' | 'metadata' | 'watch';

/** Chooses and keeps the decoders of one client. */
export class MediaTypes {
  readonly #strings = new StringCache();
  readonly #json = new Map<unknown, ResourceDecoder<never>>();
  readonly #jsonStatus = new JsonReader(statusProjection, this.#strings);

  accept(wanted: Wanted): string {
    return wanted === 'metadata' ? `${json};${metadataOnly},${json}` : json;
  }

  /** @throws MalformedWireError when the content type is none of those asked for */
  decoderFor<T extends KubernetesObject>(resource: Resource<T>, contentType: string): ResourceDecoder<T> {
    if (!contentType.startsWith(json)) {
      throw new MalformedWireError(`the reply is ${contentType === '' ? 'of no type' : contentType}, not ${json}`);
    }
    const known = this.#json.get(resource.projection);
    if (known !== undefined) return known;
    const decoder = new JsonDecoder(resource.projection, this.#strings);
    this.#json.set(resource.projection, decoder as unknown as ResourceDecoder<never>);
    return decoder;
  }

  /** The server's account of a failure; undefined when the body is something else. */
  status(body: Buffer, contentType: string): Status | undefined {
    if (!contentType.startsWith(json)) return undefined;
    try {
      return this.#jsonStatus.read(body, 0, body.length);
    } catch (error) {
      if (error instanceof MalformedWireError) return undefined;
      throw error;
    }
  }
}
