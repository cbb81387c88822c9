import type { Codec } from './codec.ts';
import type { StoredObject } from './collection.ts';
import type { Json, JsonObject } from './json.ts';
import { bookmarkMetadata, jsonEvent, listMetadata } from './json-codec.ts';
import type { Registry } from './registry.ts';
import { groupVersion } from './resource.ts';
import type { ResourceDefinition } from './resource.ts';
import { columnDefinitions } from './table.ts';
import type { IncludeObject } from './table.ts';
import type { WatchEvent } from './watch.ts';

const metaVersion = 'meta.k8s.io/v1';

/** Tables: what `kubectl get` asks for. */
export function tableCodec(registry: Registry, include: IncludeObject): Codec {
  const row = (resource: ResourceDefinition, stored: StoredObject): JsonObject => {
    const now = registry.clock.now();
    return {
      cells: resource.columns.map((column) => column.cell(stored.object, now)),
      object: rowObject(registry, { resource, stored, include }),
    };
  };
  const table = (
    resource: ResourceDefinition,
    content: { metadata: JsonObject; rows: readonly Json[] },
  ): JsonObject => ({
    kind: 'Table',
    apiVersion: metaVersion,
    metadata: content.metadata,
    columnDefinitions: columnDefinitions(resource.columns),
    rows: content.rows,
  });
  // A client keeps the columns of the first event; later events come without, like the real server's.
  let isFirst = true;
  const eventObject = (resource: ResourceDefinition, event: Exclude<WatchEvent, { type: 'ERROR' }>): JsonObject => {
    const content =
      event.type === 'BOOKMARK'
        ? { metadata: bookmarkMetadata(event), rows: [] }
        : {
            metadata: { resourceVersion: String(event.stored.revision) },
            rows: [row(resource, event.stored)],
          };
    const shown = table(resource, content);
    const columns = isFirst ? shown['columnDefinitions'] : null;
    isFirst = false;
    return { ...shown, columnDefinitions: columns };
  };
  return {
    mediaType: 'application/json',
    watchMediaType: 'application/json',
    object: (resource, stored) =>
      line(table(resource, { metadata: { resourceVersion: String(stored.revision) }, rows: [row(resource, stored)] })),
    list: (resource, result) => [
      line(
        table(resource, { metadata: listMetadata(result), rows: result.items.map((stored) => row(resource, stored)) }),
      ),
    ],
    event: (resource, event) =>
      event.type === 'ERROR'
        ? jsonEvent('ERROR', event.error.toStatus())
        : jsonEvent(event.type, eventObject(resource, event)),
    status: (error) => line(error.toStatus()),
  };
}

function rowObject(
  registry: Registry,
  row: { readonly resource: ResourceDefinition; readonly stored: StoredObject; readonly include: IncludeObject },
): Json {
  const { resource, stored } = row;
  switch (row.include) {
    case 'None':
      return null;
    case 'Metadata':
      return partialObject(stored);
    case 'Object':
      return { kind: resource.kind, apiVersion: groupVersion(resource), ...registry.present(resource, stored.object) };
  }
}

/** Metadata alone: `PartialObjectMetadata`. */
export function partialMetadataCodec(): Codec {
  return {
    mediaType: 'application/json',
    watchMediaType: 'application/json',
    object: (_resource, stored) => line(partialObject(stored)),
    list: (_resource, result) => [
      line({
        kind: 'PartialObjectMetadataList',
        apiVersion: metaVersion,
        metadata: listMetadata(result),
        items: result.items.map((stored) => ({ metadata: stored.object.metadata })),
      }),
    ],
    event(_resource, event) {
      switch (event.type) {
        case 'BOOKMARK':
          return jsonEvent('BOOKMARK', { ...partialKind, metadata: bookmarkMetadata(event) });
        case 'ERROR':
          return jsonEvent('ERROR', event.error.toStatus());
        case 'ADDED':
        case 'MODIFIED':
        case 'DELETED':
          return jsonEvent(event.type, partialObject(event.stored));
      }
    },
    status: (error) => line(error.toStatus()),
  };
}

const partialKind = { kind: 'PartialObjectMetadata', apiVersion: metaVersion };

function partialObject(stored: StoredObject): JsonObject {
  return { ...partialKind, metadata: stored.object.metadata };
}

function line(value: JsonObject): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}
