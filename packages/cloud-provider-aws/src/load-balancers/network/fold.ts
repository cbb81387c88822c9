import type { OperationOutputs } from '@ccm-ts/cloud-provider';
import type { LoadBalancer, Target } from '../../client/elbv2-port.ts';
import type { Tags } from '../../cluster-tags.ts';
import type { NetworkObserved, ObservedTargetGroup } from './observe.ts';
import type { NetworkOperation } from './operations.ts';
import type { ObservedSecurityGroup } from '../surroundings/security-group-ledger.ts';

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
      const { name, scheme, subnets, securityGroupIDs, tags } = action.input;
      const { addressType = 'ipv4', ipv6SourceNat = 'off' } = action.input;
      const own = action.groups === 'own' && observed.ownGroup !== undefined ? [observed.ownGroup.id] : [];
      const { dnsName = '', state = '', vpcID = '' } = outputs;
      const loadBalancer = {
        arn,
        name,
        type: 'network',
        scheme,
        state,
        dnsName,
        vpcID,
        subnetIDs: subnets.map(({ subnetID }) => subnetID),
        allocationIDs: subnets.map(({ allocationID }) => allocationID).filter((id) => id !== ''),
        privateAddresses: subnets.map(({ privateAddress }) => privateAddress).filter((address) => address !== ''),
        securityGroupIDs: [...securityGroupIDs, ...own],
        addressType,
        ipv6SourceNat,
        ownership,
      };
      return withTags({ ...observed, loadBalancer, attributes: newAttributes }, [arn], tags);
    }
    case 'delete-load-balancer':
      return { ...observed, loadBalancer: undefined, attributes: undefined, listeners: [] };
    case 'set-security-groups': {
      const ids = action.groups.kind === 'given' ? action.groups.ids : [observed.ownGroup?.id ?? ''];
      return withLoadBalancer(observed, { securityGroupIDs: ids });
    }
    case 'set-address-type':
      return withLoadBalancer(observed, { addressType: action.addressType });
    case 'set-subnets': {
      const { subnets, ...addresses } = action.change;
      return withLoadBalancer(observed, { subnetIDs: subnets.map(({ subnetID }) => subnetID), ...addresses });
    }
    case 'modify-load-balancer-attributes':
      return { ...observed, attributes: { ...observed.attributes, ...action.attributes } };
    case 'modify-target-group-attributes':
      return withTargetGroup(observed, action.targetGroup, (group) => ({
        ...group,
        attributes: { ...group.attributes, ...action.attributes },
      }));
    case 'add-tags':
      return withTags(observed, action.arns, action.tags);
    case 'create-security-group': {
      const { name, vpcID, tags } = action.input;
      const id = outputs.id ?? '';
      const created = { id, name, vpcID, tags, rules: [], revision: 0 };
      const securityGroups = new Map(observed.securityGroups).set(id, created);
      return { ...observed, securityGroups, ownGroup: { id, name, ownership } };
    }
    case 'delete-security-group': {
      const securityGroups = new Map(observed.securityGroups);
      securityGroups.delete(action.id);
      return { ...observed, securityGroups, ownGroup: undefined };
    }
    case 'create-target-group': {
      const { name, port, protocol, vpcID, healthCheck, tags } = action.input;
      const created: ObservedTargetGroup = {
        arn,
        name,
        port,
        protocol,
        vpcID,
        healthCheck,
        loadBalancerArns: [],
        ownership,
        targets: [],
        attributes: {},
      };
      return withTags({ ...observed, targetGroups: [...observed.targetGroups, created] }, [arn], tags);
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
      const { port, protocol, tls, tags } = action;
      const listener = { arn, port, protocol, targetGroupArn, tls };
      return withTags({ ...observed, listeners: [...observed.listeners, listener] }, [arn], tags);
    }
    case 'modify-listener': {
      const { targetGroup, tls } = action;
      const listeners = observed.listeners.map((listener) =>
        listener.arn !== action.arn
          ? listener
          : {
              ...listener,
              ...(targetGroup === undefined ? {} : { targetGroupArn: targetGroupArnOf(observed, targetGroup) }),
              ...(tls === undefined ? {} : { tls: { ...tls, policy: tls.policy || (listener.tls?.policy ?? '') } }),
            },
      );
      return { ...observed, listeners };
    }
    case 'delete-listener':
      return { ...observed, listeners: observed.listeners.filter((listener) => listener.arn !== action.arn) };
    case 'authorize-rules':
    case 'revoke-rules':
    case 'authorize-own-rules':
    case 'revoke-own-rules': {
      const groupID = 'groupID' in action ? action.groupID : (observed.ownGroup?.id ?? '');
      if (observed.securityGroups === undefined || outputs.group === undefined) return observed;
      // What `apply` wrote into the outputs.
      const after = JSON.parse(outputs.group) as ObservedSecurityGroup;
      return { ...observed, securityGroups: new Map(observed.securityGroups).set(groupID, after) };
    }
  }
}

/** What AWS gives every new load balancer, of that which is ever changed here. */
const newAttributes = { 'load_balancing.cross_zone.enabled': 'false', 'access_logs.s3.enabled': 'false' };

function withLoadBalancer(observed: NetworkObserved, change: Partial<LoadBalancer>): NetworkObserved {
  if (observed.loadBalancer === undefined) return observed;
  return { ...observed, loadBalancer: { ...observed.loadBalancer, ...change } };
}

function withTags(observed: NetworkObserved, arns: readonly string[], tags: Tags): NetworkObserved {
  const after = new Map(observed.tags);
  for (const arn of arns) after.set(arn, { ...after.get(arn), ...tags });
  return { ...observed, tags: after };
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
