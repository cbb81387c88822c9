import type { StoredObject } from './collection.ts';
import type { ListResult } from './reads.ts';
import type { ResourceDefinition } from './resource.ts';
import type { StatusError } from './status.ts';
import type { WatchEvent } from './watch.ts';

/** One way of putting objects on the wire: an encoding together with the form that the client asked for. */
export interface Codec {
  readonly mediaType: string;
  readonly watchMediaType: string;
  object(resource: ResourceDefinition, stored: StoredObject): Buffer;
  /** In pieces, because a list may be larger than is good to hold twice. */
  list(resource: ResourceDefinition, result: ListResult): Iterable<Buffer>;
  /** With its framing. */
  event(resource: ResourceDefinition, event: WatchEvent): Buffer;
  status(error: StatusError): Buffer;
}
