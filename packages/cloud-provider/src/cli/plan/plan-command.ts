import { suggest } from '../../base/suggest.ts';
import type { FlagTable } from '../../config/flags/flag.ts';
import type { Command } from '../command.ts';
import { CommandFailure } from '../command-failure.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ClusterPlan, PlannedObject } from '../planning/cluster-plan.ts';
import { planNow } from '../session/planned.ts';
import { quotasOf } from '../quotas/planned-quotas.ts';
import { planManifests } from './plan-manifests.ts';
import { planReport } from './plan-report.ts';

const parts = ['nodes', 'services', 'routes'] as const;
type Part = (typeof parts)[number];

const flags = {
  filename: {
    kind: 'array',
    default: [],
    group: 'Generic',
    shorthand: 'f',
    help: 'Plan as if the Services of this file were applied; - reads standard input. Repeatable.',
  },
  'nodes-from': {
    kind: 'string',
    default: '',
    group: 'Generic',
    help: 'With -f: plan with the Nodes of this file, as `kubectl get nodes -o yaml` writes them, and without a cluster.',
  },
} as const satisfies FlagTable;

/** `plan`: what would be done now, and why. */
export const planCommand: Command = {
  name: 'plan',
  usage: '[nodes|services|routes] [NAME]',
  description:
    'Lets the controllers work on cluster and cloud as they are now, and shows every write that they would make, with the ' +
    'reason, and the quotas of the cloud that they use. Nothing is written: read-only credentials are enough. With -f it plans ' +
    'for manifests that are not applied, with the Nodes of the cluster, or without a cluster with those of --nodes-from; ' +
    '`lint -f` needs neither cluster nor cloud. Exits with 2 when the plan is not empty.',
  examples: [
    'plan',
    'plan services default/web',
    'plan -f service.yaml --output markdown',
    'plan -f service.yaml --nodes-from nodes.yaml',
  ],
  flags,
  words: [parts],
  wordCount: { least: 0, most: 2 },
  async run(input) {
    const files = input.flags['filename'] as readonly string[];
    const nodesFile = input.flags['nodes-from'] as string;
    if (files.length > 0) return planManifests(input, { files, nodesFile });
    if (nodesFile !== '') {
      throw new CommandFailure('--nodes-from says nothing without -f', 'name the manifests too: -f FILE', {
        exit: exitCodes.usage,
      });
    }
    const part = partOf(input.words[0]);
    const { session, words } = input;
    const planned = await planNow(session, {
      controllers: (name) => part === undefined || controllersOf[part].includes(name),
    });
    const plan = narrowed(planned.plan, part, words[1]);
    const quotas = await quotasOf(session, planned, plan.objects);
    return planReport(plan, { quotas, warnings: [...session.warnings] });
  },
};

const controllersOf: Readonly<Record<Part, readonly string[]>> = {
  nodes: ['cloud-node-controller', 'cloud-node-lifecycle-controller', 'node-ipam-controller'],
  // What is planned for Nodes decides what follows for these.
  services: ['service-lb-controller', 'cloud-node-controller'],
  routes: ['node-route-controller', 'cloud-node-controller', 'node-ipam-controller'],
};

function partOf(word: string | undefined): Part | undefined {
  if (word === undefined) return undefined;
  const singular: Readonly<Record<string, Part>> = {
    node: 'nodes',
    service: 'services',
    svc: 'services',
    route: 'routes',
  };
  const part = parts.find((each) => each === word) ?? singular[word];
  if (part) return part;
  throw new CommandFailure(`${JSON.stringify(word)} can't be planned`, `write one of ${parts.join(', ')}`, {
    exit: exitCodes.usage,
  });
}

const kinds: Readonly<Record<Part, PlannedObject['kind']>> = { nodes: 'Node', services: 'Service', routes: 'Routes' };

function narrowed(plan: ClusterPlan, part: Part | undefined, name: string | undefined): ClusterPlan {
  if (part === undefined) return plan;
  const objects = plan.objects.filter(({ kind }) => kind === kinds[part]);
  if (name === undefined) return { ...plan, objects };
  const key = part === 'services' && !name.includes('/') ? `default/${name}` : name;
  const named = objects.filter((object) => object.key === key);
  if (named.length > 0 || part === 'routes') return { ...plan, objects: named.length > 0 ? named : objects };
  const keys = objects.map((object) => object.key);
  const bare = name.slice(name.indexOf('/') + 1);
  const near = keys.find((each) => part === 'services' && each.endsWith(`/${bare}`)) ?? suggest(key, keys);
  const usual =
    part === 'services'
      ? 'write NAMESPACE/NAME of a Service of type LoadBalancer that this manager serves'
      : 'write the name of a Node';
  const next = near === undefined ? usual : `did you mean ${near}?`;
  throw new CommandFailure(`there is no ${kinds[part]} ${key} that this manager looks after`, next);
}
