import type { CallContext } from '../../../cloud/call-context.ts';
import type { InventoryItem, InventoryKind } from '../../../cloud/inventory.ts';
import type { ObservedRoute, RouteDifference } from '../../../cloud/routes.ts';
import { applyRoutes, foldRoutes } from '../routes/apply.ts';
import { type ObservedTable, observeTable, tableKey } from '../routes/observe.ts';
import { type RoutesOperation, planRoutes } from '../routes/plan.ts';
import type { InventoryOptions } from './balancers.ts';

/** A route and the table that it is in, as the cloud has it. */
interface ObservedEntry {
  readonly table: ObservedTable;
  /** Undefined when it is gone. */
  readonly route: ObservedRoute | undefined;
}

const nothing: RouteDifference = { served: [], missing: [], wrong: [], unwanted: [], blocked: [], outside: [] };

/** The routes that carry our stamp, those outside of the ranges that the cluster has now among them. */
export function routeInventory({
  client,
  cluster,
}: Omit<InventoryOptions, 'clock'>): InventoryKind<ObservedEntry, RoutesOperation> {
  const { scope } = client;
  const itemOf = (table: ObservedTable, route: ObservedRoute): InventoryItem => ({
    id: `${table.table}/${route.cidr}/${route.target}`,
    name: `${table.table}/${route.cidr}`,
    scope,
    ownership: route.ownership,
    claim: { kind: 'podRange', cidr: route.cidr },
    createdAt: '',
  });
  const tables = async (call: CallContext): Promise<readonly ObservedTable[]> => {
    const { routeTables } = await client.describeNetwork(call);
    return Promise.all(routeTables.map((id) => observeTable(client, { table: tableKey(id), cluster }, call)));
  };
  return {
    name: 'Routes',
    async list(call) {
      const all = (await tables(call)).flatMap((table) =>
        [...table.routes.values()].map((route) => itemOf(table, route)),
      );
      return all.filter(({ ownership }) => ownership.kind === 'ours');
    },
    async observe(item, call) {
      const found = await tables(call);
      for (const table of found) {
        const route = [...table.routes.values()].find((one) => itemOf(table, one).id === item.id);
        if (route) return { table, route };
      }
      const [table] = found;
      if (!table) throw new RangeError('the network has no route table');
      return { table, route: undefined };
    },
    itemIn: ({ table, route }) => route && itemOf(table, route),
    plan: ({ table, route }) => planRoutes({ ...nothing, unwanted: route ? [route] : [] }, table),
    apply: (operation, _observed, call) => applyRoutes(operation, { client, cluster, call }),
    fold: ({ table }, operation) => ({ table: foldRoutes(table, operation), route: undefined }),
  };
}
