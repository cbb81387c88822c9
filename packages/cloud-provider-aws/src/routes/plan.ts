import type { Plan, RouteDifference, RouteOperation } from '@ccm-ts/cloud-provider';
import { permissions } from '../permissions.ts';
import type { ObservedTable } from './observe.ts';

/** Writes one route: EC2 takes no more at once. */
export interface AwsRouteOperation extends RouteOperation {
  readonly tableID: string;
  /** As EC2 spells it, or will. */
  readonly cidr: string;
  /** The instance that it is to lead to; empty for a delete. */
  readonly instanceID: string;
  /** All instances that the plan leads routes to, so that what is not known of them is read at once. */
  readonly instanceIDs: readonly string[];
}

const ours = { kind: 'ours', proof: 'adopted' } as const;

/** The writes for one table. Pure. */
export function planRoutes(difference: RouteDifference, observed: ObservedTable): Plan<AwsRouteOperation> {
  const { missing, unwanted, wrong } = difference;
  const instanceIDs = [...wrong.map(({ wanted }) => wanted.target), ...missing.map(({ target }) => target)];
  const shared = (cidr: string) => ({
    scope: observed.scope,
    locks: [`route-table/${observed.tableID}`],
    tableID: observed.tableID,
    cidr,
    cidrs: [cidr],
    instanceIDs,
  });
  const name = (cidr: string): string => `${observed.tableID} ${cidr}`;
  // Deletes come first: the table may be full.
  const operations: AwsRouteOperation[] = [
    ...unwanted.map(({ cidr, target }) => ({
      ...shared(cidr),
      verb: 'delete' as const,
      object: { kind: 'Route', name: name(cidr), ownership: ours },
      changes: [{ field: 'target', from: target }],
      permission: permissions.DeleteRoute,
      instanceID: '',
    })),
    ...wrong.map(({ wanted, present }) => ({
      ...shared(present.cidr),
      verb: 'update' as const,
      object: { kind: 'Route', name: name(present.cidr), ownership: ours },
      changes: [{ field: 'target', from: present.target, to: wanted.target }],
      permission: permissions.ReplaceRoute,
      instanceID: wanted.target,
    })),
    ...missing.map(({ cidr, target }) => ({
      ...shared(cidr),
      verb: 'create' as const,
      object: { kind: 'Route', name: name(cidr), ownership: { kind: 'new' as const } },
      changes: [{ field: 'target', to: target }],
      permission: permissions.CreateRoute,
      identity: { by: 'name' as const, key: name(cidr) },
      instanceID: target,
    })),
  ];
  return { operations, next: { kind: 'converged' } };
}

/** The table after the operation. Pure. */
export function foldRoute(observed: ObservedTable, operation: AwsRouteOperation): ObservedTable {
  const routes = new Map(observed.routes);
  const { cidr, instanceID } = operation;
  if (operation.verb === 'delete') routes.delete(cidr);
  else routes.set(cidr, { cidr, target: instanceID, state: 'active', ownership: ours });
  return { ...observed, routes };
}
