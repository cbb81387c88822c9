import { objectKey } from '../../api/object-meta.ts';
import type { PlannedWrites, QuotaUse } from '../../cloud/quotas.ts';
import { toCloudError } from '../../cloud/cloud-error.ts';
import { describeCloudError } from '../command-failure.ts';
import type { PlannedObject } from '../planning/cluster-plan.ts';
import type { Planned } from '../session/planned.ts';
import type { Session } from '../session/session.ts';

/** Which quotas a plan uses. Plain data. */
export interface PlannedQuotas {
  readonly quotas: readonly QuotaUse[];
  /** Why they are not known; empty when they are. */
  readonly unknown: string;
}

/**
 * Asks the provider which quotas the writes for these objects use; nothing is asked when there are no writes. That the cloud
 * does not say is no failure: the plan is true without it.
 */
export async function quotasOf(
  session: Session,
  planned: Planned,
  objects: readonly PlannedObject[],
): Promise<PlannedQuotas> {
  const { provider } = planned;
  const writes = writesFor(planned, objects);
  if (!provider.quotas || writes.length === 0) return { quotas: [], unknown: '' };
  session.progress.step('Asking for quotas');
  try {
    return { quotas: await provider.quotas(writes, session.call()), unknown: '' };
  } catch (error) {
    session.signal.throwIfAborted();
    return { quotas: [], unknown: describeCloudError(toCloudError(error)) };
  }
}

/** What is withheld writes nothing, and so uses nothing. */
function writesFor({ then }: Planned, objects: readonly PlannedObject[]): readonly PlannedWrites[] {
  const changing = new Set(
    objects.filter(({ kind, state }) => kind === 'Service' && state === 'change').map(({ key }) => key),
  );
  const uids = new Set(
    then.snapshot.services.filter((service) => changing.has(objectKey(service))).map(({ metadata }) => metadata.uid),
  );
  const hasRoutes = objects.some(({ kind, state }) => kind === 'Routes' && state === 'change');
  return [
    ...then.loadBalancerPlans
      .filter(({ wishes }) => [...wishes.keys()].some((uid) => uids.has(uid)))
      .map(({ kind, later, observed, plan }) => ({ kind, observed, operations: [...plan.operations, ...later()] })),
    ...(hasRoutes ? then.routePlans : []).map(({ observed, plan }) => ({
      kind: 'routes',
      observed,
      operations: plan.operations,
    })),
  ].filter(({ operations }) => operations.length > 0);
}

/** Whether the cloud would refuse a write for it. */
export function isExceeded({ limit, now, then }: QuotaUse): boolean {
  return then > limit && then > now;
}

/** One line for people. */
export function describeQuota({ limit, now, of, quota, source, then }: QuotaUse): string {
  const whose = of === '' ? '' : ` (${of})`;
  const assumed = source === 'default' ? ', the default of new accounts' : '';
  return `${quota}${whose}: ${now} now, ${then} then, of ${limit}${assumed}`;
}
