import type { OperationOutputs } from '@ccm-ts/cloud-provider';
import type { AttributeChange, ClassicAttributes, PolicyTarget } from '../../client/classic-elb-port.ts';
import type { ClassicObserved, ObservedClassic } from './observe.ts';
import type { ObservedSecurityGroup } from '../surroundings/security-group-ledger.ts';
import type { ClassicOperation, GroupReference } from './operations.ts';

const ownership = { kind: 'ours', proof: 'stamp' } as const;

/** What AWS sets when a load balancer is made through the API (reference 2012-06-01). */
export const attributesAtCreation: ClassicAttributes = {
  crossZone: false,
  accessLog: { enabled: false, emitIntervalMinutes: undefined, bucket: undefined, prefix: undefined },
  draining: { enabled: false, timeoutSeconds: 300 },
  idleTimeoutSeconds: 60,
};

/** The state after the operation, without reading again. Pure. */
export function foldClassicOperation(
  observed: ClassicObserved,
  { action }: ClassicOperation,
  outputs: OperationOutputs,
): ClassicObserved {
  switch (action.kind) {
    case 'create-own-group': {
      const { name, vpcID, tags } = action.input;
      const group = { id: outputs.id ?? '', name, vpcID, tags, rules: [], revision: 0 };
      const securityGroups = new Map(observed.securityGroups).set(group.id, group);
      return { ...observed, securityGroups, ownGroup: { ...group, ownership } };
    }
    case 'delete-own-group': {
      const securityGroups = new Map(observed.securityGroups);
      securityGroups.delete(action.groupID);
      return { ...observed, securityGroups, ownGroup: undefined };
    }
    case 'authorize-own-rules':
    case 'revoke-own-rules':
    case 'authorize-source':
    case 'revoke-source':
      return withRules(observed, outputs);
    case 'create-load-balancer': {
      const { input } = action;
      const groupIDs = action.groups.map((group) => idOf(group, observed));
      const loadBalancer: ObservedClassic = {
        ...input,
        dnsName: outputs.dnsName ?? '',
        vpcID: action.vpcID,
        securityGroupIDs: groupIDs,
        instanceIDs: [],
        listeners: input.listeners.map((listener) => ({ ...listener, policies: [] })),
        policies: [],
        backends: [],
        healthCheck: undefined,
        ownership,
        attributes: attributesAtCreation,
      };
      return { ...observed, loadBalancer, sourceGroupID: groupIDs[0] ?? '' };
    }
    case 'delete-load-balancer':
      return { ...observed, loadBalancer: undefined, sourceGroupID: '' };
    case 'apply-groups': {
      const securityGroupIDs = action.groups.map((group) => idOf(group, observed));
      return { ...withLoadBalancer(observed, { securityGroupIDs }), sourceGroupID: securityGroupIDs[0] ?? '' };
    }
    case 'set-listener-policies': {
      const { port, policies } = action.target;
      return changeLoadBalancer(observed, ({ listeners }) => ({
        listeners: listeners.map((listener) => (listener.port === port ? { ...listener, policies } : listener)),
      }));
    }
    case 'set-backend-policies':
      return changeLoadBalancer(observed, ({ backends }) => ({ backends: withTarget(backends, action.target) }));
    case 'add-tags':
      return changeLoadBalancer(observed, ({ tags }) => ({ tags: { ...tags, ...action.tags } }));
    case 'attach-subnets':
      return changeLoadBalancer(observed, ({ subnetIDs }) => ({ subnetIDs: [...subnetIDs, ...action.subnetIDs] }));
    case 'detach-subnets':
      return changeLoadBalancer(observed, ({ subnetIDs }) => ({ subnetIDs: without(subnetIDs, action.subnetIDs) }));
    case 'create-listeners':
      return changeLoadBalancer(observed, ({ listeners }) => ({
        listeners: [...listeners, ...action.listeners.map((listener) => ({ ...listener, policies: [] }))],
      }));
    case 'delete-listeners':
      return changeLoadBalancer(observed, ({ listeners }) => ({
        listeners: listeners.filter(({ port }) => !action.ports.includes(port)),
      }));
    case 'create-policy':
      return changeLoadBalancer(observed, ({ policies }) => ({ policies: [...policies, action.policy.name] }));
    case 'modify-attributes':
      return changeLoadBalancer(observed, ({ attributes }) => ({ attributes: withChange(attributes, action.change) }));
    case 'configure-health-check':
      return withLoadBalancer(observed, { healthCheck: action.check });
    case 'register-instances': {
      const refused = (outputs.refused ?? '').split(',');
      return changeLoadBalancer(observed, ({ instanceIDs }) => ({
        instanceIDs: [...instanceIDs, ...without(action.instanceIDs, refused)],
      }));
    }
    case 'deregister-instances':
      return changeLoadBalancer(observed, ({ instanceIDs }) => ({
        instanceIDs: without(instanceIDs, action.instanceIDs),
      }));
  }
}

function withRules(observed: ClassicObserved, { group }: OperationOutputs): ClassicObserved {
  if (group === undefined) return observed;
  // What `apply` wrote into the outputs.
  const after = JSON.parse(group) as ObservedSecurityGroup;
  const { ownGroup } = observed;
  return {
    ...observed,
    securityGroups: new Map(observed.securityGroups).set(after.id, after),
    ownGroup: ownGroup?.id === after.id ? { ...after, ownership: ownGroup.ownership } : ownGroup,
  };
}

function withChange(attributes: ClassicAttributes, change: AttributeChange): ClassicAttributes {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  return { ...attributes, ...Object.fromEntries(given) };
}

function withTarget(targets: readonly PolicyTarget[], target: PolicyTarget): readonly PolicyTarget[] {
  return [...targets.filter(({ port }) => port !== target.port), target];
}

function withLoadBalancer(observed: ClassicObserved, change: Partial<ObservedClassic>): ClassicObserved {
  return changeLoadBalancer(observed, () => change);
}

function changeLoadBalancer(
  observed: ClassicObserved,
  change: (loadBalancer: ObservedClassic) => Partial<ObservedClassic>,
): ClassicObserved {
  const { loadBalancer } = observed;
  if (loadBalancer === undefined) return observed;
  return { ...observed, loadBalancer: { ...loadBalancer, ...change(loadBalancer) } };
}

function without(all: readonly string[], gone: readonly string[]): readonly string[] {
  return all.filter((id) => !gone.includes(id));
}

function idOf(group: GroupReference, observed: ClassicObserved): string {
  return group.kind === 'id' ? group.id : (observed.ownGroup?.id ?? '');
}
