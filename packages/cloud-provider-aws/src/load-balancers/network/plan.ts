import {
  type FieldChange,
  type Ownership,
  type Plan,
  type PlanNext,
  type Wish,
  type CloudScope,
} from '@ccm-ts/cloud-provider';
import type { IngressRule } from '../../client/ec2-port.ts';
import type { HealthCheck, HealthCheckChange, Listener, Target } from '../../client/elbv2-port.ts';
import { type AwsOperation, permissions } from '../../permissions.ts';
import type { DesiredPort, NetworkDesired } from './desired.ts';
import { compareRules, desiredRules } from './node-rules.ts';
import type { NetworkObserved, ObservedTargetGroup } from './observe.ts';
import type { NetworkAction, NetworkOperation } from './operations.ts';
import { ruleKey } from './security-group-ledger.ts';

/** As many targets as one request takes. */
const targetsPerRequest = 100;

/** What an operation of the same plan has created by the time that the next one is judged. */
const createdBefore: Ownership = { kind: 'ours', proof: 'stamp' };

/**
 * Everything that is to be done for one Service's wish. Traffic is let in before it is sent, listeners move to new target
 * groups before the old ones go, and what nobody needs any more is removed last.
 */
export function planNetworkLoadBalancer(
  wish: Wish<NetworkDesired>,
  observed: NetworkObserved,
  scope: CloudScope,
): Plan<NetworkOperation> {
  const planner = new Planner(observed, scope);
  switch (wish.kind) {
    case 'present':
      return { operations: planner.build(wish.desired), next: whatThen(wish.desired, observed) };
    case 'gone':
      return { operations: planner.remove(), next: whatThenGone(observed) };
  }
}

/** What AWS does not let anybody change is told, not done: a new load balancer would have another address. */
function whatThen(desired: NetworkDesired, observed: NetworkObserved): PlanNext {
  const { loadBalancer, name } = observed;
  if (loadBalancer === undefined) return { kind: 'converged' };
  const by = `load-balancer/${name}`;
  if (loadBalancer.state === 'failed') {
    return {
      kind: 'blocked',
      by,
      reason: 'AWS could not set the load balancer up: delete the Service and make it again',
    };
  }
  if (loadBalancer.scheme !== desired.scheme) {
    const reason =
      `the load balancer is ${loadBalancer.scheme}, and AWS can't make it ${desired.scheme}: ` +
      'set the annotation back, or delete the Service and make it again';
    return { kind: 'blocked', by, reason };
  }
  return { kind: 'converged' };
}

/** A Service must not be released while a load balancer may be left that nobody would look for any more. */
function whatThenGone({ classicAddress, name }: NetworkObserved): PlanNext {
  if (classicAddress === '') return { kind: 'converged' };
  const reason =
    `the Service seems to have the classic load balancer ${classicAddress}, and those are not supported yet: ` +
    `delete ${name} and its security group, then take the finalizer off the Service`;
  return { kind: 'blocked', by: `load-balancer/${name}`, reason };
}

interface Draft {
  readonly verb: NetworkOperation['verb'];
  readonly object: NetworkOperation['object'];
  readonly changes?: readonly FieldChange[];
  readonly operation: AwsOperation;
  readonly action: NetworkAction;
  readonly lock?: string;
}

/** Collects the operations for one Service. */
class Planner {
  readonly #observed: NetworkObserved;
  readonly #scope: CloudScope;
  readonly #operations: NetworkOperation[] = [];

  constructor(observed: NetworkObserved, scope: CloudScope) {
    this.#observed = observed;
    this.#scope = scope;
  }

  build(desired: NetworkDesired): readonly NetworkOperation[] {
    this.#createLoadBalancer(desired);
    // Nothing at all is done around somebody else's load balancer; what is planned is there to be refused with the reason.
    if (this.#observed.loadBalancer !== undefined && this.#observed.loadBalancer.ownership.kind !== 'ours') {
      return this.#operations;
    }
    this.#authorizeRules(desired);
    // A port whose protocol is wrong is freed first: AWS refuses a second listener on it.
    const listeners = this.#observed.listeners;
    const kept = new Map<number, Listener>();
    for (const listener of listeners) {
      const port = desired.ports.find((candidate) => candidate.port === listener.port);
      if (port?.protocol === listener.protocol) kept.set(listener.port, listener);
      else if (port !== undefined) this.#deleteListener(listener);
    }
    for (const port of desired.ports) this.#buildPort(port, desired, kept.get(port.port));
    for (const listener of listeners) {
      if (!desired.ports.some(({ port }) => port === listener.port)) this.#deleteListener(listener);
    }
    const wanted = new Set(desired.ports.map(({ targetGroup }) => targetGroup));
    for (const group of this.#observed.targetGroups) if (!wanted.has(group.name)) this.#deleteTargetGroup(group);
    this.#revokeRules(desired);
    return this.#operations;
  }

  /** What is not ours is left where it is: it is nobody's business here any more. */
  remove(): readonly NetworkOperation[] {
    const { loadBalancer, targetGroups } = this.#observed;
    if (loadBalancer?.ownership.kind === 'ours') {
      this.#add({
        verb: 'delete',
        object: { kind: 'LoadBalancer', name: loadBalancer.name, ownership: loadBalancer.ownership },
        operation: 'DeleteLoadBalancer',
        action: { kind: 'delete-load-balancer', arn: loadBalancer.arn },
      });
    }
    for (const group of targetGroups) this.#deleteTargetGroup(group);
    this.#revokeRules(undefined);
    return this.#operations;
  }

  #createLoadBalancer(desired: NetworkDesired): void {
    const { loadBalancer } = this.#observed;
    if (loadBalancer?.ownership.kind === 'ours') return;
    const { name, scheme, subnetIDs, tags } = desired;
    this.#add({
      verb: 'create',
      object: { kind: 'LoadBalancer', name, ownership: loadBalancer?.ownership ?? { kind: 'new' } },
      changes: [
        { field: 'scheme', to: scheme },
        { field: 'subnets', to: subnetIDs.join(', ') },
      ],
      operation: 'CreateLoadBalancer',
      action: { kind: 'create-load-balancer', input: { name, scheme, subnetIDs, tags } },
    });
  }

  #buildPort(port: DesiredPort, desired: NetworkDesired, listener: Listener | undefined): void {
    const group = this.#observed.targetGroups.find(({ name }) => name === port.targetGroup);
    if (group?.ownership.kind !== 'ours') this.#createTargetGroup(port, desired, group?.ownership ?? { kind: 'new' });
    else this.#modifyHealthCheck(port.healthCheck, group);
    // The create is refused, and no traffic goes to what is not ours.
    if (group !== undefined && group.ownership.kind !== 'ours') return;
    this.#syncTargets(port, desired, group);
    if (listener === undefined) this.#createListener(port, desired);
    else if (group === undefined || listener.targetGroupArn !== group.arn) this.#pointListener(listener, port);
  }

  #createTargetGroup(port: DesiredPort, desired: NetworkDesired, ownership: Ownership): void {
    const { targetGroup: name, nodePort, protocol, healthCheck } = port;
    const { vpcID, tags } = desired;
    this.#add({
      verb: 'create',
      object: { kind: 'TargetGroup', name, ownership },
      changes: [
        { field: 'port', to: String(nodePort) },
        { field: 'healthCheck', to: `${healthCheck.protocol}:${healthCheck.port}${healthCheck.path}` },
      ],
      operation: 'CreateTargetGroup',
      action: { kind: 'create-target-group', input: { name, port: nodePort, protocol, vpcID, healthCheck, tags } },
    });
  }

  #modifyHealthCheck(desired: HealthCheck, group: ObservedTargetGroup): void {
    const change = healthCheckChange(desired, group.healthCheck);
    const fields = Object.keys(change) as (keyof HealthCheck)[];
    if (fields.length === 0) return;
    this.#add({
      verb: 'update',
      object: { kind: 'TargetGroup', name: group.name, ownership: group.ownership },
      changes: fields.map((field) => ({
        field: `healthCheck.${field}`,
        from: String(group.healthCheck[field]),
        to: String(desired[field]),
      })),
      operation: 'ModifyTargetGroup',
      action: { kind: 'modify-health-check', targetGroup: group.name, change },
    });
  }

  /** Those that leave go first, so that a full group has room. */
  #syncTargets(port: DesiredPort, desired: NetworkDesired, group: ObservedTargetGroup | undefined): void {
    const key = (target: Target): string => `${target.id}:${target.port}`;
    const wanted = desired.instanceIDs.map((id) => ({ id, port: port.nodePort }));
    const wantedKeys = new Set(wanted.map(key));
    const present = group?.targets ?? [];
    const presentKeys = new Set(present.map(key));
    const surplus = present.filter((target) => !wantedKeys.has(key(target)));
    const missing = wanted.filter((target) => !presentKeys.has(key(target)) && !desired.stoppedIDs.includes(target.id));
    const object = {
      kind: 'TargetGroup',
      name: port.targetGroup,
      ownership: group?.ownership ?? createdBefore,
    };
    for (const targets of chunks(surplus)) {
      this.#add({
        verb: 'update',
        object,
        changes: [{ field: 'targets', from: targets.map(({ id }) => id).join(', ') }],
        operation: 'DeregisterTargets',
        action: { kind: 'deregister-targets', targetGroup: port.targetGroup, targets },
      });
    }
    for (const targets of chunks(missing)) {
      this.#add({
        verb: 'update',
        object,
        changes: [{ field: 'targets', to: targets.map(({ id }) => id).join(', ') }],
        operation: 'RegisterTargets',
        action: { kind: 'register-targets', targetGroup: port.targetGroup, targets },
      });
    }
  }

  #createListener(port: DesiredPort, desired: NetworkDesired): void {
    this.#add({
      verb: 'create',
      object: { kind: 'Listener', name: this.#listenerName(port.port), ownership: { kind: 'new' } },
      changes: [{ field: 'targetGroup', to: port.targetGroup }],
      operation: 'CreateListener',
      action: {
        kind: 'create-listener',
        port: port.port,
        protocol: port.protocol,
        targetGroup: port.targetGroup,
        tags: desired.tags,
      },
    });
  }

  #pointListener(listener: Listener, port: DesiredPort): void {
    const from = this.#observed.targetGroups.find(({ arn }) => arn === listener.targetGroupArn)?.name;
    this.#add({
      verb: 'update',
      object: this.#listenerObject(listener),
      changes: [{ field: 'targetGroup', from: from ?? listener.targetGroupArn, to: port.targetGroup }],
      operation: 'ModifyListener',
      action: { kind: 'point-listener', arn: listener.arn, targetGroup: port.targetGroup },
    });
  }

  #deleteListener(listener: Listener): void {
    this.#add({
      verb: 'delete',
      object: this.#listenerObject(listener),
      operation: 'DeleteListener',
      action: { kind: 'delete-listener', arn: listener.arn },
    });
  }

  #deleteTargetGroup(group: ObservedTargetGroup): void {
    if (group.ownership.kind !== 'ours') return;
    this.#add({
      verb: 'delete',
      object: { kind: 'TargetGroup', name: group.name, ownership: group.ownership },
      operation: 'DeleteTargetGroup',
      action: { kind: 'delete-target-group', arn: group.arn },
    });
  }

  #authorizeRules(desired: NetworkDesired): void {
    for (const [groupID, rules] of this.#wantedRules(desired)) {
      const present = this.#observed.securityGroups?.get(groupID)?.rules ?? [];
      const { authorize } = compareRules(present, rules, this.#observed.name);
      if (rules.length === 0 || authorize.length === 0) continue;
      this.#add({
        verb: 'create',
        object: { kind: 'SecurityGroupRules', name: this.#rulesName(groupID), ownership: { kind: 'new' } },
        changes: authorize.map((rule) => ({ field: 'ingress', to: ruleKey(rule) })),
        operation: 'AuthorizeSecurityGroupIngress',
        action: { kind: 'authorize-rules', groupID, wanted: rules },
        lock: `security-group/${groupID}`,
      });
    }
  }

  #revokeRules(desired: NetworkDesired | undefined): void {
    for (const [groupID, rules] of this.#wantedRules(desired)) {
      const present = this.#observed.securityGroups?.get(groupID)?.rules ?? [];
      const { revoke } = compareRules(present, rules, this.#observed.name);
      if (revoke.length === 0) continue;
      this.#add({
        verb: 'delete',
        object: {
          kind: 'SecurityGroupRules',
          name: this.#rulesName(groupID),
          // Their descriptions hold the load balancer's name, which holds the Service's UID.
          ownership: { kind: 'ours', proof: 'service-uid' },
        },
        changes: revoke.map((rule) => ({ field: 'ingress', from: ruleKey(rule) })),
        operation: 'RevokeSecurityGroupIngress',
        action: { kind: 'revoke-rules', groupID, wanted: rules },
        lock: `security-group/${groupID}`,
      });
    }
  }

  /** The rules that each group that is known should have; none in groups that no node is in any more. */
  #wantedRules(desired: NetworkDesired | undefined): [groupID: string, rules: readonly IngressRule[]][] {
    const { securityGroups, loadBalancer, name } = this.#observed;
    if (securityGroups === undefined) return [];
    const access = desired?.nodeAccess;
    const rules =
      desired === undefined || access === undefined
        ? []
        : desiredRules(
            {
              sources: access.sources,
              nodePorts: desired.ports.map(({ nodePort }) => nodePort),
              healthSources: (loadBalancer?.subnetIDs ?? desired.subnetIDs).flatMap(
                (id) => access.subnetRanges[id] ?? [],
              ),
              healthPorts: access.healthPorts,
            },
            name,
          );
    const used = new Set(access?.securityGroupIDs);
    return [...securityGroups.keys()].map((id) => [id, used.has(id) ? rules : []]);
  }

  #listenerName(port: number): string {
    return `${this.#observed.name}:${port}`;
  }

  #listenerObject(listener: Listener): NetworkOperation['object'] {
    const ownership: Ownership = this.#observed.loadBalancer?.ownership ?? createdBefore;
    return { kind: 'Listener', name: this.#listenerName(listener.port), ownership };
  }

  #rulesName(groupID: string): string {
    return `${groupID}/${this.#observed.name}`;
  }

  #add(draft: Draft): void {
    const { verb, object, changes = [], operation, action } = draft;
    this.#operations.push({
      verb,
      object,
      changes,
      permission: permissions[operation],
      scope: this.#scope,
      locks: [draft.lock ?? `load-balancer/${this.#observed.name}`],
      ...(verb === 'create' ? { identity: { by: 'name', key: object.name } as const } : {}),
      action,
    });
  }
}

function healthCheckChange(desired: HealthCheck, observed: HealthCheck): HealthCheckChange {
  const fields = ['protocol', 'port', 'path', 'intervalSeconds', 'healthyThreshold', 'unhealthyThreshold'] as const;
  return Object.fromEntries(
    fields.filter((field) => desired[field] !== observed[field]).map((field) => [field, desired[field]]),
  );
}

function* chunks(targets: readonly Target[]): Generator<readonly Target[]> {
  for (let start = 0; start < targets.length; start += targetsPerRequest) {
    yield targets.slice(start, start + targetsPerRequest);
  }
}
