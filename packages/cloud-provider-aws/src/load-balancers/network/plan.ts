import { type CloudScope, type Ownership, type Plan, type PlanNext, type Wish } from '@ccm-ts/cloud-provider';
import type { HealthCheck, HealthCheckChange, Listener, ListenerTls, Target } from '../../client/elbv2-port.ts';
import { attributeChanges, chunks, difference } from './comparison.ts';
import type { DesiredPort, NetworkDesired } from './desired.ts';
import { type Draft, finishDraft } from './draft.ts';
import type { NetworkObserved, ObservedTargetGroup } from './observe.ts';
import { settledUnless } from '../surroundings/recent-writes.ts';
import type { NetworkOperation } from './operations.ts';
import { type AccessOptions, planAccess, takesGroups } from './plan-access.ts';
import { addTags, createLoadBalancer, familyTrouble, modifyLoadBalancer } from './plan-load-balancer.ts';

/** As many targets as one request takes. */
const targetsPerRequest = 100;

/** What an operation of the same plan has created by the time that the next one is judged. */
const createdBefore: Ownership = { kind: 'ours', proof: 'stamp' };

export interface PlanOptions extends AccessOptions {
  readonly scope: CloudScope;
}

/**
 * Everything that is to be done for one Service's wish. Traffic is let in before it is sent, listeners move to new target
 * groups before the old ones go, and what nobody needs any more is removed last.
 */
export function planNetworkLoadBalancer(
  wish: Wish<NetworkDesired>,
  observed: NetworkObserved,
  options: PlanOptions,
): Plan<NetworkOperation> {
  const planner = new Planner(observed, options);
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
  const reason =
    addressTrouble(desired, observed) ?? groupTrouble(desired, observed) ?? familyTrouble(desired, observed);
  return reason === undefined ? { kind: 'converged' } : { kind: 'blocked', by, reason };
}

function addressTrouble({ subnets }: NetworkDesired, { loadBalancer }: NetworkObserved): string | undefined {
  const kinds = [
    ['elastic IPs', 'allocationID', loadBalancer?.allocationIDs ?? []],
    ['private addresses', 'privateAddress', loadBalancer?.privateAddresses ?? []],
  ] as const;
  for (const [what, field, present] of kinds) {
    const missing = subnets.mappings
      .map((mapping) => mapping[field])
      .filter((id) => id !== '' && !present.includes(id));
    if (missing.length === 0) continue;
    return (
      `the load balancer has the ${what} ${present.join(', ') || 'of its creation'}, and AWS can't give it ` +
      `${missing.join(', ')}: set the annotation back, or delete the Service and make it again`
    );
  }
  return undefined;
}

function groupTrouble({ securityGroups }: NetworkDesired, observed: NetworkObserved): string | undefined {
  if (securityGroups.kind !== 'given' || takesGroups(observed)) return undefined;
  return (
    "the load balancer was made without security groups, and AWS can't give it any: " +
    'remove the annotation security-groups, or delete the Service and make it again'
  );
}

/** Collects the operations for one Service. */
class Planner {
  readonly #observed: NetworkObserved;
  readonly #options: PlanOptions;
  readonly #operations: NetworkOperation[] = [];

  constructor(observed: NetworkObserved, options: PlanOptions) {
    this.#observed = observed;
    this.#options = options;
  }

  build(desired: NetworkDesired): readonly NetworkOperation[] {
    const access = planAccess(desired, this.#observed, this.#options);
    const { ownGroup } = this.#observed;
    this.#addAll(access.groups);
    // Without the group that it is to be in there is no load balancer: the create of the group is refused with the reason.
    if (access.groups.length > 0 && ownGroup !== undefined) return this.#operations;
    this.#addAll(createLoadBalancer(desired, this.#observed));
    // Nothing at all is done around somebody else's load balancer; what is planned is there to be refused with the reason.
    if (this.#observed.loadBalancer !== undefined && this.#observed.loadBalancer.ownership.kind !== 'ours') {
      return this.#operations;
    }
    this.#addAll(access.authorize);
    this.#addAll(modifyLoadBalancer(desired, this.#observed));
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
    this.#addAll(addTags(desired, this.#observed));
    this.#addAll(access.revoke);
    return this.#operations;
  }

  /** What is not ours is left where it is: it is nobody's business here any more. */
  remove(): readonly NetworkOperation[] {
    const { loadBalancer, targetGroups } = this.#observed;
    if (loadBalancer?.ownership.kind === 'ours') {
      this.#add({
        verb: 'delete',
        object: {
          kind: 'LoadBalancer',
          name: loadBalancer.name,
          ownership: loadBalancer.ownership,
          addressOf: 'group',
        },
        operation: 'DeleteLoadBalancer',
        action: { kind: 'delete-load-balancer', arn: loadBalancer.arn },
      });
    }
    for (const group of targetGroups) this.#deleteTargetGroup(group);
    this.#addAll(planAccess(undefined, this.#observed, this.#options).revoke);
    return this.#operations;
  }

  #modifyTargetGroupAttributes(desired: NetworkDesired, name: string, group: ObservedTargetGroup | undefined): void {
    const present = group?.attributes ?? {};
    const attributes = difference(desired.targetGroupAttributes, present);
    if (Object.keys(attributes).length === 0) return;
    this.#add({
      verb: 'update',
      object: { kind: 'TargetGroup', name, ownership: group?.ownership ?? createdBefore },
      changes: attributeChanges(attributes, present),
      operation: 'ModifyTargetGroupAttributes',
      action: { kind: 'modify-target-group-attributes', targetGroup: name, attributes },
    });
  }

  #buildPort(port: DesiredPort, desired: NetworkDesired, listener: Listener | undefined): void {
    const group = this.#observed.targetGroups.find(({ name }) => name === port.targetGroup);
    if (group?.ownership.kind !== 'ours') this.#createTargetGroup(port, desired, group?.ownership ?? { kind: 'new' });
    else this.#modifyHealthCheck(port.healthCheck, group);
    // The create is refused, and no traffic goes to what is not ours.
    if (group !== undefined && group.ownership.kind !== 'ours') return;
    this.#modifyTargetGroupAttributes(desired, port.targetGroup, group);
    this.#syncTargets(port, desired, group);
    if (listener === undefined) this.#createListener(port, desired);
    else this.#modifyListener(listener, port, group);
  }

  #createTargetGroup(port: DesiredPort, desired: NetworkDesired, ownership: Ownership): void {
    const { targetGroup: name, nodePort, targetProtocol: protocol, targets, healthCheck } = port;
    const { vpcID, tags } = desired;
    this.#add({
      verb: 'create',
      object: { kind: 'TargetGroup', name, ownership },
      changes: [
        { field: 'port', to: String(nodePort) },
        { field: 'healthCheck', to: `${healthCheck.protocol}:${healthCheck.port}${healthCheck.path}` },
      ],
      operation: 'CreateTargetGroup',
      action: {
        kind: 'create-target-group',
        input: {
          name,
          port: nodePort,
          protocol,
          vpcID,
          healthCheck,
          ...(targets === 'ipv6' ? { addressType: targets } : {}),
          tags,
        },
      },
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
    for (const targets of chunks(surplus, targetsPerRequest)) {
      this.#add({
        verb: 'update',
        object,
        changes: [{ field: 'targets', from: targets.map(({ id }) => id).join(', ') }],
        operation: 'DeregisterTargets',
        action: { kind: 'deregister-targets', targetGroup: port.targetGroup, targets },
      });
    }
    for (const targets of chunks(missing, targetsPerRequest)) {
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
        tls: port.tls,
        tags: desired.tags,
      },
    });
  }

  #modifyListener(listener: Listener, port: DesiredPort, group: ObservedTargetGroup | undefined): void {
    const isPointed = group !== undefined && listener.targetGroupArn === group.arn;
    const { tls } = port;
    const from = this.#observed.targetGroups.find(({ arn }) => arn === listener.targetGroupArn)?.name;
    const changes = [
      ...(isPointed ? [] : [{ field: 'targetGroup', from: from ?? listener.targetGroupArn, to: port.targetGroup }]),
      ...(tls === undefined ? [] : tlsChanges(tls, listener.tls)),
    ];
    if (changes.length === 0) return;
    const retunes = changes.length > (isPointed ? 0 : 1);
    this.#add({
      verb: 'update',
      object: this.#listenerObject(listener),
      changes,
      operation: 'ModifyListener',
      action: {
        kind: 'modify-listener',
        arn: listener.arn,
        ...(isPointed ? {} : { targetGroup: port.targetGroup }),
        ...(retunes && tls !== undefined ? { tls } : {}),
      },
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

  #listenerName(port: number): string {
    return `${this.#observed.name}:${port}`;
  }

  #listenerObject(listener: Listener): NetworkOperation['object'] {
    const ownership: Ownership = this.#observed.loadBalancer?.ownership ?? createdBefore;
    return { kind: 'Listener', name: this.#listenerName(listener.port), ownership };
  }

  #add(draft: Draft): void {
    this.#operations.push(finishDraft(draft, { loadBalancer: this.#observed.name, scope: this.#options.scope }));
  }

  #addAll(drafts: readonly Draft[]): void {
    for (const draft of drafts) this.#add(draft);
  }
}

function healthCheckChange(desired: HealthCheck, observed: HealthCheck): HealthCheckChange {
  const fields = [
    'protocol',
    'port',
    'path',
    'intervalSeconds',
    'timeoutSeconds',
    'healthyThreshold',
    'unhealthyThreshold',
  ] as const;
  return Object.fromEntries(
    fields
      // What is left to AWS is not compared.
      .filter((field) => desired[field] !== undefined && desired[field] !== observed[field])
      .map((field) => [field, desired[field]]),
  );
}

/** A policy of AWS's choice is whatever is there. */
function tlsChanges(
  desired: ListenerTls,
  observed: ListenerTls | undefined,
): { field: string; from: string; to: string }[] {
  const fields = ['certificateArn', 'policy'] as const;
  return fields
    .filter((field) => desired[field] !== '' && desired[field] !== observed?.[field])
    .map((field) => ({ field, from: observed?.[field] ?? '', to: desired[field] }));
}
