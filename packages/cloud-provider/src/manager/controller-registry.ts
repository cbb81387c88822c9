import type { EndpointSlice } from '../api/endpoint-slice.ts';
import type { Node } from '../api/node.ts';
import type { Service } from '../api/service.ts';
import type { Clock } from '../base/clock.ts';
import type { Duration } from '../base/duration.ts';
import { matchesLabels } from '../base/label-selector.ts';
import type { CloudProvider } from '../cloud/cloud-provider.ts';
import type { ProviderControllerDeclaration } from '../cloud/provider-controller.ts';
import type { GuardPolicy } from '../cloud/guard.ts';
import type { ClusterIdentity } from '../cloud/cluster-identity.ts';
import type { NetworkSettings } from '../config/network-settings.ts';
import type { OwnershipSettings } from '../config/ownership-settings.ts';
import type { Controller } from '../controllers/controller.ts';
import {
  NodeLifecycleController,
  type NodeLifecycleSettings,
} from '../controllers/node-lifecycle/node-lifecycle-controller.ts';
import { NodeIpamController } from '../controllers/node-ipam/node-ipam-controller.ts';
import { CloudAllocator } from '../controllers/node-ipam/cloud-allocator.ts';
import { RangeAllocator } from '../controllers/node-ipam/range-allocator.ts';
import { NodeController } from '../controllers/node/node-controller.ts';
import { OrphanController } from '../controllers/orphan/orphan-controller.ts';
import type { OrphanSettings } from '../controllers/orphan/orphan-settings.ts';
import { ProviderNodeController } from '../controllers/provider-nodes/provider-node-controller.ts';
import { RouteController } from '../controllers/route/route-controller.ts';
import type { IsOwnNode } from '../controllers/own-nodes.ts';
import type { LoadBalancerClasses } from '../controllers/service/service-intent.ts';
import { ServiceController } from '../controllers/service/service-controller.ts';
import type { KubeClient } from '../kube/client/kube-client.ts';
import type { WriteFence } from '../kube/client/write-fence.ts';
import type { EventRecorder } from '../kube/events/event-recorder.ts';
import type { Informer } from '../kube/informer/informer.ts';
import type { OperationLog } from '../reconcile/operation-log.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { MetricRegistry } from '../telemetry/metrics.ts';
import { controllerRights } from './controller-rights.ts';
import { ownNodesClient } from './own-nodes-client.ts';
import type { RbacRule } from './rbac.ts';

/** What the flags say to controllers. */
export interface ControllerSettings {
  /** `--node-name`: the one Node that the manager looks after. @default all */
  readonly nodeName?: string | undefined;
  readonly nodeStatusUpdateFrequency: Duration;
  /** What is left out is left to the controller. */
  readonly nodeLifecycle?: NodeLifecycleSettings;
  /** Undefined leaves it to the controller. */
  readonly concurrentServiceSyncs: number | undefined;
  /** What is left out is left to the controller. */
  readonly loadBalancerClasses?: LoadBalancerClasses;
  /** Without them neither routes nor the ranges of nodes are looked after. */
  readonly network?: NetworkSettings;
  /** What is left out is left to the controller. */
  readonly orphans?: OrphanSettings;
  /** @default the manager looks after everything that is of its cloud */
  readonly ownership?: OwnershipSettings;
}

/** What controllers are built from. */
export interface ControllerContext {
  readonly client: KubeClient;
  readonly fence: WriteFence;
  readonly provider: CloudProvider;
  readonly cluster: ClusterIdentity;
  readonly settings: ControllerSettings;
  /** What the guard of the controllers' writes to the cloud goes by. */
  readonly policy: GuardPolicy;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricRegistry;
  readonly operations: OperationLog;
  /** Shared by all controllers; made, and read from the API server, only for those that ask. */
  readonly informers: {
    readonly nodes: () => Informer<Node>;
    /** Those alone that may be this manager's; what ceases to be its own is told as deleted. */
    readonly ownNodes: () => Informer<Node>;
    readonly services: () => Informer<Service>;
    readonly endpointSlices: () => Informer<EndpointSlice>;
  };
  /** For controllers that have to know of all nodes, and must leave some to others. */
  readonly isOwnNode: IsOwnNode;
  /** A recorder that names the component as the source of its Events. */
  readonly recorder: (component: string) => EventRecorder;
}

/** A controller that the manager can run. */
export interface ControllerRegistration {
  /** The canonical name. */
  readonly name: string;
  /** The name in the metric `running_managed_controllers`. */
  readonly metricName: string;
  /** The service account of kube-system that it uses under `--use-service-account-credentials`. */
  readonly serviceAccount: string;
  /** Whether it can look after a single Node, in a process beside it. @default no */
  readonly worksPerNode?: 'yes';
  /** What it may do in the cluster: exactly what it needs. */
  readonly rbac: readonly RbacRule[];
  /** Undefined when the provider lacks what the controller needs; it is skipped then, as in the Go managers. */
  readonly build: (context: ControllerContext) => Controller | SkippedController | undefined;
}

/** Why a controller does not run although the provider has what it needs. For people. */
export interface SkippedController {
  readonly skipped: string;
}

/** The controllers of the framework, in the order in which they start. */
export const builtInControllers: readonly ControllerRegistration[] = [
  {
    name: 'cloud-node-controller',
    metricName: 'cloud-node',
    serviceAccount: 'node-controller',
    worksPerNode: 'yes',
    rbac: controllerRights.node,
    build: (context) =>
      context.provider.instances &&
      new NodeController({
        client: ownNodesClient(context.client, context.isOwnNode),
        fence: context.fence,
        nodes: context.informers.ownNodes(),
        instances: context.provider.instances,
        policy: context.policy,
        operations: context.operations,
        recorder: context.recorder('cloud-node-controller'),
        clock: context.clock,
        logger: context.logger.child({ controller: 'cloud-node-controller' }),
        metrics: context.metrics,
        statusUpdateFrequency: context.settings.nodeStatusUpdateFrequency,
        nodeName: context.settings.nodeName,
      }),
  },
  {
    name: 'cloud-node-lifecycle-controller',
    metricName: 'cloud-node-lifecycle',
    serviceAccount: 'node-controller',
    rbac: controllerRights.nodeLifecycle,
    build: (context) =>
      context.provider.instances &&
      new NodeLifecycleController({
        ...context.settings.nodeLifecycle,
        client: ownNodesClient(context.client, context.isOwnNode),
        fence: context.fence,
        nodes: context.informers.ownNodes(),
        instances: context.provider.instances,
        scheme: context.provider.name,
        cluster: context.cluster,
        recorder: context.recorder('cloud-node-lifecycle-controller'),
        clock: context.clock,
        logger: context.logger.child({ controller: 'cloud-node-lifecycle-controller' }),
        metrics: context.metrics,
      }),
  },
  {
    name: 'service-lb-controller',
    metricName: 'service',
    serviceAccount: 'service-controller',
    rbac: controllerRights.service,
    build: (context) =>
      context.provider.loadBalancers &&
      new ServiceController({
        client: context.client,
        fence: context.fence,
        services: context.informers.services(),
        ...nodesForServices(context),
        isManaged: servicesOf(context.settings.ownership),
        endpointSlices: context.informers.endpointSlices,
        kinds: context.provider.loadBalancers,
        ...(context.settings.loadBalancerClasses && { classes: context.settings.loadBalancerClasses }),
        cluster: context.cluster,
        policy: context.policy,
        recorder: context.recorder('service-controller'),
        operations: context.operations,
        clock: context.clock,
        logger: context.logger.child({ controller: 'service-lb-controller' }),
        metrics: context.metrics,
        ...(context.settings.concurrentServiceSyncs === undefined
          ? {}
          : { concurrency: context.settings.concurrentServiceSyncs }),
      }),
  },
  {
    name: 'node-route-controller',
    metricName: 'route',
    serviceAccount: 'route-controller',
    rbac: controllerRights.route,
    build: buildRouteController,
  },
  {
    name: 'node-ipam-controller',
    metricName: 'nodeipam',
    serviceAccount: 'node-controller',
    rbac: controllerRights.nodeIpam,
    build: buildNodeIpamController,
  },
  {
    name: 'orphan-controller',
    metricName: 'orphan',
    serviceAccount: 'orphan-controller',
    rbac: controllerRights.orphan,
    build: (context) =>
      context.provider.inventory &&
      new OrphanController({
        ...context.settings.orphans,
        client: context.client,
        services: context.informers.services(),
        nodes: context.informers.nodes(),
        inventory: context.provider.inventory,
        cluster: context.cluster,
        guard: context.policy,
        recorder: context.recorder('orphan-controller'),
        operations: context.operations,
        clock: context.clock,
        logger: context.logger.child({ controller: 'orphan-controller' }),
        metrics: context.metrics,
      }),
  },
];

/** The loops that only one cloud has; those that a configuration has no use for are skipped. */
export function providerControllers(
  declared: readonly ProviderControllerDeclaration[],
): readonly ControllerRegistration[] {
  return declared.map(({ name, serviceAccount }) => ({
    name,
    metricName: name,
    serviceAccount,
    rbac: controllerRights.providerNodes,
    build: (context) => {
      const controller = context.provider.controllers?.find((each) => each.name === name);
      if (!controller) return undefined;
      const { client, clock, fence, informers, logger, metrics } = context;
      const child = logger.child({ controller: name });
      return new ProviderNodeController({
        controller,
        client,
        fence,
        nodes: informers.ownNodes(),
        clock,
        logger: child,
        metrics,
      });
    },
  }));
}

/** Nodes that are not this manager's are followed only where a kind sends traffic to them. */
function nodesForServices({ informers, isOwnNode, provider }: ControllerContext): {
  readonly nodes: Informer<Node>;
  readonly isOwnNode: IsOwnNode;
} {
  const reachesAll = provider.loadBalancers?.some(({ sendsTo }) => sendsTo === 'allNodes') ?? false;
  return { nodes: reachesAll ? informers.nodes() : informers.ownNodes(), isOwnNode };
}

function servicesOf(ownership: OwnershipSettings | undefined): (service: Service) => boolean {
  const selector = ownership?.services;
  return (service) => selector === undefined || matchesLabels(selector, service.metadata.labels);
}

function buildRouteController(context: ControllerContext): RouteController | SkippedController | undefined {
  const { provider, settings } = context;
  const { network } = settings;
  if (!provider.routes) return undefined;
  if (!network?.configureCloudRoutes) return { skipped: '--configure-cloud-routes is false' };
  if (network.clusterCIDRs.length === 0) {
    return {
      skipped:
        '--cluster-cidr is empty: write the range of addresses for pods to have routes, or --configure-cloud-routes=false',
    };
  }
  return new RouteController({
    client: context.client,
    fence: context.fence,
    nodes: context.informers.nodes(),
    routes: provider.routes,
    isOwn: context.isOwnNode,
    otherManagers: settings.ownership?.nodes ? 'some' : 'none',
    clusterCIDRs: network.clusterCIDRs,
    policy: context.policy,
    recorder: context.recorder('route_controller'),
    operations: context.operations,
    clock: context.clock,
    logger: context.logger.child({ controller: 'node-route-controller' }),
    metrics: context.metrics,
    ...(network.routeResyncPeriod && { resyncPeriod: network.routeResyncPeriod }),
  });
}

function buildNodeIpamController(context: ControllerContext): NodeIpamController | SkippedController {
  const nodeIpam = context.settings.network?.nodeIpam;
  if (!nodeIpam) return { skipped: '--allocate-node-cidrs is false' };
  const { podRanges } = context.provider;
  if (nodeIpam.source === 'cloud' && !podRanges) {
    return { skipped: '--cidr-allocator-type=CloudAllocator, but this cloud gives machines no ranges for pods' };
  }
  return new NodeIpamController({
    client: context.client,
    fence: context.fence,
    nodes: context.informers.nodes(),
    allocator:
      nodeIpam.source === 'cloud' && podRanges
        ? new CloudAllocator(podRanges)
        : new RangeAllocator({ ...nodeIpam, metrics: context.metrics }),
    isOwn: context.isOwnNode,
    recorder: context.recorder('cidrAllocator'),
    clock: context.clock,
    logger: context.logger.child({ controller: 'node-ipam-controller' }),
    metrics: context.metrics,
  });
}
