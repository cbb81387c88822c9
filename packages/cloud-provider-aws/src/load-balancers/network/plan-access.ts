import type { IngressRule } from '../../client/ec2-port.ts';
import type { DesiredSecurityGroups, NetworkDesired, NodeAccess } from './desired.ts';
import type { Draft } from './draft.ts';
import { narrowOwnRules } from './managed-group.ts';
import { type NodeTraffic, compareRules, desiredRules } from './node-rules.ts';
import type { NetworkObserved } from './observe.ts';
import { ruleKey } from '../surroundings/security-group-ledger.ts';

export interface AccessOptions {
  /** Whether the groups of the nodes are looked after. */
  readonly nodeSecurityGroups: 'managed' | 'left-alone';
  /** The port of the health check that load balancers share; undefined when each has its own. */
  readonly sharedHealthPort: number | undefined;
}

/** What is to be done about security groups before traffic flows, and once it does no longer. */
export interface AccessPlan {
  /** Makes the load balancer's own group: it must be there before the load balancer is. */
  readonly groups: readonly Draft[];
  readonly authorize: readonly Draft[];
  readonly revoke: readonly Draft[];
}

/** @param desired undefined when nothing is wanted any more */
export function planAccess(
  desired: NetworkDesired | undefined,
  observed: NetworkObserved,
  options: AccessOptions,
): AccessPlan {
  const own = planOwnGroup(desired, observed);
  const nodes = planNodeRules(desired, observed, options);
  return {
    groups: own.groups,
    authorize: [...own.authorize, ...nodes.authorize],
    revoke: [...nodes.revoke, ...own.revoke],
  };
}

/** Whether the load balancer is, or is to be, in groups at all: AWS decides that for good when it is made. */
export function takesGroups({ loadBalancer }: NetworkObserved): boolean {
  return loadBalancer === undefined || loadBalancer.securityGroupIDs.length > 0;
}

function planOwnGroup(desired: NetworkDesired | undefined, observed: NetworkObserved): AccessPlan {
  const { ownGroup } = observed;
  const wish: DesiredSecurityGroups = desired?.securityGroups ?? { kind: 'given', ids: [] };
  switch (wish.kind) {
    case 'none':
      return { groups: [], authorize: [], revoke: [] };
    case 'given':
      return { groups: [], authorize: [], revoke: deleteOwnGroup(observed) };
    case 'managed':
      break;
  }
  if (!takesGroups(observed)) return { groups: [], authorize: [], revoke: [] };
  const { name, description, tags, rules } = wish.group;
  const create: Draft = {
    verb: 'create',
    object: { kind: 'SecurityGroup', name, ownership: ownGroup?.ownership ?? { kind: 'new' } },
    operation: 'CreateSecurityGroup',
    action: { kind: 'create-security-group', input: { name, description, vpcID: desired?.vpcID ?? '', tags } },
    lock: `security-group/${name}`,
  };
  const groups = ownGroup?.ownership.kind === 'ours' ? [] : [create];
  const present = (ownGroup === undefined ? undefined : observed.securityGroups?.get(ownGroup.id)?.rules) ?? [];
  const change = (verb: 'authorize' | 'revoke'): Draft[] => {
    const narrowed = narrowOwnRules(verb, present, rules);
    return narrowed.length === 0 ? [] : [ownRulesDraft(verb, { name, rules, narrowed })];
  };
  return { groups, authorize: change('authorize'), revoke: change('revoke') };
}

function ownRulesDraft(
  verb: 'authorize' | 'revoke',
  { name, rules, narrowed }: { name: string; rules: readonly IngressRule[]; narrowed: readonly IngressRule[] },
): Draft {
  const isNew = verb === 'authorize';
  return {
    verb: isNew ? 'create' : 'delete',
    object: {
      kind: 'SecurityGroupRules',
      name,
      // The group's name holds the Service's UID.
      ownership: isNew ? { kind: 'new' } : { kind: 'ours', proof: 'service-uid' },
    },
    changes: narrowed.map((rule) => ({ field: 'ingress', [isNew ? 'to' : 'from']: ruleKey(rule) })),
    operation: isNew ? 'AuthorizeSecurityGroupIngress' : 'RevokeSecurityGroupIngress',
    action: { kind: isNew ? 'authorize-own-rules' : 'revoke-own-rules', wanted: rules },
    lock: `security-group/${name}`,
  };
}

function deleteOwnGroup({ ownGroup }: NetworkObserved): readonly Draft[] {
  if (ownGroup?.ownership.kind !== 'ours') return [];
  const { id, name, ownership } = ownGroup;
  return [
    {
      verb: 'delete',
      object: { kind: 'SecurityGroup', name, ownership },
      operation: 'DeleteSecurityGroup',
      action: { kind: 'delete-security-group', id },
      lock: `security-group/${name}`,
    },
  ];
}

function planNodeRules(
  desired: NetworkDesired | undefined,
  observed: NetworkObserved,
  options: AccessOptions,
): Pick<AccessPlan, 'authorize' | 'revoke'> {
  const authorize: Draft[] = [];
  const revoke: Draft[] = [];
  const { sharedHealthPort } = options;
  for (const [groupID, wanted] of wantedRules(desired, observed, options)) {
    const present = observed.securityGroups?.get(groupID)?.rules ?? [];
    const difference = compareRules(present, wanted, { loadBalancer: observed.name, sharedHealthPort });
    const name = `${groupID}/${observed.name}`;
    const lock = `security-group/${groupID}`;
    if (wanted.length > 0 && difference.authorize.length > 0) {
      authorize.push({
        verb: 'create',
        object: { kind: 'SecurityGroupRules', name, ownership: { kind: 'new' } },
        changes: difference.authorize.map((rule) => ({ field: 'ingress', to: ruleKey(rule) })),
        operation: 'AuthorizeSecurityGroupIngress',
        action: { kind: 'authorize-rules', groupID, wanted, sharedHealthPort },
        lock,
      });
    }
    if (difference.revoke.length > 0) {
      revoke.push({
        verb: 'delete',
        // Their descriptions hold the load balancer's name, which holds the Service's UID.
        object: { kind: 'SecurityGroupRules', name, ownership: { kind: 'ours', proof: 'service-uid' } },
        changes: difference.revoke.map((rule) => ({ field: 'ingress', from: ruleKey(rule) })),
        operation: 'RevokeSecurityGroupIngress',
        action: { kind: 'revoke-rules', groupID, wanted, sharedHealthPort },
        lock,
      });
    }
  }
  return { authorize, revoke };
}

/** The rules that each group that is known should have; none in groups that no node is in any more. */
function wantedRules(
  desired: NetworkDesired | undefined,
  observed: NetworkObserved,
  { nodeSecurityGroups }: AccessOptions,
): [groupID: string, rules: readonly IngressRule[]][] {
  const { securityGroups, name } = observed;
  if (securityGroups === undefined || nodeSecurityGroups === 'left-alone') return [];
  const access = desired?.nodeAccess;
  const rules =
    desired === undefined || access === undefined
      ? []
      : desiredRules(trafficOf(access, subnetsAfterwards(desired, observed)), name);
  const used = new Set(access?.securityGroupIDs);
  // Groups that were not read are taken to have no rule: what they lack is found out before it is written.
  const ids = new Set([...securityGroups.keys(), ...(observed.isUntouched ? used : [])]);
  return [...ids].map((id) => [id, used.has(id) ? rules : []]);
}

function trafficOf(access: NodeAccess, subnetIDs: readonly string[]): NodeTraffic {
  const healthSources = subnetIDs.flatMap((id) => access.subnetRanges[id] || []);
  return {
    sources: access.isTranslated ? [...access.sources, ...healthSources] : access.sources,
    clientPorts: access.clientPorts,
    healthSources,
    healthPorts: access.healthPorts,
  };
}

/** Where the load balancer is once the plan is done. */
export function subnetsAfterwards({ subnets }: NetworkDesired, { loadBalancer }: NetworkObserved): readonly string[] {
  if (loadBalancer !== undefined && subnets.chosenBy === 'discovery') return loadBalancer.subnetIDs;
  return subnets.mappings.map(({ subnetID }) => subnetID);
}
