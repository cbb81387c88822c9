import ipaddr from 'ipaddr.js';
import type { Operation, Verb } from '../../../cloud/operation.ts';
import { clusterStampKey, type Ownership } from '../../../cloud/ownership.ts';
import type { Plan, PlanNext } from '../../../cloud/plan.ts';
import type { Route } from '../../../cloud/routes.ts';
import type { PodRoute } from '../client/memory-client.ts';
import { permissionFor } from '../permissions.ts';
import { parseProviderID } from '../provider-id.ts';
import type { ObservedTable } from './observe.ts';

/** Writes up to 100 routes of one table at once. */
export interface RoutesOperation extends Operation {
  /** For a delete only their CIDRs count. */
  readonly routes: readonly PodRoute[];
}

const maxItems = 100;
const permissions = { create: 'CreateRoutes', update: 'ReplaceRoutes', delete: 'DeleteRoutes' } as const;

/** What is to be done with one table. Pure. */
export function planRoutes(
  desired: readonly Route[],
  observed: ObservedTable,
  clusterCIDRs: readonly string[],
): Plan<RoutesOperation> {
  const tags = { [clusterStampKey]: observed.clusterUID };
  const wanted = new Map<string, PodRoute>();
  for (const route of desired) {
    const id = parseProviderID(route.providerID);
    if (id.kind === 'ours') wanted.set(route.cidr, { cidr: route.cidr, machineID: id.machineID, tags });
  }

  const creates: PodRoute[] = [];
  const updates: PodRoute[] = [];
  let blocked: PlanNext | undefined;
  for (const route of wanted.values()) {
    const present = observed.routes.get(route.cidr);
    if (!present) creates.push(route);
    else if (present.machineID === route.machineID) continue;
    else if (present.ownership.kind === 'ours') updates.push(route);
    else blocked ??= { kind: 'blocked', by: `route/${route.cidr}`, reason: describeOwner(present.ownership) };
  }

  const ranges = clusterCIDRs.map((cidr) => ipaddr.parseCIDR(cidr));
  const deletes = [...observed.routes.values()]
    .filter((route) => !wanted.has(route.cidr) && route.ownership.kind === 'ours' && isWithin(route.cidr, ranges))
    .map(({ cidr, machineID }) => ({ cidr, machineID, tags: {} }));

  // Deletes come first: the table may be full.
  const operations = [
    ...batches('delete', deletes, observed),
    ...batches('update', updates, observed),
    ...batches('create', creates, observed),
  ];
  return { operations, next: blocked ?? { kind: 'converged' } };
}

function batches(verb: Verb, routes: readonly PodRoute[], observed: ObservedTable): readonly RoutesOperation[] {
  const operations: RoutesOperation[] = [];
  for (let start = 0; start < routes.length; start += maxItems) {
    const batch = routes.slice(start, start + maxItems);
    operations.push({
      verb,
      object: {
        kind: 'Routes',
        name: `${observed.table}/${batch.map(({ cidr }) => cidr).join(',')}`,
        ownership: verb === 'create' ? { kind: 'new' } : { kind: 'ours', proof: 'stamp' },
      },
      changes: batch.map(({ cidr, machineID }) => describeChange(verb, cidr, { observed, machineID })),
      permission: permissionFor(permissions[verb]),
      scope: observed.scope,
      locks: [observed.table],
      ...(verb === 'create' && { identity: { by: 'name', key: observed.table } as const }),
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
  const from = parts.observed.routes.get(cidr)?.machineID;
  return { field: cidr, ...(from !== undefined && { from }), ...(verb !== 'delete' && { to: parts.machineID }) };
}

function describeOwner(ownership: Ownership): string {
  return 'reason' in ownership ? `there is a route of somebody else: ${ownership.reason}` : '';
}

function isWithin(cidr: string, ranges: readonly [ipaddr.IPv4 | ipaddr.IPv6, number][]): boolean {
  const [address, prefix] = ipaddr.parseCIDR(cidr);
  return ranges.some(
    ([network, length]) => network.kind() === address.kind() && prefix >= length && address.match(network, length),
  );
}
