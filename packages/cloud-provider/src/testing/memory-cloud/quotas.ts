import type { CallContext } from '../../cloud/call-context.ts';
import type { Operation } from '../../cloud/operation.ts';
import type { PlannedWrites, QuotaUse } from '../../cloud/quotas.ts';
import type { MemoryClient } from './client/memory-client.ts';
import type { CloudQuotas } from './cloud/settings.ts';
import type { MemoryLBObserved } from './load-balancers/memory-lb/observe.ts';
import type { MemoryLBOperation } from './load-balancers/memory-lb/operations.ts';
import type { ObservedTable } from './routes/observe.ts';
import type { RoutesOperation } from './routes/plan.ts';

/** What planned writes take of the account's quotas. The cloud says how much it allows; forwarders are not counted by it. */
export async function memoryQuotas(
  writes: readonly PlannedWrites[],
  client: Pick<MemoryClient, 'getAccount' | 'listBalancers'>,
  call: CallContext,
): Promise<readonly QuotaUse[]> {
  const { quotas } = await client.getAccount(call);
  const uses = writes.flatMap((each) => usesOf(each, quotas));
  const created = writes.flatMap(({ operations }) => operations.filter(isBalancerWrite));
  const more = created.reduce((sum, { verb }) => sum + (verb === 'create' ? 1 : verb === 'delete' ? -1 : 0), 0);
  if (more === 0) return uses;
  const now = (await client.listBalancers(call)).length;
  const limit = quotas.loadBalancers;
  return [
    { quota: 'load balancers per account', of: '', now, then: now + more, limit, source: 'account' as const },
    ...uses,
  ];
}

function isBalancerWrite(operation: Operation): boolean {
  return 'target' in operation && operation.target === 'balancer';
}

function usesOf({ kind, observed, operations }: PlannedWrites, quotas: CloudQuotas): readonly QuotaUse[] {
  if (kind === 'routes') {
    // What the provider planned itself is given back to it.
    const { routes, table } = observed as ObservedTable;
    const steps = operations as readonly RoutesOperation[];
    const count = (verb: Operation['verb']): number =>
      steps.filter((step) => step.verb === verb).reduce((sum, step) => sum + step.routes.length, 0);
    const then = routes.size + count('create') - count('delete');
    return use('routes per table', { of: table, now: routes.size, then, limit: quotas.routesPerTable });
  }
  const [first] = operations;
  if (!first || !('target' in first)) return [];
  const present = observed as MemoryLBObserved;
  const { listeners, backends } = present.kind === 'present' ? present.balancer : { listeners: [], backends: [] };
  const steps = operations as readonly MemoryLBOperation[];
  const isMadeAnew = steps.some(({ target, verb }) => target === 'balancer' && verb === 'delete');
  const count = (verb: Operation['verb']): number =>
    steps.filter((step) => step.target === 'listener' && step.verb === verb).length;
  const pool = steps.findLast((step) => step.target === 'backends');
  const kept = isMadeAnew ? { listeners: 0, backends: 0 } : { listeners: listeners.length, backends: backends.length };
  return [
    ...use('listeners per load balancer', {
      of: present.name,
      now: listeners.length,
      then: kept.listeners + count('create') - count('delete'),
      limit: quotas.listenersPerLoadBalancer,
    }),
    ...use('backends per load balancer', {
      of: present.name,
      now: backends.length,
      then: pool?.target === 'backends' ? pool.machineIDs.length : kept.backends,
      limit: quotas.backendsPerLoadBalancer,
    }),
  ];
}

function use(quota: string, numbers: Omit<QuotaUse, 'quota' | 'source'>): readonly QuotaUse[] {
  return numbers.now === numbers.then ? [] : [{ quota, ...numbers, source: 'account' }];
}
