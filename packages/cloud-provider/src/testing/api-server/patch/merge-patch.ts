import { isJsonObject } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';

/** Applies an RFC 7386 merge patch: null removes, objects merge, all else replaces. */
export function applyMergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const result: Record<string, Json | undefined> = { ...target };
  for (const [name, change] of Object.entries(patch)) {
    if (change === null || change === undefined) {
      delete result[name];
    } else if (isJsonObject(change)) {
      const before = result[name];
      result[name] = applyMergePatch(isJsonObject(before) ? before : {}, change);
    } else {
      result[name] = change;
    }
  }
  return result;
}
