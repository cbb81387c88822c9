import type { Applied } from '../field-ownership/record-managers.ts';
import { isJsonObject } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { parseJson } from '../request-body.ts';
import type { StructType } from '../schema.ts';
import { badRequest, unsupportedMediaType } from '../status.ts';
import { applyJsonPatch } from './json-patch.ts';
import { applyMergePatch } from './merge-patch.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';

export interface PatchRequest {
  readonly content: Json;
  readonly apply: (current: JsonObject) => JsonObject;
  /** Set for a server-side apply. */
  readonly applied?: Applied;
}

/** Reads a patch by its media type. @throws StatusError 400, 415 */
export function readPatch(mediaType: string, body: Buffer, type: StructType): PatchRequest {
  switch (mediaType) {
    case 'application/json-patch+json': {
      const content = parse(body);
      return { content, apply: (current) => applyJsonPatch(current, content) };
    }
    case 'application/merge-patch+json': {
      const content = parseObjectPatch(body);
      return { content, apply: (current) => applyMergePatch(current, content) };
    }
    case 'application/strategic-merge-patch+json': {
      const content = parseObjectPatch(body);
      return { content, apply: (current) => applyStrategicMergePatch(type, current, content) };
    }
    default:
      throw unsupportedMediaType('415: Unsupported Media Type');
  }
}

function parse(body: Buffer): Json {
  const content = parseJson(body.toString());
  if (content === undefined) throw badRequest('error decoding patch: invalid JSON');
  return content;
}

function parseObjectPatch(body: Buffer): JsonObject {
  const content = parse(body);
  if (isJsonObject(content)) return content;
  const got = Array.isArray(content) ? 'array' : typeof content;
  throw badRequest(`error decoding patch: json: cannot unmarshal ${got} into Go value of type map[string]interface {}`);
}
