import type { Ownership, Plan, PlanNext, Wish } from '@ccm-ts/cloud-provider';
import { clusterStampKey } from '@ccm-ts/cloud-provider';
import { hasClusterTag } from '../../cluster-tags.ts';
import type { CloudConfig } from '../../config/cloud-config.ts';
import { ruleKey } from '../network/security-group-ledger.ts';
import { changedAttributes, isSameCheck } from './compare.ts';
import type { ClassicDesired } from './desired.ts';
import { attributesAtCreation } from './fold.ts';
import { isEncrypted, isSameListener } from './listeners.ts';
import { proxyPolicyName, tlsPolicyName } from './names.ts';
import type { ClassicObserved, ObservedClassic } from './observe.ts';
import { OperationList } from './operation-list.ts';
import type { ClassicOperation, GroupReference } from './operations.ts';
import { sourceRule } from './source-rule.ts';

/** What is known about a load balancer before it is there. */
type Present = Pick<
  ObservedClassic,
  'listeners' | 'policies' | 'backends' | 'instanceIDs' | 'attributes' | 'healthCheck'
>;

/**
 * Everything that is to be done for one Service's wish. Traffic is let in before it is sent, and what nobody needs any more is
 * removed last.
 */
export function planClassicLoadBalancer(
  wish: Wish<ClassicDesired>,
  observed: ClassicObserved,
  config: CloudConfig,
): Plan<ClassicOperation> {
  const planner = new Planner(observed, config);
  switch (wish.kind) {
    case 'present':
      return { operations: planner.build(wish.desired), next: whatThen(wish.desired, observed) };
    case 'gone':
      return { operations: planner.remove(), next: { kind: 'converged' } };
  }
}

/** What AWS does not let anybody change is told, not done: a new load balancer would have another address. */
function whatThen(desired: ClassicDesired, { loadBalancer, name }: ClassicObserved): PlanNext {
  if (loadBalancer === undefined || loadBalancer.scheme === desired.scheme) return { kind: 'converged' };
  const reason =
    `the load balancer is ${loadBalancer.scheme}, and AWS can't make it ${desired.scheme}: ` +
    'set the annotation back, or delete the Service and make it again';
  return { kind: 'blocked', by: `load-balancer/${name}`, reason };
}

/** Collects the operations for one Service. */
class Planner {
  readonly #observed: ClassicObserved;
  readonly #config: CloudConfig;
  readonly #list: OperationList;

  constructor(observed: ClassicObserved, config: CloudConfig) {
    this.#observed = observed;
    this.#config = config;
    this.#list = new OperationList(observed.name, config.scope);
  }

  build(desired: ClassicDesired): readonly ClassicOperation[] {
    const { loadBalancer, ownGroup } = this.#observed;
    const foreign = [loadBalancer, desired.ownGroup && ownGroup].find((one) => one && one.ownership.kind !== 'ours');
    if (foreign !== undefined) {
      // Nothing at all is done around what is somebody else's; this is there to be refused with the reason.
      this.#refuse(desired, foreign.ownership);
      return this.#list.operations;
    }
    this.#openOwnGroup(desired);
    if (loadBalancer === undefined) this.#createLoadBalancer(desired);
    else this.#changeLoadBalancer(desired, loadBalancer);
    const present: Present = loadBalancer ?? {
      listeners: desired.listeners.map((listener) => ({ ...listener, policies: [] })),
      policies: [],
      backends: [],
      instanceIDs: [],
      attributes: attributesAtCreation,
      healthCheck: undefined,
    };
    this.#syncProxyProtocol(desired, present);
    this.#syncAttributes(desired, present);
    this.#syncTlsPolicy(desired, present);
    this.#syncHealthCheck(desired, present);
    this.#openNodeGroups(desired);
    this.#syncInstances(desired, present);
    this.#closeNodeGroups(desired);
    this.#closeOwnGroup(desired);
    return this.#list.operations;
  }

  /** In the Go manager's order: after an interruption, what is left still says which rules are to go. */
  remove(): readonly ClassicOperation[] {
    const { loadBalancer, ownGroup, sourceGroupID } = this.#observed;
    if (loadBalancer?.ownership.kind === 'ours' && sourceGroupID !== ownGroup?.id) {
      this.#revokeSource(sourceGroupID, { except: [] });
    }
    const isOwnGroupOurs = ownGroup?.ownership.kind === 'ours';
    if (isOwnGroupOurs) this.#revokeSource(ownGroup.id, { except: [] });
    if (loadBalancer?.ownership.kind === 'ours') {
      const { name, ownership } = loadBalancer;
      this.#list.add({
        verb: 'delete',
        object: { kind: 'LoadBalancer', name, ownership, addressOf: 'group' },
        operation: 'DeleteLoadBalancer',
        action: { kind: 'delete-load-balancer' },
      });
    }
    if (isOwnGroupOurs) this.#deleteOwnGroup();
    return this.#list.operations;
  }

  #refuse(desired: ClassicDesired, ownership: Ownership): void {
    const { name, scheme, subnetIDs, listeners, tags, groups, vpcID } = desired;
    const action = {
      kind: 'create-load-balancer',
      input: { name, scheme, subnetIDs, listeners, tags },
      groups,
      vpcID,
    } as const;
    const object = { kind: 'LoadBalancer', name, ownership };
    this.#list.add({ verb: 'create', object, operation: 'CreateLoadBalancer', action });
  }

  #openOwnGroup({ ownGroup: desired }: ClassicDesired): void {
    if (desired === undefined) return;
    const { ownGroup } = this.#observed;
    const { input, rules } = desired;
    if (ownGroup === undefined) {
      this.#list.add({
        verb: 'create',
        object: { kind: 'SecurityGroup', name: input.name, ownership: { kind: 'new' } },
        operation: 'CreateSecurityGroup',
        action: { kind: 'create-own-group', input },
      });
    }
    const present = new Set((ownGroup?.rules ?? []).map(ruleKey));
    const lacking = rules.filter((rule) => !present.has(ruleKey(rule)));
    if (lacking.length === 0) return;
    this.#list.add({
      verb: 'create',
      object: { kind: 'SecurityGroupRules', name: input.name, ownership: { kind: 'new' } },
      changes: lacking.map((rule) => ({ field: 'ingress', to: ruleKey(rule) })),
      operation: 'AuthorizeSecurityGroupIngress',
      action: { kind: 'authorize-own-rules', wanted: rules },
    });
  }

  /** Closed after the load balancer has what it needs; the whole group goes when users look after its groups now. */
  #closeOwnGroup({ ownGroup: desired }: ClassicDesired): void {
    const { ownGroup } = this.#observed;
    if (ownGroup === undefined || ownGroup.ownership.kind !== 'ours') return;
    if (desired === undefined) {
      this.#deleteOwnGroup();
      return;
    }
    const wanted = new Set(desired.rules.map(ruleKey));
    const surplus = ownGroup.rules.filter((rule) => !wanted.has(ruleKey(rule)));
    if (surplus.length === 0) return;
    this.#list.add({
      verb: 'delete',
      object: { kind: 'SecurityGroupRules', name: desired.input.name, ownership: ownGroup.ownership },
      changes: surplus.map((rule) => ({ field: 'ingress', from: ruleKey(rule) })),
      operation: 'RevokeSecurityGroupIngress',
      action: { kind: 'revoke-own-rules', wanted: desired.rules },
    });
  }

  #deleteOwnGroup(): void {
    const { ownGroup } = this.#observed;
    if (ownGroup === undefined) return;
    this.#list.add({
      verb: 'delete',
      object: { kind: 'SecurityGroup', name: ownGroup.name, ownership: ownGroup.ownership },
      operation: 'DeleteSecurityGroup',
      action: { kind: 'delete-own-group', groupID: ownGroup.id },
    });
  }

  #createLoadBalancer(desired: ClassicDesired): void {
    const { name, scheme, subnetIDs, listeners, tags, groups, vpcID } = desired;
    this.#list.add({
      verb: 'create',
      object: { kind: 'LoadBalancer', name, ownership: { kind: 'new' } },
      changes: [
        { field: 'scheme', to: scheme },
        { field: 'subnets', to: subnetIDs.join(', ') },
      ],
      operation: 'CreateLoadBalancer',
      action: {
        kind: 'create-load-balancer',
        input: { name, scheme, subnetIDs, listeners, tags },
        groups,
        vpcID,
      },
    });
  }

  #changeLoadBalancer(desired: ClassicDesired, present: ObservedClassic): void {
    this.#syncTags(desired, present);
    // The subnets are chosen for the scheme: those of another scheme would cut the load balancer off.
    if (present.scheme === desired.scheme) this.#syncSubnets(desired, present);
    const { ownGroup } = this.#observed;
    const known = desired.groups.map((group) => (group.kind === 'id' ? group.id : ownGroup?.id));
    if (known.toSorted().join() !== present.securityGroupIDs.toSorted().join()) {
      this.#update('securityGroups', present.securityGroupIDs.join(', '), {
        to: desired.groups.map(describeGroup).join(', '),
        operation: 'ApplySecurityGroupsToLoadBalancer',
        action: { kind: 'apply-groups', groups: desired.groups },
      });
    }
    const surplus = present.listeners.filter((one) => !desired.listeners.some((other) => isSameListener(one, other)));
    const lacking = desired.listeners.filter((one) => !present.listeners.some((other) => isSameListener(one, other)));
    if (surplus.length > 0) {
      const ports = surplus.map(({ port }) => port);
      this.#update('listeners', ports.join(', '), {
        to: '',
        operation: 'DeleteLoadBalancerListeners',
        action: { kind: 'delete-listeners', ports },
      });
    }
    if (lacking.length > 0) {
      this.#update('listeners', '', {
        to: lacking.map(({ port, protocol }) => `${protocol}:${port}`).join(', '),
        operation: 'CreateLoadBalancerListeners',
        action: { kind: 'create-listeners', listeners: lacking },
      });
    }
  }

  /** Objects of the Go manager carry no stamp, and taking over is to cost no write: it is not added for itself. */
  #syncTags(desired: ClassicDesired, present: ObservedClassic): void {
    const differing = Object.entries(desired.tags).filter(
      ([key, value]) => key !== clusterStampKey && present.tags[key] !== value,
    );
    if (differing.length === 0) return;
    this.#update('tags', '', {
      to: differing.map(([key, value]) => `${key}=${value}`).join(', '),
      operation: 'AddTags',
      action: { kind: 'add-tags', tags: Object.fromEntries(differing) },
    });
  }

  /** A zone can hold one subnet only, so the old ones go first, as in the Go manager. */
  #syncSubnets(desired: ClassicDesired, present: ObservedClassic): void {
    const surplus = present.subnetIDs.filter((id) => !desired.subnetIDs.includes(id));
    const lacking = desired.subnetIDs.filter((id) => !present.subnetIDs.includes(id));
    if (surplus.length > 0) {
      this.#update('subnets', surplus.join(', '), {
        to: '',
        operation: 'DetachLoadBalancerFromSubnets',
        action: { kind: 'detach-subnets', subnetIDs: surplus },
      });
    }
    if (lacking.length > 0) {
      this.#update('subnets', '', {
        to: lacking.join(', '),
        operation: 'AttachLoadBalancerToSubnets',
        action: { kind: 'attach-subnets', subnetIDs: lacking },
      });
    }
  }

  /** Only our own policy is switched on and off; others on the same port stay. */
  #syncProxyProtocol({ proxyProtocol, listeners }: ClassicDesired, present: Present): void {
    const ports = proxyProtocol === 'on' ? new Set(listeners.map(({ instancePort }) => instancePort)) : new Set();
    const targets = new Map(present.backends.map(({ port, policies }) => [port, policies]));
    const lacking = [...new Set(listeners.map(({ instancePort }) => instancePort))].filter(
      (port) => ports.has(port) && !targets.get(port)?.includes(proxyPolicyName),
    );
    if (lacking.length > 0 && !present.policies.includes(proxyPolicyName)) {
      this.#createPolicy(proxyPolicyName, 'ProxyProtocolPolicyType', { ProxyProtocol: 'true' });
    }
    for (const port of lacking) this.#setBackend(port, [...(targets.get(port) ?? []), proxyPolicyName]);
    for (const [port, policies] of targets) {
      if (ports.has(port) || !policies.includes(proxyPolicyName)) continue;
      this.#setBackend(
        port,
        policies.filter((policy) => policy !== proxyPolicyName),
      );
    }
  }

  #setBackend(port: number, policies: readonly string[]): void {
    this.#update(`backends[${port}].policies`, '', {
      to: policies.join(', '),
      operation: 'SetLoadBalancerPoliciesForBackendServer',
      action: { kind: 'set-backend-policies', target: { port, policies } },
    });
  }

  #createPolicy(name: string, type: string, attributes: Readonly<Record<string, string>>): void {
    this.#update('policies', '', {
      to: name,
      operation: 'CreateLoadBalancerPolicy',
      action: { kind: 'create-policy', policy: { name, type, attributes } },
    });
  }

  #syncAttributes(desired: ClassicDesired, present: Present): void {
    const change = changedAttributes(desired.attributes, present.attributes);
    const fields = Object.keys(change);
    if (fields.length === 0) return;
    this.#update('attributes', '', {
      to: fields.join(', '),
      operation: 'ModifyLoadBalancerAttributes',
      action: { kind: 'modify-attributes', change },
    });
  }

  #syncTlsPolicy({ tlsPolicy, listeners }: ClassicDesired, present: Present): void {
    if (tlsPolicy === '') return;
    const name = tlsPolicyName(tlsPolicy);
    const lacking = listeners.filter((listener) => {
      const same = present.listeners.find((other) => isSameListener(listener, other));
      return isEncrypted(listener) && same?.policies.includes(name) !== true;
    });
    if (lacking.length === 0) return;
    if (!present.policies.includes(name)) {
      this.#createPolicy(name, 'SSLNegotiationPolicyType', { 'Reference-Security-Policy': tlsPolicy });
    }
    for (const { port } of lacking) {
      this.#update(`listeners[${port}].policies`, '', {
        to: name,
        operation: 'SetLoadBalancerPoliciesOfListener',
        action: { kind: 'set-listener-policies', target: { port, policies: [name] } },
      });
    }
  }

  #syncHealthCheck({ healthCheck }: ClassicDesired, present: Present): void {
    if (present.healthCheck !== undefined && isSameCheck(healthCheck, present.healthCheck)) return;
    this.#update('healthCheck', present.healthCheck?.target ?? '', {
      to: healthCheck.target,
      operation: 'ConfigureHealthCheck',
      action: { kind: 'configure-health-check', check: healthCheck },
    });
  }

  #syncInstances({ instanceIDs }: ClassicDesired, present: Present): void {
    const lacking = instanceIDs.filter((id) => !present.instanceIDs.includes(id));
    const surplus = present.instanceIDs.filter((id) => !instanceIDs.includes(id));
    if (lacking.length > 0) {
      this.#update('instances', '', {
        to: lacking.join(', '),
        operation: 'RegisterInstancesWithLoadBalancer',
        action: { kind: 'register-instances', instanceIDs: lacking },
      });
    }
    if (surplus.length > 0) {
      this.#update('instances', surplus.join(', '), {
        to: '',
        operation: 'DeregisterInstancesFromLoadBalancer',
        action: { kind: 'deregister-instances', instanceIDs: surplus },
      });
    }
  }

  #openNodeGroups({ nodeGroupIDs = [], groups: [source] }: ClassicDesired): void {
    if (source === undefined) return;
    const { securityGroups, ownGroup } = this.#observed;
    const sourceID = source.kind === 'id' ? source.id : ownGroup?.id;
    for (const groupID of nodeGroupIDs) {
      const rules = securityGroups.get(groupID)?.rules ?? [];
      const isOpen = sourceID !== undefined && rules.some((rule) => ruleKey(rule) === ruleKey(sourceRule(sourceID)));
      if (isOpen) continue;
      this.#list.add({
        verb: 'create',
        object: { kind: 'SecurityGroupRules', name: `${groupID}/${this.#observed.name}`, ownership: { kind: 'new' } },
        changes: [{ field: 'ingress', to: `everything from ${describeGroup(source)}` }],
        operation: 'AuthorizeSecurityGroupIngress',
        action: { kind: 'authorize-source', groupID, source },
        lock: `security-group/${groupID}`,
      });
    }
  }

  #closeNodeGroups({ nodeGroupIDs, groups: [source] }: ClassicDesired): void {
    const { ownGroup, sourceGroupID } = this.#observed;
    const wantedID = source?.kind === 'id' ? source.id : ownGroup?.id;
    const current = new Set([sourceGroupID, ownGroup?.ownership.kind === 'ours' ? ownGroup.id : '']);
    for (const id of current) {
      if (id !== '') this.#revokeSource(id, { except: id === wantedID ? (nodeGroupIDs ?? []) : [] });
    }
  }

  /**
   * Closes the groups of nodes to a source. Groups that are not the cluster's are left alone, unless the source itself is ours
   * and can't go while they refer to it.
   */
  #revokeSource(source: string, { except }: { readonly except: readonly string[] }): void {
    const { securityGroups, ownGroup, sharedGroupIDs, name } = this.#observed;
    const { nodeSecurityGroups, tagging } = this.#config;
    if (source === '' || nodeSecurityGroups === 'left-alone' || sharedGroupIDs.has(source)) return;
    const key = ruleKey(sourceRule(source));
    for (const [groupID, group] of securityGroups) {
      if (except.includes(groupID) || !group.rules.some((rule) => ruleKey(rule) === key)) continue;
      if (source !== ownGroup?.id && !hasClusterTag(group.tags, tagging)) continue;
      this.#list.add({
        verb: 'delete',
        object: {
          kind: 'SecurityGroupRules',
          name: `${groupID}/${name}`,
          // The source is the load balancer's, and that is ours.
          ownership: { kind: 'ours', proof: 'service-uid' },
        },
        changes: [{ field: 'ingress', from: `everything from ${source}` }],
        operation: 'RevokeSecurityGroupIngress',
        action: { kind: 'revoke-source', groupID, source },
        lock: `security-group/${groupID}`,
      });
    }
  }

  /** An update of the load balancer, or of what this plan has made of it by then. */
  #update(
    field: string,
    from: string,
    { to, ...draft }: { readonly to: string } & Pick<Parameters<OperationList['add']>[0], 'operation' | 'action'>,
  ): void {
    const { name, loadBalancer } = this.#observed;
    const ownership: Ownership = loadBalancer?.ownership ?? { kind: 'ours', proof: 'stamp' };
    const object = { kind: 'LoadBalancer', name, ownership };
    this.#list.add({ verb: 'update', object, changes: [{ field, from, to }], ...draft });
  }
}

function describeGroup(group: GroupReference): string {
  return group.kind === 'id' ? group.id : 'its own group';
}
