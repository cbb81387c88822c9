import type { Clock } from '../../../base/clock.ts';
import type { Duration } from '../../../base/duration.ts';
import type { CallContext } from '../../../cloud/call-context.ts';
import type { ClusterIdentity } from '../../../cloud/cluster-identity.ts';
import type { Route, RouteTarget, Routes } from '../../../cloud/routes.ts';
import { FactsCache } from '../client/facts-cache.ts';
import type { MemoryClient } from '../client/memory-client.ts';
import { parseProviderID } from '../provider-id.ts';
import { applyRoutes, foldRoutes } from './apply.ts';
import { type ObservedTable, observeTable, tableKey } from './observe.ts';
import { planRoutes, type RoutesOperation } from './plan.ts';

export interface MemoryRoutesOptions {
  readonly client: MemoryClient;
  readonly clock: Clock;
  readonly cluster: ClusterIdentity;
  readonly factsMaxAge: Duration;
}

export interface RouteFacts {
  readonly routeTables: readonly string[];
}

/** The routes of pods, in the route tables of the cloud's network. */
export function memoryRoutes(options: MemoryRoutesOptions): Routes<RouteFacts, ObservedTable, RoutesOperation> {
  const { client, clock, cluster, factsMaxAge } = options;
  const read = (call: CallContext): Promise<RouteFacts> => client.describeNetwork(call);
  const facts = new FactsCache({ clock, maxAge: factsMaxAge, read });
  return {
    facts: (call) => facts.get(call),
    tables: ({ routeTables }) => routeTables.map(tableKey),
    targetOf,
    observe: (table, _facts, call) => observeTable(client, { table, cluster }, call),
    routesIn: ({ routes }) => [...routes.values()],
    plan: planRoutes,
    apply: (operation, _observed, call) => applyRoutes(operation, { client, cluster, call }),
    fold: foldRoutes,
  };
}

/** Routes lead to machines, by their ids. */
function targetOf({ providerID }: Route): RouteTarget {
  if (providerID === '') return { kind: 'unknown', reason: 'the node has no providerID yet' };
  const id = parseProviderID(providerID);
  switch (id.kind) {
    case 'ours':
      return { kind: 'known', target: id.machineID };
    case 'foreign':
      return { kind: 'foreign' };
    case 'malformed':
      return { kind: 'unknown', reason: `no machine has the providerID ${providerID}` };
  }
}
