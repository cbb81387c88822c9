import type { Node, NodeAddress, Taint } from '../../api/node.ts';
import { uninitializedTaint } from '../../api/well-known.ts';
import type { InstanceMetadata, InstanceView } from '../../cloud/instances.ts';
import { defectIn } from '../../cloud/provider-defect.ts';
import { type AddressCondition, planAddressCondition } from './address-condition.ts';
import { desireAddresses, sameAddresses } from './node-addresses.ts';
import { type Labels, newAdditionalLabels, changedTopologyLabels } from './node-labels.ts';

/** What is to be written onto one Node. Undefined or empty parts are right already. */
export interface NodeWrites {
  /** The whole list for `status.addresses`. */
  readonly addresses: readonly NodeAddress[] | undefined;
  /** For `status.conditions`. */
  readonly addressCondition: AddressCondition | undefined;
  /** For `spec.providerID`. */
  readonly providerID: string | undefined;
  /** To set. */
  readonly labels: Labels;
  /** The whole list for `spec.taints`. */
  readonly taints: readonly Taint[] | undefined;
}

/** Why a node can't be initialised yet. */
export interface Obstacle {
  readonly kind: 'obstacle';
  /** CamelCase, the reason of the Event. */
  readonly reason: string;
  readonly message: string;
  /** `transient`: likely to pass without anybody's doing, so that people are told only when it lasts. */
  readonly expectation: 'transient' | 'lasting';
}

export type InitializationPlan =
  | { readonly kind: 'writes'; readonly writes: NodeWrites }
  | { readonly kind: 'handsOff' }
  | Obstacle;

/** Whether the node still waits for its cloud's manager. */
export function isUninitialized(node: Node): boolean {
  return node.spec.taints.some((taint) => taint.key === uninitializedTaint);
}

/** Everything that makes the node complete, or why that is not possible now. Pure. */
export function planInitialization(node: Node, view: InstanceView): InitializationPlan {
  switch (view.kind) {
    case 'foreign':
      return { kind: 'handsOff' };
    case 'absent':
      return lasting('InstanceNotFound', `the cloud has no machine for this node: ${view.evidence.statement}`);
    case 'replaced':
      return lasting(
        'InstanceReplaced',
        `the node's providerID is ${node.spec.providerID}, but the machine of its name is ${view.providerID}; delete the Node if the machine was replaced`,
      );
    case 'ambiguous':
      return lasting('InstanceAmbiguous', `several machines fit this node: ${view.ids.join(', ')}`);
    case 'unknown': {
      const defect = defectIn(view.reason);
      if (defect) return lasting(defect.code, defect.message);
      return {
        kind: 'obstacle',
        reason: 'InstanceUnknown',
        message: `the cloud could not be asked about this node's machine: ${view.reason.message}`,
        expectation: view.reason.isRetriable ? 'transient' : 'lasting',
      };
    }
    case 'present':
      // Pods would be scheduled onto a machine that is about to go.
      if (view.state === 'terminating')
        return lasting('InstanceTerminating', 'the machine of this node is being terminated');
      if (view.metadata === undefined)
        return transient('InstanceMetadataMissing', 'the cloud did not describe the machine');
      return planPresent(node, view.metadata);
  }
}

function planPresent(node: Node, metadata: InstanceMetadata): InitializationPlan {
  const providerID = node.spec.providerID !== '' ? node.spec.providerID : metadata.providerID;
  if (providerID === '') {
    return lasting(
      'ProviderIDMissing',
      'the cloud gave no providerID and the node has none; without one it must not be used',
    );
  }
  const labels = {
    ...newAdditionalLabels(node.metadata.labels, metadata),
    ...changedTopologyLabels(node.metadata.labels, metadata),
  };
  return {
    kind: 'writes',
    writes: {
      ...planStatus(node, metadata),
      providerID: node.spec.providerID === '' ? providerID : undefined,
      labels,
      taints: node.spec.taints.filter((taint) => taint.key !== uninitializedTaint),
    },
  };
}

/** What keeps the address and providerID of an initialised node true to its machine; its labels are applied. Pure. */
export function planUpkeep(node: Node, metadata: InstanceMetadata): NodeWrites {
  return {
    ...planStatus(node, metadata),
    providerID: node.spec.providerID === '' && metadata.providerID !== '' ? metadata.providerID : undefined,
    labels: {},
    taints: undefined,
  };
}

function planStatus(node: Node, metadata: InstanceMetadata): Pick<NodeWrites, 'addresses' | 'addressCondition'> {
  const { addresses, doubt } = desireAddresses(node, metadata.addresses);
  return {
    addresses: sameAddresses(node.status.addresses, addresses) ? undefined : addresses,
    addressCondition: planAddressCondition(node, doubt),
  };
}

/** Whether a write of the status is due. */
export function hasStatusWrite(writes: NodeWrites): boolean {
  return writes.addresses !== undefined || writes.addressCondition !== undefined;
}

/** Whether a main write (everything but the status) is due. */
export function hasMainWrite(writes: NodeWrites): boolean {
  return writes.providerID !== undefined || writes.taints !== undefined || Object.keys(writes.labels).length > 0;
}

function lasting(reason: string, message: string): Obstacle {
  return { kind: 'obstacle', reason, message, expectation: 'lasting' };
}

function transient(reason: string, message: string): Obstacle {
  return { kind: 'obstacle', reason, message, expectation: 'transient' };
}
