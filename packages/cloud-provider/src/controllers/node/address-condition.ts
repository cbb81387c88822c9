import type { Node, NodeCondition } from '../../api/node.ts';

/** The condition of a Node whose addresses can't be what both its cloud and its kubelet say. It keeps nothing from working. */
export const doubtfulAddresses = 'CloudAddressesDoubtful';

/** What is wrong with the addresses of a Node. */
export interface AddressDoubt {
  readonly reason: 'ProvidedNodeIPInvalid' | 'CloudAddressInvalid';
  /** Names the value and what to do. */
  readonly message: string;
}

/** What is to be written of the condition. */
export interface AddressCondition {
  readonly status: 'True' | 'False';
  readonly reason: AddressDoubt['reason'] | 'AddressesUsable';
  readonly message: string;
}

/** Undefined when the condition says so already; a Node that never had a doubt has no condition. Pure. */
export function planAddressCondition(node: Node, doubt: AddressDoubt | undefined): AddressCondition | undefined {
  const present = findAddressCondition(node);
  if (doubt) {
    const isSaid = present?.status === 'True' && present.reason === doubt.reason;
    return isSaid ? undefined : { status: 'True', ...doubt };
  }
  if (present === undefined || present.status === 'False') return undefined;
  return { status: 'False', reason: 'AddressesUsable', message: "the cloud's addresses of this machine are usable" };
}

/** The entry for a patch of `status.conditions`, which merge by type. */
export function wireAddressCondition(node: Node, condition: AddressCondition, now: Date): object {
  const time = `${now.toISOString().slice(0, 19)}Z`;
  const present = findAddressCondition(node);
  const isTransition = present?.status !== condition.status || present.lastTransitionTime === '';
  const lastTransitionTime = isTransition ? time : present.lastTransitionTime;
  return { type: doubtfulAddresses, ...condition, lastHeartbeatTime: time, lastTransitionTime };
}

function findAddressCondition(node: Node): NodeCondition | undefined {
  return node.status.conditions.find(({ type }) => type === doubtfulAddresses);
}
