import type { CloudScope, ObservedRoute, Ownership, ResourceKey } from '@ccm-ts/cloud-provider';
import type { Instance, RouteEntry, RoutingTable } from '../client/ec2-port.ts';
import { hasClusterTag } from '../cluster-tags.ts';
import type { ClusterTagging } from '../config/cloud-config.ts';

/** One route table as EC2 has it. */
export interface ObservedTable {
  readonly tableID: string;
  readonly scope: CloudScope;
  /** By range, as EC2 spells it. */
  readonly routes: ReadonlyMap<string, ObservedRoute>;
}

const prefix = 'route-table/';

export function tableKey(tableID: string): ResourceKey {
  return `${prefix}${tableID}`;
}

export function tableIDOf(key: ResourceKey): string {
  return key.slice(prefix.length);
}

/** The instances that routes of the table lead to. */
export function instancesBehind(table: RoutingTable): string[] {
  return table.routes.flatMap(({ target, state }) =>
    target.kind === 'instance' && state === 'active' ? [target.id] : [],
  );
}

export interface TableReading {
  readonly table: RoutingTable;
  readonly scope: CloudScope;
  readonly tagging: ClusterTagging;
  /** Those that EC2 knows of the instances behind the routes. */
  readonly instances: ReadonlyMap<string, Instance>;
}

/** Pure. */
export function observeTable(reading: TableReading): ObservedTable {
  const { table, scope } = reading;
  const routes = table.routes.map((entry): ObservedRoute => {
    const target = entry.target.kind === 'instance' ? entry.target.id : '';
    return { cidr: entry.cidr, target, state: entry.state, ownership: judgeRoute(entry, reading) };
  });
  return { tableID: table.id, scope, routes: new Map(routes.map((route) => [route.cidr, route])) };
}

/**
 * Routes have no tags. The table is the cluster's, because it carries its tag or the cloud-config names it; in it, a route to
 * an instance of the cluster is ours, and so is one whose instance or interface can take no packets any more, as in the Go
 * manager (v1.36, pkg/providers/v1/aws_routes.go). Everything else was put there by somebody else.
 */
function judgeRoute(entry: RouteEntry, { instances, tagging }: TableReading): Ownership {
  const { target, state } = entry;
  if (target.kind === 'other') return { kind: 'foreign', reason: `it leads to ${target.id || 'no instance'}` };
  if (state === 'blackhole') return { kind: 'ours', proof: 'adopted' };
  if (target.kind === 'network-interface') {
    return { kind: 'foreign', reason: `it leads to ${target.id}, which is of no instance` };
  }
  const instance = instances.get(target.id);
  if (instance === undefined) return { kind: 'unproven', reason: `EC2 does not show the instance ${target.id}` };
  if (!hasClusterTag(instance.tags, tagging)) {
    return { kind: 'foreign', reason: `it leads to ${target.id}, which is not an instance of this cluster` };
  }
  return { kind: 'ours', proof: 'adopted' };
}
