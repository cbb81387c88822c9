import type { Node, NodeCondition } from '../../api/node.ts';
import { parseCidr } from '../../base/cidr.ts';
import { OperationLog } from '../../reconcile/operation-log.ts';
import { silentLogger } from '../../telemetry/logger.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { TestCluster, TestRecorder } from '../test-cluster.ts';
import { RouteController, type RouteControllerOptions } from './route-controller.ts';
import { TestRoutes } from './test-routes.ts';

export interface RoutedNodeOptions {
  readonly podCIDRs?: readonly string[];
  readonly providerID?: string;
  readonly address?: string;
  readonly condition?: { readonly status: string; readonly reason: string };
  readonly creationTimestamp?: string;
  readonly uid?: string;
}

/** An initialised node; its machine has its name unless told otherwise. */
export function routedNode(name: string, options: RoutedNodeOptions = {}): Node {
  const conditions: readonly NodeCondition[] = options.condition
    ? [{ type: 'NetworkUnavailable', lastTransitionTime: '2025-12-01T00:00:00Z', ...options.condition }]
    : [];
  return {
    metadata: {
      name,
      namespace: '',
      uid: options.uid ?? `uid-of-${name}`,
      resourceVersion: '1',
      creationTimestamp: options.creationTimestamp ?? '2025-12-31T23:59:50Z',
      deletionTimestamp: '',
      labels: {},
      annotations: {},
      finalizers: [],
    },
    spec: {
      podCIDRs: options.podCIDRs ?? [],
      providerID: options.providerID ?? `test://${name}`,
      unschedulable: false,
      taints: [],
    },
    status: { conditions, addresses: [{ type: 'InternalIP', address: options.address ?? '10.0.0.1' }] },
  };
}

/** The controller between a cluster and a cloud, on a clock that the test moves. */
export function routeBench(
  options: Partial<Omit<RouteControllerOptions, 'clusterCIDRs'>> & { readonly clusterCIDRs?: readonly string[] } = {},
) {
  const clock = new FakeClock();
  const cluster = new TestCluster();
  const routes = new TestRoutes();
  const recorder = new TestRecorder();
  const metrics = new MetricRegistry();
  const operations = new OperationLog(clock);
  const stop = new AbortController();
  let controller: RouteController | undefined;
  let run = Promise.resolve();
  const { clusterCIDRs = ['10.120.0.0/16'], ...rest } = options;
  return {
    clock,
    cluster,
    routes,
    recorder,
    metrics,
    operations,
    stop,
    start(): RouteController {
      controller = new RouteController({
        client: cluster.client,
        nodes: cluster.nodes,
        routes,
        recorder,
        operations,
        clock,
        metrics,
        logger: silentLogger,
        clusterCIDRs: clusterCIDRs.map(parseCidr).filter((cidr) => cidr !== undefined),
        ...rest,
      });
      run = controller.run({ stopping: stop.signal, aborting: stop.signal });
      return controller;
    },
    /** `status reason` of the node's condition. */
    condition(name: string): string | undefined {
      const found = cluster.node(name)?.status.conditions.find(({ type }) => type === 'NetworkUnavailable');
      return found && `${found.status} ${found.reason}`;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      stop.abort(new Error('the test is over'));
      await run;
    },
  };
}
