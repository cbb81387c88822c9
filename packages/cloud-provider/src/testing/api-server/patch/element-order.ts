import { equalJson, isJsonObject } from '../json.ts';
import type { Json } from '../json.ts';

/** Says whether two list items stand for the same thing: by merge key, or by value. */
export function sameItem(left: Json, right: Json, mergeKey: string | undefined): boolean {
  if (mergeKey === undefined) return left === right;
  return isJsonObject(left) && isJsonObject(right) && equalJson(left[mergeKey], right[mergeKey]);
}

export interface OrderRequest {
  readonly merged: readonly Json[];
  /** The order that the patch asks for; items it does not name keep their place relative to each other. */
  readonly wanted: readonly Json[];
  /** The list before the patch. */
  readonly before: readonly Json[];
  readonly mergeKey: string | undefined;
}

/**
 * Puts a merged list in order as the real server does: the items that the patch names in the patch's order, the others in
 * their old order, and both interleaved by their old order as far as it is known; otherwise the patch's items come first.
 * Source: k8s.io/apimachinery, strategicpatch `normalizeElementOrder`.
 */
export function orderItems(request: OrderRequest): readonly Json[] {
  const { merged, wanted, before, mergeKey } = request;
  const place = (order: readonly Json[], item: Json): number => order.findIndex((one) => sameItem(one, item, mergeKey));
  const named = merged.filter((item) => place(wanted, item) >= 0);
  const others = merged.filter((item) => place(wanted, item) < 0);
  const left = others.toSorted((one, other) => place(before, one) - place(before, other));
  const right = named.toSorted((one, other) => place(wanted, one) - place(wanted, other));
  const result: Json[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    const fromLeft = left[i];
    const fromRight = right[j];
    if (fromRight === undefined || (fromLeft !== undefined && isBefore(place, before, [fromLeft, fromRight]))) {
      if (fromLeft !== undefined) result.push(fromLeft);
      i += 1;
    } else {
      result.push(fromRight);
      j += 1;
    }
  }
  return result;
}

function isBefore(
  place: (order: readonly Json[], item: Json) => number,
  order: readonly Json[],
  [left, right]: readonly [Json, Json],
): boolean {
  const leftPlace = place(order, left);
  const rightPlace = place(order, right);
  return leftPlace >= 0 && rightPlace >= 0 && leftPlace < rightPlace;
}
