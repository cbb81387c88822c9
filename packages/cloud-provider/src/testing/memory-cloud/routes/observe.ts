import type { CallContext } from '../../../cloud/call-context.ts';
import type { CloudScope } from '../../../cloud/cloud-scope.ts';
import type { ClusterIdentity } from '../../../cloud/cluster-identity.ts';
import type { ResourceKey } from '../../../cloud/operation.ts';
import { clusterStampKey, judgeOwnership, type Ownership } from '../../../cloud/ownership.ts';
import type { ObservedRoute } from '../../../cloud/routes.ts';
import type { MemoryClient } from '../client/memory-client.ts';

/** One route table as the cloud has it. */
export interface ObservedTable {
  readonly table: ResourceKey;
  readonly scope: CloudScope;
  readonly clusterUID: string;
  /** By CIDR; the targets are ids of machines. */
  readonly routes: ReadonlyMap<string, ObservedRoute>;
}

const prefix = 'route-table/';

export function tableKey(tableID: string): ResourceKey {
  return `${prefix}${tableID}`;
}

export function tableIDOf(key: ResourceKey): string {
  return key.slice(prefix.length);
}

export async function observeTable(
  client: MemoryClient,
  wanted: { readonly table: ResourceKey; readonly cluster: ClusterIdentity },
  call: CallContext,
): Promise<ObservedTable> {
  const { table, cluster } = wanted;
  const routes = await client.listRoutes(tableIDOf(table), call);
  const observed = routes.map(
    ({ cidr, machineID, tags }): ObservedRoute => ({
      cidr,
      target: machineID,
      state: 'active',
      ownership: judgeRoute(cluster, tags),
    }),
  );
  return {
    table,
    scope: client.scope,
    clusterUID: cluster.uid,
    routes: new Map(observed.map((route) => [route.cidr, route])),
  };
}

/** A route has no name that could hold a UID: only its stamp proves whose it is. */
function judgeRoute(cluster: ClusterIdentity, tags: Readonly<Record<string, string>>): Ownership {
  const stamp = tags[clusterStampKey];
  return judgeOwnership(cluster, { stamp, holdsServiceUID: false, isRecorded: false, isAdopted: false });
}
