import type { Service, Spending, SpendingFacts } from '@ccm-ts/cloud-provider';

/** Looks in an hour: at nodes once in five minutes, at those that are not ready once in five seconds, at routes once in ten. */
const looksAtNodes = 12;
const looksAtSilentNodes = 720;
const looksAtRoutes = 360;
/** As many machines as a filter takes in one request; more are looked at by pages of a list. */
const machinesPerRequest = 200;
const machinesPerPage = 1000;
const tagsPerRequest = 20;

/**
 * What cloud-provider-aws 1.36 spends at its defaults, as its source and recordings of its calls show: DescribeInstances for
 * each node by itself; twice for each that is not ready; the whole route table with the machines of its routes, 500 a
 * request; each load balancer ensured anew at a restart with ten calls, one more for each port of a network load balancer, and
 * at least four when the nodes change. The figures of this manager are those of docs/call-budget.md. Pure.
 */
export function awsSpending(
  { nodes, routes, services, silentNodes }: SpendingFacts,
  isNetwork: (service: Service) => boolean,
): readonly Spending[] {
  const network = services.filter(isNetwork);
  const ports = network.reduce((sum, { spec }) => sum + spec.ports.length, 0);
  const hasRoutes = routes === 'managed';
  const anew = 10 * services.length + ports;
  // Of each load balancer, its listeners and its target groups.
  const tagRequests = 2 * Math.ceil((network.length + 2 * ports) / tagsPerRequest);
  return [
    {
      what: 'keeping nodes true',
      each: 'hour',
      go: nodes * looksAtNodes,
      ours: (nodes > machinesPerRequest ? Math.ceil(nodes / machinesPerPage) : Math.min(nodes, 1)) * looksAtNodes,
    },
    {
      what: 'nodes that are not ready',
      each: 'hour',
      go: silentNodes * 2 * looksAtSilentNodes,
      ours: silentNodes > 0 ? looksAtSilentNodes : 0,
    },
    {
      what: 'routes',
      each: 'hour',
      go: hasRoutes ? looksAtRoutes * (1 + Math.ceil(nodes / 500)) : 0,
      ours: hasRoutes ? 1 : 0,
    },
    {
      what: 'drift and what is left over',
      each: 'hour',
      go: 0,
      ours: 4 + (services.length > 0 ? 4 : 0) + (network.length > 0 ? 2 : 0),
    },
    {
      what: 'load balancers',
      each: 'restart',
      go: anew,
      // Lists and facts for all together, and of each what no list holds.
      ours: services.length === 0 ? 0 : 17 + tagRequests + ports + 2 * services.length,
    },
    {
      what: 'load balancers',
      each: 'nodeChange',
      go: 4 * services.length,
      ours: services.length === 0 ? 0 : 1 + ports + (services.length - network.length),
    },
  ];
}
