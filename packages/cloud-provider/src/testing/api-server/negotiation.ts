import type { Codec } from './codec.ts';
import { jsonCodec } from './json-codec.ts';
import { protobufCodec, protobufType, speaksProtobuf } from './protobuf/protobuf-codec.ts';
import type { Registry } from './registry.ts';
import type { ResourceDefinition } from './resource.ts';
import { StatusError } from './status.ts';
import { partialMetadataCodec, tableCodec } from './table-codec.ts';
import type { IncludeObject } from './table.ts';

/** One of the alternatives of an `Accept` header, in the client's order. */
export interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

export function parseAccept(header: string | undefined): readonly MediaRange[] {
  if (header === undefined || header.trim() === '') return [{ type: '*/*', parameters: new Map() }];
  return header.split(',').map((part) => {
    const [type = '', ...parameters] = part.split(';').map((one) => one.trim());
    const pairs = parameters.map((one): [string, string] => {
      const at = one.indexOf('=');
      return at < 0 ? [one, ''] : [one.slice(0, at), one.slice(at + 1)];
    });
    return { type: type.toLowerCase(), parameters: new Map(pairs) };
  });
}

const jsonTypes = new Set(['application/json', 'application/*', '*/*']);

/**
 * Chooses how to answer a request for objects: the first alternative of the client's that the server knows.
 *
 * @throws StatusError 406
 */
export function chooseCodec(
  registry: Registry,
  request: {
    readonly accept: string | undefined;
    readonly include: IncludeObject;
    readonly resource: ResourceDefinition;
  },
): Codec {
  const { accept, include, resource } = request;
  for (const { type, parameters } of parseAccept(accept)) {
    if (type === protobufType && parameters.get('as') === undefined && speaksProtobuf(resource))
      return protobufCodec(registry);
    if (!jsonTypes.has(type)) continue;
    const form = parameters.get('as');
    if (form === undefined) return jsonCodec(registry);
    if (parameters.get('g') !== 'meta.k8s.io' || parameters.get('v') !== 'v1') continue;
    if (form === 'Table') return tableCodec(registry, include);
    if (form === 'PartialObjectMetadata' || form === 'PartialObjectMetadataList') return partialMetadataCodec();
  }
  throw notAcceptable();
}

function notAcceptable(): StatusError {
  const message =
    '406: Not Acceptable\n\nAvailable representations: application/json, application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch';
  return new StatusError({ code: 406, reason: 'NotAcceptable', message, details: {} });
}
