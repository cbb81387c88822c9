import type { Codec } from '../codec.ts';
import type { StoredObject } from '../collection.ts';
import { decode } from '../decode.ts';
import type { JsonObject } from '../json.ts';
import { bookmarkMetadata, listMetadata } from '../json-codec.ts';
import type { Registry } from '../registry.ts';
import { groupVersion } from '../resource.ts';
import type { ResourceDefinition } from '../resource.ts';
import { field, int, list, string, struct } from '../schema.ts';
import type { FieldType, StructType } from '../schema.ts';
import { encodeMessage, frameEvent, kindOfObject, wrapMessage } from './encode.ts';

export const protobufType = 'application/vnd.kubernetes.protobuf';

const listMeta = struct('ListMeta', {
  selfLink: field(1, string),
  resourceVersion: field(2, string),
  continue: field(3, string),
  remainingItemCount: field(4, int, { pointer: true }),
});

const statusCause = struct('StatusCause', {
  reason: field(1, string),
  message: field(2, string),
  field: field(3, string),
});

const statusDetails = struct('StatusDetails', {
  name: field(1, string),
  group: field(2, string),
  kind: field(3, string),
  causes: field(4, list(statusCause)),
  retryAfterSeconds: field(5, int),
  uid: field(6, string),
});

const status = struct('Status', {
  metadata: field(1, listMeta, { required: true }),
  status: field(2, string),
  message: field(3, string),
  reason: field(4, string),
  details: field(5, statusDetails, { pointer: true }),
  code: field(6, int),
});

/** True when every field of a resource has a protobuf form here; the inside of Pods has none. */
export function speaksProtobuf(resource: ResourceDefinition): boolean {
  return !hasOpenField(typeOf(resource), new Set());
}

function hasOpenField(type: FieldType, seen: Set<FieldType>): boolean {
  switch (type.kind) {
    case 'struct': {
      if (seen.has(type)) return false;
      seen.add(type);
      // FieldsV1 is open by nature: it is JSON inside of protobuf.
      const fields = Object.entries(type.fields).filter(([name]) => name !== 'fieldsV1');
      return fields.some(([, { type: inner }]) => hasOpenField(inner, seen));
    }
    case 'list':
      return hasOpenField(type.element, seen);
    case 'map':
      return hasOpenField(type.value, seen);
    case 'open':
      return true;
    case 'string':
    case 'int':
    case 'bool':
    case 'bytes':
    case 'quantity':
    case 'time':
    case 'microTime':
    case 'intOrString':
      return false;
  }
}

function typeOf(resource: ResourceDefinition): StructType {
  return resource.conversion?.wireType ?? resource.type;
}

/** Kubernetes' protobuf. Like JSON, an object is encoded once for all who read it. */
export function protobufCodec(registry: Registry): Codec {
  const body = (resource: ResourceDefinition, stored: StoredObject): Buffer => {
    const key = `protobuf ${resource.group}`;
    let encoded = stored.encodings.get(key);
    if (!encoded) {
      encoded = encodeMessage(typeOf(resource), registry.present(resource, stored.object));
      stored.encodings.set(key, encoded);
    }
    return encoded;
  };
  const kindOf = (resource: ResourceDefinition): { apiVersion: string; kind: string } => ({
    apiVersion: groupVersion(resource),
    kind: resource.kind,
  });
  const wrappedStatus = (content: JsonObject): Buffer =>
    wrapMessage(kindOfObject(content), encodeMessage(status, content));
  return {
    mediaType: protobufType,
    watchMediaType: `${protobufType};stream=watch`,
    object: (resource, stored) => wrapMessage(kindOf(resource), body(resource, stored)),
    list: (resource, result) => {
      const head = encodeMessage(struct('List', { metadata: field(1, listMeta) }), { metadata: listMetadata(result) });
      const items = result.items.flatMap((stored) => {
        const encoded = body(resource, stored);
        return [itemHead(encoded.length), encoded];
      });
      const { apiVersion, kind } = kindOf(resource);
      return [wrapMessage({ apiVersion, kind: `${kind}List` }, Buffer.concat([head, ...items]))];
    },
    event(resource, event) {
      switch (event.type) {
        case 'BOOKMARK': {
          const { value } = decode(typeOf(resource), { metadata: bookmarkMetadata(event) });
          return frameEvent('BOOKMARK', wrapMessage(kindOf(resource), encodeMessage(typeOf(resource), value)));
        }
        case 'ERROR':
          return frameEvent('ERROR', wrappedStatus(event.error.toStatus()));
        case 'ADDED':
        case 'MODIFIED':
        case 'DELETED': {
          const key = `protobuf ${resource.group} ${event.type}`;
          const known = event.encodings?.get(key);
          if (known) return known;
          const encoded = frameEvent(event.type, wrapMessage(kindOf(resource), body(resource, event.stored)));
          event.encodings?.set(key, encoded);
          return encoded;
        }
      }
    },
    status: (error) => wrappedStatus(error.toStatus()),
  };
}

/** The tag and length of an item of a list, which is field 2. */
function itemHead(length: number): Buffer {
  const bytes = [2 * 8 + 2];
  let rest = length;
  while (rest > 127) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}
