import type { Node, NodeAddress, Taint } from '../../api/node.ts';
import type { Patch } from '../../kube/client/patch.ts';
import { wireAddressCondition } from './address-condition.ts';
import type { NodeWrites } from './plan-node.ts';

/**
 * The patch of `nodes/status`, bound to the version that the plan was made from: a write in between must not be
 * overwritten.
 */
export function statusPatch(node: Node, writes: NodeWrites, now: Date): Patch {
  const { addresses, addressCondition } = writes;
  const { uid, resourceVersion } = node.metadata;
  return {
    type: 'strategic',
    body: {
      metadata: { uid, resourceVersion },
      status: {
        ...(addresses && { addresses: replacement(addresses) }),
        ...(addressCondition && { conditions: [wireAddressCondition(node, addressCondition, now)] }),
      },
    },
  };
}

/** The API merges addresses by type, which would lose one of two of a type; the directive replaces the list. */
function replacement(addresses: readonly NodeAddress[]): readonly object[] {
  return [...addresses.map(({ type, address }) => ({ type, address })), { $patch: 'replace' }];
}

/**
 * The patch of the Node itself. Taints have no merge key, so that the list is written whole; the version keeps a taint that
 * was added meanwhile.
 */
export function mainPatch(node: Node, writes: NodeWrites, resourceVersion: string): Patch {
  const { labels, providerID, taints } = writes;
  const spec = {
    ...(providerID === undefined ? {} : { providerID }),
    ...(taints === undefined ? {} : { taints: taints.length === 0 ? null : taints.map(wireTaint) }),
  };
  return {
    type: 'strategic',
    body: {
      metadata: {
        uid: node.metadata.uid,
        resourceVersion,
        ...(Object.keys(labels).length === 0 ? {} : { labels }),
      },
      ...(Object.keys(spec).length === 0 ? {} : { spec }),
    },
  };
}

function wireTaint(taint: Taint): Readonly<Record<string, string>> {
  return {
    key: taint.key,
    ...(taint.value === '' ? {} : { value: taint.value }),
    effect: taint.effect,
    ...(taint.timeAdded === '' ? {} : { timeAdded: taint.timeAdded }),
  };
}
