import type { KubernetesObject } from '../../api/object-meta.ts';
import { JsonDecoder } from '../projection/json/json-decoder.ts';
import { JsonReader } from '../projection/json/json-reader.ts';
import { MalformedWireError } from '../projection/malformed-wire-error.ts';
import { ProtobufDecoder, readProtobufStatus } from '../projection/protobuf/protobuf-decoder.ts';
import { type Status, statusProjection } from '../projection/status.ts';
import { StringCache } from '../projection/string-cache.ts';
import type { ResourceDecoder } from '../projection/wire-decoder.ts';
import type { Resource } from '../resources.ts';

const json = 'application/json';
const protobuf = 'application/vnd.kubernetes.protobuf';
const metadataOnly = 'as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

/** What is asked of the server first. It decides: the content type of the reply chooses the decoder. */
export type ContentType = 'json' | 'protobuf';

/** What kind of reply is wanted. */
export type Wanted = 'object' | 'metadata';

type Decoders = Map<unknown, ResourceDecoder<never>>;

/** Chooses and keeps the decoders of one client. */
export class MediaTypes {
  readonly #preferred: ContentType;
  readonly #strings = new StringCache();
  readonly #decoders: Readonly<Record<ContentType, Decoders>> = { json: new Map(), protobuf: new Map() };

  constructor(preferred: ContentType) {
    this.#preferred = preferred;
  }

  /** The `Accept` header. JSON is always the last resort. */
  accept(wanted: Wanted): string {
    const types = this.#preferred === 'protobuf' ? [protobuf, json] : [json];
    const narrowed = wanted === 'metadata' ? types.map((type) => `${type};${metadataOnly}`) : [];
    return [...narrowed, ...types].join(',');
  }

  /** @throws MalformedWireError when the content type is none of those asked for */
  decoderFor<T extends KubernetesObject>(resource: Resource<T>, contentType: string): ResourceDecoder<T> {
    const encoding = encodingOf(contentType);
    if (encoding === undefined) {
      throw new MalformedWireError(`the reply is ${contentType === '' ? 'of no type' : contentType}, not ${json}`);
    }
    const decoders = this.#decoders[encoding];
    const known = decoders.get(resource.projection);
    if (known !== undefined) return known;
    const decoder =
      encoding === 'json'
        ? new JsonDecoder(resource.projection, this.#strings)
        : new ProtobufDecoder(resource.projection, this.#strings);
    decoders.set(resource.projection, decoder as unknown as ResourceDecoder<never>);
    return decoder;
  }

  /** The server's account of a failure; undefined when the body is something else. */
  status(body: Buffer, contentType: string): Status | undefined {
    const encoding = encodingOf(contentType);
    if (encoding === undefined) return undefined;
    try {
      return encoding === 'json'
        ? new JsonReader(statusProjection, this.#strings).read(body, 0, body.length)
        : readProtobufStatus(body, this.#strings);
    } catch (error) {
      if (error instanceof MalformedWireError) return undefined;
      throw error;
    }
  }
}

function encodingOf(contentType: string): ContentType | undefined {
  if (contentType.startsWith(protobuf)) return 'protobuf';
  return contentType.startsWith(json) ? 'json' : undefined;
}
