import type { Registry } from './registry.ts';
import type { Codec } from './codec.ts';
import type { StoredObject } from './collection.ts';
import type { JsonObject } from './json.ts';
import { groupVersion } from './resource.ts';
import type { ResourceDefinition } from './resource.ts';
import { decode } from './decode.ts';
import type { ListResult } from './reads.ts';

const comma = Buffer.from(',');
const listEnd = Buffer.from(']}\n');
const eventEnd = Buffer.from('}\n');

/** Plain JSON. An object is serialised once, for every reply, list and watch that carries it. */
export function jsonCodec(registry: Registry): Codec {
  const body = (resource: ResourceDefinition, stored: StoredObject): Buffer => {
    const key = `json ${resource.group}`;
    let encoded = stored.encodings.get(key);
    if (!encoded) {
      encoded = Buffer.from(JSON.stringify(registry.present(resource, stored.object)));
      stored.encodings.set(key, encoded);
    }
    return encoded;
  };
  const typed = (resource: ResourceDefinition, stored: StoredObject): readonly Buffer[] => [
    Buffer.from(`{"kind":"${resource.kind}","apiVersion":"${groupVersion(resource)}",`),
    body(resource, stored).subarray(1),
  ];
  return {
    mediaType: 'application/json',
    watchMediaType: 'application/json',
    object: (resource, stored) => Buffer.concat([...typed(resource, stored), Buffer.from('\n')]),
    *list(resource, result) {
      yield Buffer.from(listStart(`${resource.kind}List`, groupVersion(resource), result));
      let first = true;
      for (const stored of result.items) {
        if (!first) yield comma;
        first = false;
        yield body(resource, stored);
      }
      yield listEnd;
    },
    event(resource, event) {
      switch (event.type) {
        case 'BOOKMARK':
          return jsonEvent('BOOKMARK', bookmarkObject(resource, event));
        case 'ERROR':
          return jsonEvent('ERROR', event.error.toStatus());
        case 'ADDED':
        case 'MODIFIED':
        case 'DELETED': {
          const key = `json ${resource.group} ${event.type}`;
          const known = event.encodings?.get(key);
          if (known) return known;
          const start = Buffer.from(`{"type":"${event.type}","object":`);
          const encoded = Buffer.concat([start, ...typed(resource, event.stored), eventEnd]);
          event.encodings?.set(key, encoded);
          return encoded;
        }
      }
    },
    status: (error) => Buffer.from(`${JSON.stringify(error.toStatus())}\n`),
  };
}

/** The opening of a list up to its first item. */
export function listStart(kind: string, apiVersion: string, result: ListResult): string {
  return `{"kind":"${kind}","apiVersion":"${apiVersion}","metadata":${JSON.stringify(listMetadata(result))},"items":[`;
}

export function listMetadata(result: ListResult): JsonObject {
  return {
    resourceVersion: String(result.revision),
    ...(result.continueToken === undefined ? {} : { continue: result.continueToken }),
    ...(result.remaining === undefined ? {} : { remainingItemCount: result.remaining }),
  };
}

export function jsonEvent(type: string, object: JsonObject): Buffer {
  return Buffer.from(`${JSON.stringify({ type, object })}\n`);
}

/** The metadata of a bookmark, which says nothing but a version. */
export function bookmarkMetadata(bookmark: {
  readonly revision: number;
  readonly isInitialEventsEnd: boolean;
}): JsonObject {
  const annotations = bookmark.isInitialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
  return { resourceVersion: String(bookmark.revision), ...annotations };
}

/** A bookmark is an empty object of the watched kind. */
function bookmarkObject(
  resource: ResourceDefinition,
  bookmark: { readonly revision: number; readonly isInitialEventsEnd: boolean },
): JsonObject {
  const type = resource.conversion?.wireType ?? resource.type;
  const empty = decode(type, { metadata: bookmarkMetadata(bookmark) }).value;
  return { kind: resource.kind, apiVersion: groupVersion(resource), ...empty };
}
