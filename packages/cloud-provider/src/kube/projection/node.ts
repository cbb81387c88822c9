import type { Node, NodeAddress, NodeCondition, NodeSpec, NodeStatus, Taint } from '../../api/node.ts';
import { objectMetaProjection } from './object-meta.ts';
import { bool, list, message, nested, string, stringList, time, uniqueString } from './projection.ts';

const taint = message<Taint>({ key: string(1), value: string(2), effect: string(3), timeAdded: time(4) });

const spec = message<NodeSpec>({
  podCIDRs: stringList(7),
  providerID: uniqueString(3),
  unschedulable: bool(4),
  taints: list(5, taint),
});

const condition = message<NodeCondition>({
  type: string(1),
  status: string(2),
  reason: string(5),
  lastTransitionTime: time(4),
});

const address = message<NodeAddress>({ type: string(1), address: string(2) });

const status = message<NodeStatus>({ conditions: list(4, condition), addresses: list(5, address) });

/** Numbers: k8s.io/api/core/v1/generated.proto. */
export const nodeProjection = message<Node>({
  metadata: nested(1, objectMetaProjection),
  spec: nested(2, spec),
  status: nested(3, status),
});
