import { withNodeWrites } from './apply-node-writes.ts';
import { assemblePlan } from './assemble-plan.ts';
import type { CloudAnswers } from './cloud-answers.ts';
import type { ClusterPlan, PlannedObject, PlannedStep } from './cluster-plan.ts';
import { LaterAnswers } from './later-answers.ts';
import { type Planning, type PlanningOptions, planCluster } from './plan-cluster.ts';

export interface PlannedAhead {
  readonly plan: ClusterPlan;
  readonly planning: Planning;
  /** From the Nodes as they will be; the same where none is to be changed. */
  readonly then: Planning;
}

/**
 * Plans, and where Nodes are to be changed plans once more from the cluster as it is then: load balancers get the nodes that
 * are being initialised now, and routes their ranges.
 *
 * @param answers what the cloud has answered by the time that it is planned once more
 */
export async function planAhead(options: PlanningOptions, answers: () => CloudAnswers): Promise<PlannedAhead> {
  const planning = await planCluster(options);
  const plan = assemblePlan(planning);
  const snapshot = withNodeWrites(options.snapshot, planning.writes, plan);
  const depends = (name: string): boolean => name === 'service-lb-controller' || name === 'node-route-controller';
  if (!snapshot) return { plan, planning, then: planning };
  const then = await planCluster({
    ...options,
    snapshot,
    answers: new LaterAnswers(options.answers, answers()),
    controllers: (name) => depends(name) && options.controllers(name),
  });
  return { plan: { ...plan, objects: joined(plan.objects, assemblePlan(then).objects) }, planning, then };
}

/** What is now, with what comes then. Trouble of now is not talked away by what might be then. */
function joined(now: readonly PlannedObject[], then: readonly PlannedObject[]): readonly PlannedObject[] {
  const changing = then.filter(({ kind, state }) => kind !== 'Node' && state === 'change');
  const known = new Set(now.map(nameOf));
  const added = changing.filter((object) => !known.has(nameOf(object)));
  const objects = now.map((object) => {
    const later = changing.find((each) => nameOf(each) === nameOf(object));
    if (!later || (object.state !== 'change' && object.state !== 'converged')) return object;
    return {
      ...object,
      state: later.state,
      message: object.message === '' ? nodesChange : object.message,
      steps: later.steps.map((step) => marked(step, object.steps)),
    };
  });
  const laterOnly = added.map((object) => ({
    ...object,
    message: nodesChange,
    steps: object.steps.map((step) => marked(step, [])),
  }));
  // The order of a plan: Services, routes, Nodes.
  const nodes = objects.findIndex(({ kind }) => kind === 'Node');
  return nodes === -1
    ? [...objects, ...laterOnly]
    : [...objects.slice(0, nodes), ...laterOnly, ...objects.slice(nodes)];
}

const nodesChange = 'the nodes are about to change';

function nameOf({ key, kind }: PlannedObject): string {
  return `${kind} ${key}`;
}

function marked(step: PlannedStep, now: readonly PlannedStep[]): PlannedStep {
  const isKnown = now.some(({ kind, name, verb }) => kind === step.kind && name === step.name && verb === step.verb);
  return isKnown || step.after !== undefined ? step : { ...step, after: 'nodes' };
}
