import type { Node } from '../../api/node.ts';

/** A Node that receives traffic. */
export function testBackend(name: string): Node {
  return {
    metadata: {
      name,
      namespace: '',
      uid: `uid-of-${name}`,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      deletionTimestamp: '',
      labels: {},
      annotations: {},
      finalizers: [],
    },
    spec: { podCIDRs: [], providerID: `fake://${name}`, unschedulable: false, taints: [] },
    status: { conditions: [], addresses: [] },
  };
}
