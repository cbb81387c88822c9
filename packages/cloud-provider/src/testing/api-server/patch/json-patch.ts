import { applyPatch } from 'rfc6902';
import type { Operation } from 'rfc6902';
import { isJsonObject } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { StatusError, badRequest } from '../status.ts';

const operations = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);

/**
 * Applies an RFC 6902 patch to a copy of the object.
 *
 * @throws StatusError 400 when it is no JSON patch, 422 when a path is missing or a test fails.
 */
export function applyJsonPatch(target: JsonObject, patch: Json): JsonObject {
  if (!Array.isArray(patch) || !patch.every(isOperation)) {
    throw badRequest(
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    );
  }
  const copy = structuredClone(target);
  const faults = applyPatch(copy, patch as Operation[]);
  if (faults.some((fault) => fault !== null)) {
    const message = 'the server rejected our request due to an error in our request';
    throw new StatusError({ code: 422, reason: 'Invalid', message, details: {} });
  }
  return copy;
}

function isOperation(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  return typeof value['op'] === 'string' && operations.has(value['op']) && typeof value['path'] === 'string';
}
