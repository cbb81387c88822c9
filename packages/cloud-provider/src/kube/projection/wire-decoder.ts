import type { WatchEvent } from '../client/kube-client.ts';
import type { ListMeta, Status } from './status.ts';

/** Receives the events of a watch; the ERROR event goes to {@link onStatus}. */
export interface WatchSink<T> {
  onEvent(event: WatchEvent<T>): void;
  onStatus(status: Status): void;
}

/** Takes the body of a reply chunk by chunk. Chunks may be reused by the caller once the call returned. */
export interface ChunkDecoder<Result> {
  /** @throws MalformedWireError, or what the sink throws */
  push(chunk: Buffer): void;
  /** The body is complete. @throws MalformedWireError when it ends in the middle of something */
  finish(): Result;
}

/** All readers of one resource in one encoding. */
export interface ResourceDecoder<T> {
  /** One whole object. @throws MalformedWireError */
  object(body: Buffer): T;
  /** The version out of an object or a PartialObjectMetadata. @throws MalformedWireError */
  resourceVersion(body: Buffer): string;
  list(onItem: (item: T) => void): ChunkDecoder<ListMeta>;
  watch(sink: WatchSink<T>): ChunkDecoder<void>;
}
