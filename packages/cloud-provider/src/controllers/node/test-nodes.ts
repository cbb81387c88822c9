import type { Node, NodeAddress, Taint } from '../../api/node.ts';
import { uninitializedTaint } from '../../api/well-known.ts';
import type { InstanceMetadata } from '../../cloud/instances.ts';

export interface TestNodeOptions {
  readonly uid?: string;
  readonly providerID?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly addresses?: readonly NodeAddress[];
  readonly taints?: readonly Taint[];
}

export const waitingTaint: Taint = { key: uninitializedTaint, value: 'true', effect: 'NoSchedule', timeAdded: '' };

/** A Node as a kubelet with an external cloud provider registers it, unless told otherwise. */
export function testNode(name: string, options: TestNodeOptions = {}): Node {
  return {
    metadata: {
      name,
      namespace: '',
      uid: options.uid ?? `uid-of-${name}`,
      resourceVersion: '1',
      creationTimestamp: '2025-12-31T23:59:50Z',
      deletionTimestamp: '',
      labels: options.labels ?? {},
      annotations: options.annotations ?? {},
      finalizers: [],
    },
    spec: {
      podCIDRs: [],
      providerID: options.providerID ?? '',
      unschedulable: false,
      taints: options.taints ?? [waitingTaint],
    },
    status: { conditions: [], addresses: options.addresses ?? [{ type: 'Hostname', address: name }] },
  };
}

export function testMetadata(options: Partial<InstanceMetadata> = {}): InstanceMetadata {
  return {
    providerID: 'fake://12345',
    instanceType: '',
    addresses: [],
    zone: '',
    region: '',
    additionalLabels: {},
    ...options,
  };
}

/** `InternalIP=10.0.0.1` and so on, in order. */
export function addressList(...entries: readonly string[]): readonly NodeAddress[] {
  return entries.map((entry) => {
    const [type = '', address = ''] = entry.split('=');
    return { type, address };
  });
}
