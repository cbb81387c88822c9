import type { OperationOutputs } from '@ccm-ts/cloud-provider';
import type { IngressRule } from '../../client/ec2-port.ts';
import type { Target } from '../../client/elbv2-port.ts';
import type { NetworkObserved, ObservedTargetGroup } from './observe.ts';
import type { NetworkOperation } from './operations.ts';

/** The state after the operation, without reading again. Pure. */
export function foldNetworkOperation(
  observed: NetworkObserved,
  operation: NetworkOperation,
  outputs: OperationOutputs,
): NetworkObserved {
  const { action } = operation;
  const ownership = { kind: 'ours', proof: 'stamp' } as const;
  const arn = outputs.arn ?? '';
  switch (action.kind) {
    case 'create-load-balancer': {
      const { name, scheme, subnetIDs } = action.input;
      const { dnsName = '', state = '', vpcID = '' } = outputs;
      const loadBalancer = { arn, name, type: 'network', scheme, state, dnsName, vpcID, subnetIDs, ownership };
      return { ...observed, loadBalancer };
    }
    case 'delete-load-balancer':
      return { ...observed, loadBalancer: undefined, listeners: [] };
    case 'create-target-group': {
      const { name, port, protocol, vpcID, healthCheck } = action.input;
      const created = { arn, name, port, protocol, vpcID, healthCheck, loadBalancerArns: [], ownership, targets: [] };
      return { ...observed, targetGroups: [...observed.targetGroups, created] };
    }
    case 'modify-health-check':
      return withTargetGroup(observed, action.targetGroup, (group) => ({
        ...group,
        healthCheck: { ...group.healthCheck, ...action.change },
      }));
    case 'delete-target-group':
      return { ...observed, targetGroups: observed.targetGroups.filter((group) => group.arn !== action.arn) };
    case 'register-targets': {
      const refused = new Set((outputs.refused ?? '').split(','));
      const registered = action.targets.filter(({ id }) => !refused.has(id));
      return withTargetGroup(observed, action.targetGroup, (group) => ({
        ...group,
        targets: [...group.targets, ...registered],
      }));
    }
    case 'deregister-targets': {
      const gone = new Set(action.targets.map(targetKey));
      return withTargetGroup(observed, action.targetGroup, (group) => ({
        ...group,
        targets: group.targets.filter((target) => !gone.has(targetKey(target))),
      }));
    }
    case 'create-listener': {
      const targetGroupArn = targetGroupArnOf(observed, action.targetGroup);
      const listener = { arn, port: action.port, protocol: action.protocol, targetGroupArn };
      return { ...observed, listeners: [...observed.listeners, listener] };
    }
    case 'point-listener': {
      const targetGroupArn = targetGroupArnOf(observed, action.targetGroup);
      const listeners = observed.listeners.map((listener) =>
        listener.arn === action.arn ? { ...listener, targetGroupArn } : listener,
      );
      return { ...observed, listeners };
    }
    case 'delete-listener':
      return { ...observed, listeners: observed.listeners.filter((listener) => listener.arn !== action.arn) };
    case 'authorize-rules':
    case 'revoke-rules': {
      const group = observed.securityGroups?.get(action.groupID);
      if (observed.securityGroups === undefined || group === undefined) return observed;
      // What `apply` wrote into the outputs.
      const rules = JSON.parse(outputs.rules ?? '[]') as readonly IngressRule[];
      const after = { ...group, rules, revision: Number(outputs.revision) };
      return { ...observed, securityGroups: new Map(observed.securityGroups).set(action.groupID, after) };
    }
  }
}

function withTargetGroup(
  observed: NetworkObserved,
  name: string,
  change: (group: ObservedTargetGroup) => ObservedTargetGroup,
): NetworkObserved {
  const targetGroups = observed.targetGroups.map((group) => (group.name === name ? change(group) : group));
  return { ...observed, targetGroups };
}

function targetGroupArnOf(observed: NetworkObserved, name: string): string {
  return observed.targetGroups.find((group) => group.name === name)?.arn ?? '';
}

function targetKey(target: Target): string {
  return `${target.id}:${target.port}`;
}
