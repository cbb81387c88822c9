import {
  type CallContext,
  type Clock,
  CloudError,
  Duration,
  type ObservedRoute,
  type OperationResult,
  type Plan,
  type ResourceKey,
  type Route,
  type RouteDifference,
  type RouteTarget,
  type Routes,
} from '@ccm-ts/cloud-provider';
import type { Ec2Port, RoutingTable } from '../client/ec2-port.ts';
import { clusterTagPrefix, hasClusterTag, legacyClusterTagKey } from '../cluster-tags.ts';
import type { CloudConfig } from '../config/cloud-config.ts';
import type { KnownInstances } from '../instances/known-instances.ts';
import { parseProviderID } from '../provider-id.ts';
import { applyRoute } from './apply.ts';
import { instancesBehind, observeTable, type ObservedTable, tableIDOf, tableKey } from './observe.ts';
import { type AwsRouteOperation, foldRoute, planRoutes } from './plan.ts';

/** Whose instance it is changes never; that it is there is not concluded from this. */
const instanceMaxAge = Duration.hours(1);
/** Which table it is and what it holds is one and the same answer: who asks for the one takes the other along. */
const handOver = Duration.seconds(5);

export interface AwsRoutesOptions {
  readonly ec2: Ec2Port;
  readonly instances: KnownInstances;
  readonly config: CloudConfig;
  readonly clock: Clock;
}

export interface RouteFacts {
  readonly tableID: string;
}

/** The routes of pods in the route table of the cluster. */
export class AwsRoutes implements Routes<RouteFacts, ObservedTable, AwsRouteOperation> {
  readonly #options: AwsRoutesOptions;
  #fresh: { readonly table: RoutingTable; readonly at: number } | undefined;

  constructor(options: AwsRoutesOptions) {
    this.#options = options;
  }

  /**
   * Finds the table that RouteTableID names, or the only one with the cluster's tag.
   * @throws CloudError `Invalid` when there is none or more than one, as in the Go manager
   */
  async facts(call: CallContext): Promise<RouteFacts> {
    const { config, clock } = this.#options;
    const at = clock.monotonic();
    if (config.routeTableID === '' && config.tagging.id === '') throw wrongTables(config, []);
    const tables = await this.#find(call);
    const [table, ...others] = tables;
    if (table === undefined || others.length > 0) throw wrongTables(config, tables);
    this.#fresh = { table, at };
    return { tableID: table.id };
  }

  tables({ tableID }: RouteFacts): readonly ResourceKey[] {
    return [tableKey(tableID)];
  }

  targetOf({ providerID }: Route): RouteTarget {
    if (providerID === '') return { kind: 'unknown', reason: 'the node has no providerID yet' };
    const parsed = parseProviderID(providerID);
    switch (parsed.kind) {
      case 'instance':
        return { kind: 'known', target: parsed.instanceID };
      // The pods of such nodes have addresses of the VPC.
      case 'fargate':
      case 'foreign':
        return { kind: 'foreign' };
      case 'malformed':
        return { kind: 'unknown', reason: `the providerID ${providerID} names no instance` };
    }
  }

  async observe(key: ResourceKey, _facts: RouteFacts, call: CallContext): Promise<ObservedTable> {
    const { config, instances } = this.#options;
    const table = await this.#read(tableIDOf(key), call);
    const known = await instances.read(instancesBehind(table), instanceMaxAge, call);
    return observeTable({ table, scope: config.scope, tagging: config.tagging, instances: known });
  }

  routesIn({ routes }: ObservedTable): readonly ObservedRoute[] {
    return [...routes.values()];
  }

  plan(difference: RouteDifference, observed: ObservedTable): Plan<AwsRouteOperation> {
    return planRoutes(difference, observed);
  }

  apply(operation: AwsRouteOperation, _observed: ObservedTable, call: CallContext): Promise<OperationResult> {
    this.#fresh = undefined;
    return applyRoute(operation, this.#options, call);
  }

  fold(observed: ObservedTable, operation: AwsRouteOperation): ObservedTable {
    return foldRoute(observed, operation);
  }

  async #read(tableID: string, call: CallContext): Promise<RoutingTable> {
    const fresh = this.#fresh;
    this.#fresh = undefined;
    const { clock, ec2 } = this.#options;
    if (fresh?.table.id === tableID && clock.monotonic() - fresh.at <= handOver.milliseconds) return fresh.table;
    const [table] = await ec2.describeRoutes({ by: 'id', id: tableID }, call);
    if (table !== undefined) return table;
    throw new CloudError('NotFound', `the route table ${tableID} does not exist any more`, {
      operation: 'DescribeRouteTables',
    });
  }

  async #find(call: CallContext): Promise<readonly RoutingTable[]> {
    const { config, ec2 } = this.#options;
    const { routeTableID, tagging } = config;
    if (routeTableID !== '') return ec2.describeRoutes({ by: 'id', id: routeTableID }, call);
    // Only clusters from before the prefix have tables with the legacy tag alone.
    for (const key of [`${clusterTagPrefix}${tagging.id}`, legacyClusterTagKey]) {
      const found = await ec2.describeRoutes({ by: 'tag-key', key }, call);
      const ours = found.filter(({ tags }) => hasClusterTag(tags, tagging));
      if (ours.length > 0) return ours;
    }
    return [];
  }
}

function wrongTables(config: CloudConfig, tables: readonly RoutingTable[]): CloudError {
  const tag = `${clusterTagPrefix}${config.tagging.id}`;
  const message =
    config.routeTableID !== ''
      ? `[Global] RouteTableID: there is no route table ${config.routeTableID}`
      : config.tagging.id === ''
        ? '[Global] RouteTableID: without a cluster ID the route table must be named here'
        : tables.length === 0
          ? `no route table carries the tag ${tag}: tag the one that the nodes use, or name it in RouteTableID`
          : `the tag ${tag} is on ${tables.map(({ id }) => id).join(', ')}: name the one for pods in RouteTableID`;
  return new CloudError('Invalid', message, { operation: 'DescribeRouteTables', field: 'RouteTableID' });
}
