import type { Node } from '../../api/node.ts';

/** Whether two versions of a node want the same routes. Cheap: it is asked for each heartbeat. */
export function wantSameRoutes(old: Node, next: Node): boolean {
  if (old === next) return true;
  return (
    old.metadata.uid === next.metadata.uid &&
    old.spec.providerID === next.spec.providerID &&
    isSameList(old.spec.podCIDRs, next.spec.podCIDRs, (left, right) => left === right) &&
    isSameList(
      old.status.addresses,
      next.status.addresses,
      (left, right) => left.type === right.type && left.address === right.address,
    )
  );
}

function isSameList<T>(left: readonly T[], right: readonly T[], isSame: (left: T, right: T) => boolean): boolean {
  if (left.length !== right.length) return false;
  return left.every((item, index) => {
    const other = right[index];
    return other !== undefined && isSame(item, other);
  });
}
