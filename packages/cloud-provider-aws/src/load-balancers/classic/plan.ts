import type { Ownership, Plan, PlanNext, Wish } from '@ccm-ts/cloud-provider';
import { hasClusterTag } from '../../cluster-tags.ts';
import type { CloudConfig } from '../../config/cloud-config.ts';
import { settledUnless } from '../surroundings/recent-writes.ts';
import { ruleKey } from '../surroundings/security-group-ledger.ts';
import type { ClassicDesired } from './desired.ts';
import { attributesAtCreation } from './fold.ts';
import type { ClassicObserved } from './observe.ts';
import { OperationList } from './operation-list.ts';
import { describeGroup, LoadBalancerChanges, type PresentClassic } from './plan-load-balancer.ts';
import type { ClassicOperation } from './operations.ts';
import { sourceRule } from './source-rule.ts';

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
  const { absence, presence } = observed.doubt ?? {};
  const key = `load-balancer/${observed.name}`;
  switch (wish.kind) {
    case 'present':
      // Nothing is built around what may be gone already.
      if (presence !== undefined) return { operations: [], next: settledUnless(presence, key) };
      return { operations: planner.build(wish.desired), next: whatThen(wish.desired, observed) };
    case 'gone':
      return { operations: planner.remove(), next: settledUnless(absence, key) };
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
  readonly #changes: LoadBalancerChanges;

  constructor(observed: ClassicObserved, config: CloudConfig) {
    this.#observed = observed;
    this.#config = config;
    this.#list = new OperationList(observed.name, config.scope);
    this.#changes = new LoadBalancerChanges(observed, this.#list);
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
    else this.#changes.change(desired, loadBalancer);
    const present: PresentClassic = loadBalancer ?? {
      listeners: desired.listeners.map((listener) => ({ ...listener, policies: [] })),
      policies: [],
      backends: [],
      instanceIDs: [],
      attributes: attributesAtCreation,
      healthCheck: undefined,
    };
    this.#changes.syncProxyProtocol(desired, present);
    this.#changes.syncAttributes(desired, present);
    this.#changes.syncTlsPolicy(desired, present);
    this.#changes.syncHealthCheck(desired, present);
    this.#openNodeGroups(desired);
    this.#changes.syncInstances(desired, present);
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
}
