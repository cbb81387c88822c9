import type { Spending, SpendingFacts } from '../../cloud/spending.ts';
import type { Snapshot } from '../planning/snapshot.ts';

/** Pure. */
export function spendingFacts({ nodes, services }: Snapshot, routes: SpendingFacts['routes']): SpendingFacts {
  const isReady = ({ status }: (typeof nodes)[number]): boolean =>
    status.conditions.some(({ type, status: state }) => type === 'Ready' && state === 'True');
  return {
    nodes: nodes.length,
    silentNodes: nodes.filter((node) => !isReady(node)).length,
    routes,
    services: services.filter(({ spec }) => spec.type === 'LoadBalancer'),
  };
}

/** An hour has so many looks at each node, and at each that is not ready. */
const looksAtNodes = 12;
const looksAtSilentNodes = 720;

/**
 * The least that the Go framework asks of any cloud, at its defaults: each node once in five minutes
 * (--node-status-update-frequency), each that is not ready twice in five seconds (--node-monitor-period), the routes once in ten
 * seconds, each Service at each restart and each change of nodes. Providers add to it. Source: k8s.io/cloud-provider 0.36,
 * controllers/node, nodelifecycle, route and service. Pure.
 */
export function frameworkSpending({ nodes, routes, services, silentNodes }: SpendingFacts): readonly Spending[] {
  const hasRoutes = routes === 'managed';
  const count = services.length;
  return [
    { what: 'keeping nodes true', each: 'hour', go: nodes * looksAtNodes, ours: Math.ceil(nodes / 100) * looksAtNodes },
    {
      what: 'nodes that are not ready',
      each: 'hour',
      go: silentNodes * 2 * looksAtSilentNodes,
      ours: silentNodes > 0 ? looksAtSilentNodes : 0,
    },
    { what: 'routes', each: 'hour', go: hasRoutes ? 360 : 0, ours: hasRoutes ? 1 : 0 },
    { what: 'drift and what is left over', each: 'hour', go: 0, ours: 3 },
    { what: 'load balancers', each: 'restart', go: count, ours: count },
    { what: 'load balancers', each: 'nodeChange', go: count, ours: count },
  ];
}

const occasions: Readonly<Record<Spending['each'], string>> = {
  hour: 'in a quiet hour',
  restart: 'at each restart',
  nodeChange: 'each time that a node comes or goes',
};

/** One line for people. */
export function describeSpending({ each, go, ours, what }: Spending): string {
  return `${occasions[each]}, ${what}: ${go} now at least, ${ours} then`;
}
