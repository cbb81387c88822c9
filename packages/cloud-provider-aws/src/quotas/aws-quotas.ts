import type { CallContext, Operation, PlannedWrites, QuotaUse } from '@ccm-ts/cloud-provider';
import { foldClassicOperation } from '../load-balancers/classic/fold.ts';
import type { ClassicObserved } from '../load-balancers/classic/observe.ts';
import type { ClassicOperation } from '../load-balancers/classic/operations.ts';
import { foldNetworkOperation } from '../load-balancers/network/fold.ts';
import type { NetworkObserved } from '../load-balancers/network/observe.ts';
import type { NetworkOperation } from '../load-balancers/network/operations.ts';
import type { AccountReads } from '../load-balancers/surroundings/account-reads.ts';
import type { ObservedTable } from '../routes/observe.ts';
import { defaultLimits } from './default-limits.ts';
import { ruleUses } from './rule-uses.ts';
import { useOf } from './use-of.ts';

/** The counts of an account that plans change. */
type Reads = Pick<AccountReads, 'networkLoadBalancers' | 'classicLoadBalancers' | 'targetGroups' | 'securityGroups'>;

/**
 * What planned writes take of the quotas of AWS, beside its defaults for new accounts. What there is in the account is read by the
 * lists that the manager reads anyway, and only those of which anything changes.
 */
export async function awsQuotas(
  writes: readonly PlannedWrites[],
  reads: Reads,
  call: CallContext,
): Promise<readonly QuotaUse[]> {
  const ofAccount = await Promise.all(
    accountCounts(reads, call).map(async ({ kind, limit, list, object }) => {
      const more = writes
        .filter((each) => kind === 'any' || each.kind === kind)
        .reduce((sum, { operations }) => sum + growth(operations, object), 0);
      if (more === 0) return [];
      const now = await list();
      return useOf(limit, { of: '', now, then: now + more });
    }),
  );
  const balancers = writes.filter(({ kind }) => kind !== 'routes');
  return [...ofAccount.flat(), ...writes.flatMap(usesOfObject), ...ruleUses(balancers)];
}

function accountCounts(reads: Reads, call: CallContext) {
  return [
    {
      kind: 'network',
      object: 'LoadBalancer',
      limit: defaultLimits.networkLoadBalancers,
      list: async () => (await reads.networkLoadBalancers.list(call)).filter(({ type }) => type === 'network').length,
    },
    {
      kind: 'classic',
      object: 'LoadBalancer',
      limit: defaultLimits.classicLoadBalancers,
      list: async () => (await reads.classicLoadBalancers.list(call)).length,
    },
    {
      kind: 'network',
      object: 'TargetGroup',
      limit: defaultLimits.targetGroups,
      list: async () => (await reads.targetGroups.read(call)).length,
    },
    {
      kind: 'any',
      object: 'SecurityGroup',
      limit: defaultLimits.securityGroups,
      list: async () => (await reads.securityGroups.read('', call.freshness, call)).size,
    },
  ] as const;
}

function growth(operations: readonly Operation[], kind: string): number {
  return operations
    .filter(({ object }) => object.kind === kind)
    .reduce((sum, { verb }) => sum + (verb === 'create' ? 1 : verb === 'delete' ? -1 : 0), 0);
}

/** What the provider planned itself is given back to it, so the types are those of the kind. */
function usesOfObject({ kind, observed, operations }: PlannedWrites): readonly QuotaUse[] {
  switch (kind) {
    case 'network':
      return networkUses(observed as NetworkObserved, operations as readonly NetworkOperation[]);
    case 'classic':
      return classicUses(observed as ClassicObserved, operations as readonly ClassicOperation[]);
    case 'routes': {
      const { routes, tableID } = observed as ObservedTable;
      const then = routes.size + growth(operations, 'Route');
      return useOf(defaultLimits.routes, { of: tableID, now: routes.size, then });
    }
    default:
      return [];
  }
}

function networkUses(before: NetworkObserved, operations: readonly NetworkOperation[]): readonly QuotaUse[] {
  const after = operations.reduce(
    (observed, operation) => foldNetworkOperation(observed, operation, { arn: `new ${operation.object.name}` }),
    before,
  );
  const of = before.name;
  const targets = ({ targetGroups }: NetworkObserved): number =>
    targetGroups.reduce((sum, group) => sum + group.targets.length, 0);
  const fullest = ({ targetGroups }: NetworkObserved): number =>
    Math.max(0, ...targetGroups.map((group) => group.targets.length));
  const isCrossZone = after.attributes?.['load_balancing.cross_zone.enabled'] === 'true';
  const ofTargets = isCrossZone ? defaultLimits.crossZoneTargets : defaultLimits.networkTargets;
  return [
    ...useOf(defaultLimits.networkListeners, { of, now: before.listeners.length, then: after.listeners.length }),
    ...useOf(ofTargets, { of, now: targets(before), then: targets(after) }),
    ...useOf(defaultLimits.targetsOfGroup, { of, now: fullest(before), then: fullest(after) }),
  ];
}

function classicUses(before: ClassicObserved, operations: readonly ClassicOperation[]): readonly QuotaUse[] {
  const { loadBalancer } = operations.reduce(
    (observed, operation) => foldClassicOperation(observed, operation, { id: `new ${operation.object.name}` }),
    before,
  );
  const of = before.name;
  const { instanceIDs = [], listeners = [] } = before.loadBalancer ?? {};
  return [
    ...useOf(defaultLimits.classicListeners, { of, now: listeners.length, then: loadBalancer?.listeners.length ?? 0 }),
    ...useOf(defaultLimits.classicInstances, {
      of,
      now: instanceIDs.length,
      then: loadBalancer?.instanceIDs.length ?? 0,
    }),
  ];
}
