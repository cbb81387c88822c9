import type { Verb } from '../../../cloud/operation.ts';
import { clusterStampKey } from '../../../cloud/ownership.ts';
import type { Plan } from '../../../cloud/plan.ts';
import type { RouteDifference, RouteOperation } from '../../../cloud/routes.ts';
import type { PodRoute } from '../client/memory-client.ts';
import { permissionFor } from '../permissions.ts';
import type { ObservedTable } from './observe.ts';

/** Writes up to 100 routes of one table at once. */
export interface RoutesOperation extends RouteOperation {
  /** For a delete only their CIDRs count. */
  readonly routes: readonly PodRoute[];
}

const maxItems = 100;
const permissions = { create: 'CreateRoutes', update: 'ReplaceRoutes', delete: 'DeleteRoutes' } as const;

/** The writes for one table. Pure. */
export function planRoutes(difference: RouteDifference, observed: ObservedTable): Plan<RoutesOperation> {
  const tags = { [clusterStampKey]: observed.clusterUID };
  const deletes = difference.unwanted.map(({ cidr, target }) => ({ cidr, machineID: target, tags: {} }));
  const updates = difference.wrong.map(({ wanted, present }) => ({
    cidr: present.cidr,
    machineID: wanted.target,
    tags,
  }));
  const creates = difference.missing.map(({ cidr, target }) => ({ cidr, machineID: target, tags }));
  // Deletes come first: the table may be full.
  const operations = [
    ...batches('delete', deletes, observed),
    ...batches('update', updates, observed),
    ...batches('create', creates, observed),
  ];
  return { operations, next: { kind: 'converged' } };
}

function batches(verb: Verb, routes: readonly PodRoute[], observed: ObservedTable): readonly RoutesOperation[] {
  const operations: RoutesOperation[] = [];
  for (let start = 0; start < routes.length; start += maxItems) {
    const batch = routes.slice(start, start + maxItems);
    const cidrs = batch.map(({ cidr }) => cidr);
    operations.push({
      verb,
      object: {
        kind: 'Routes',
        name: `${observed.table}/${cidrs.join(',')}`,
        ownership: verb === 'create' ? { kind: 'new' } : { kind: 'ours', proof: 'stamp' },
      },
      changes: batch.map(({ cidr, machineID }) => describeChange(verb, cidr, { observed, machineID })),
      permission: permissionFor(permissions[verb]),
      scope: observed.scope,
      locks: [observed.table],
      ...(verb === 'create' && { identity: { by: 'name', key: observed.table } as const }),
      cidrs,
      routes: batch,
    });
  }
  return operations;
}

function describeChange(
  verb: Verb,
  cidr: string,
  parts: { readonly observed: ObservedTable; readonly machineID: string },
): { readonly field: string; readonly from?: string; readonly to?: string } {
  const from = parts.observed.routes.get(cidr)?.target;
  return { field: cidr, ...(from !== undefined && { from }), ...(verb !== 'delete' && { to: parts.machineID }) };
}
