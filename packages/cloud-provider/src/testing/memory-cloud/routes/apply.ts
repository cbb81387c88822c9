import type { CallContext } from '../../../cloud/call-context.ts';
import type { CloudError } from '../../../cloud/cloud-error.ts';
import type { ClusterIdentity } from '../../../cloud/cluster-identity.ts';
import type { ItemKey, OperationResult } from '../../../cloud/operation.ts';
import { isAlreadyExists, isNotFound } from '../client/cloud-error-mapping.ts';
import type { MemoryClient, RouteFailure } from '../client/memory-client.ts';
import { type ObservedTable, observeTable, tableIDOf } from './observe.ts';
import type { RoutesOperation } from './plan.ts';

interface ApplyContext {
  readonly client: MemoryClient;
  readonly cluster: ClusterIdentity;
  readonly call: CallContext;
}

/** Does one batch. What a lost answer had done already counts as done. */
export async function applyRoutes(operation: RoutesOperation, context: ApplyContext): Promise<OperationResult> {
  const { client, call } = context;
  const { routes } = operation;
  const tableID = tableIDOf(operation.locks[0] ?? '');
  switch (operation.verb) {
    case 'create': {
      const failures = await client.writeRoutes({ operation: 'CreateRoutes', tableID, routes }, call);
      return result(await withoutOwn(failures, operation, context));
    }
    case 'update':
      return result(await client.writeRoutes({ operation: 'ReplaceRoutes', tableID, routes }, call));
    case 'delete': {
      const cidrs = routes.map(({ cidr }) => cidr);
      const failures = await client.deleteRoutes(tableID, cidrs, call);
      return result(failures.filter(({ error }) => !isNotFound(error)));
    }
  }
}

/** Drops those failures where the route that is there already is the very one that was wanted. */
async function withoutOwn(
  failures: readonly RouteFailure[],
  operation: RoutesOperation,
  context: ApplyContext,
): Promise<readonly RouteFailure[]> {
  if (!failures.some(({ error }) => isAlreadyExists(error))) return failures;
  const { client, cluster, call } = context;
  const present = await observeTable(client, { table: operation.locks[0] ?? '', cluster }, call);
  const wanted = new Map(operation.routes.map(({ cidr, machineID }) => [cidr, machineID]));
  return failures.filter(({ cidr, error }) => {
    const route = present.routes.get(cidr);
    const isOurs = route?.ownership.kind === 'ours' && route.target === wanted.get(cidr);
    return !(isAlreadyExists(error) && isOurs);
  });
}

function result(failures: readonly RouteFailure[]): OperationResult {
  if (failures.length === 0) return { kind: 'done', outputs: {} };
  const failed = new Map<ItemKey, CloudError>(failures.map(({ cidr, error }) => [cidr, error]));
  return { kind: 'done', outputs: {}, failed };
}

/** The table after a batch of which nothing failed. Pure. */
export function foldRoutes(observed: ObservedTable, operation: RoutesOperation): ObservedTable {
  const routes = new Map(observed.routes);
  for (const { cidr, machineID } of operation.routes) {
    if (operation.verb === 'delete') routes.delete(cidr);
    else routes.set(cidr, { cidr, target: machineID, state: 'active', ownership: { kind: 'ours', proof: 'stamp' } });
  }
  return { ...observed, routes };
}
