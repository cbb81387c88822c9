import { CloudError, toCloudError } from '../../cloud/cloud-error.ts';
import type { CloudProvider } from '../../cloud/cloud-provider.ts';
import type { InstanceView, Instances, NodeRef } from '../../cloud/instances.ts';
import type { LoadBalancerKind, ServiceUID, Wish } from '../../cloud/load-balancer-kind.ts';
import type { Operation } from '../../cloud/operation.ts';
import type { Plan } from '../../cloud/plan.ts';
import type { PodRanges } from '../../cloud/pod-ranges.ts';
import type { Routes } from '../../cloud/routes.ts';
import type { AnswerSource } from './cloud-answers.ts';
import { laterRounds } from './plan-rounds.ts';

/** The last thing that a kind of load balancer was asked to plan for some Services. */
export interface TappedPlan {
  readonly kind: string;
  readonly wishes: ReadonlyMap<ServiceUID, Wish<unknown>>;
  readonly observed: unknown;
  readonly plan: Plan;
  /** What is to be written after that, as far as it can be told. Works it out anew each time. */
  readonly later: () => readonly Operation[];
}

/** What is to be written to one route table. */
export interface TappedRoutePlan {
  readonly observed: unknown;
  readonly plan: Plan;
}

/** What is heard while controllers plan. */
export interface Tap {
  readonly answers: AnswerSource;
  readonly onLoadBalancerPlan: (plan: TappedPlan) => void;
  readonly onRoutePlan: (tapped: TappedRoutePlan) => void;
  /** Neither facts nor a table could be read. */
  readonly onRouteTrouble: (error: CloudError) => void;
  /** Writes that machines need before their nodes can be used. */
  readonly onPreparation: (nodes: readonly NodeRef[], plan: Plan) => void;
}

/** The provider with an ear at everything that goes through it. Nothing is asked for that controllers don't ask for. */
export function tapProvider(provider: CloudProvider, tap: Tap): CloudProvider {
  const { instances, loadBalancers, podRanges, routes } = provider;
  return replaced(provider, {
    ...(instances && { instances: tapInstances(instances, tap) }),
    ...(loadBalancers && { loadBalancers: loadBalancers.map((kind) => tapKind(kind, tap)) }),
    ...(routes && { routes: tapRoutes(routes, tap) }),
    ...(podRanges && { podRanges: tapPodRanges(podRanges, tap) }),
  });
}

function tapKind(kind: LoadBalancerKind, { answers, onLoadBalancerPlan }: Tap): LoadBalancerKind {
  const place = `loadBalancers/${kind.name}`;
  return replaced(kind, {
    // Lists for the slow look for drift are none of a plan's: everything is looked at once.
    listUnchanged: undefined,
    traces: (member, call) => answers.ask(`${place}/traces/${member.uid}`, () => kind.traces(member, call)),
    facts: (request, call) =>
      answers.ask(`${place}/facts/${request.service.metadata.uid}`, () => kind.facts(request, call)),
    observe: (group, members, call) =>
      answers.ask(`${place}/observe/${group}`, () => kind.observe(group, members, call)),
    plan: (wishes, observed) => {
      const plan = kind.plan(wishes, observed);
      const later = (): readonly Operation[] => laterRounds(kind, wishes, { observed, plan });
      onLoadBalancerPlan({ kind: kind.name, wishes, observed, plan, later });
      return plan;
    },
    apply: never,
  });
}

function tapRoutes(routes: Routes, { answers, onRoutePlan, onRouteTrouble }: Tap): Routes {
  const noting = async <Value>(asked: Promise<Value>): Promise<Value> => {
    try {
      return await asked;
    } catch (error) {
      onRouteTrouble(toCloudError(error));
      throw error;
    }
  };
  return replaced(routes, {
    facts: (call) => noting(answers.ask('routes/facts', () => routes.facts(call))),
    observe: (table, facts, call) =>
      noting(answers.ask(`routes/observe/${table}`, () => routes.observe(table, facts, call))),
    plan: (difference, observed) => {
      const plan = routes.plan(difference, observed);
      onRoutePlan({ observed, plan });
      return plan;
    },
    apply: never,
  });
}

function tapInstances(instances: Instances, { answers, onPreparation }: Tap): Instances {
  const { prepare } = instances;
  return replaced(instances, {
    async describe(nodes, need, call) {
      const views = new Map<string, InstanceView>();
      let asked: Promise<ReadonlyMap<string, InstanceView>> | undefined;
      const ask = (): Promise<ReadonlyMap<string, InstanceView>> => (asked ??= instances.describe(nodes, need, call));
      // Batches differ from run to run, the question about one node does not.
      await Promise.all(
        nodes.map(async ({ name }) => {
          const view = await answers.ask<InstanceView | undefined>(`instances/${need}/${name}`, async () =>
            (await ask()).get(name),
          );
          if (view) views.set(name, view);
        }),
      );
      return views;
    },
    ...(prepare && {
      prepare: {
        async plan(nodes, call): Promise<Plan> {
          const plan = await answers.ask(`instances/prepare/${nodes.map(({ name }) => name).join(',')}`, () =>
            prepare.plan(nodes, call),
          );
          onPreparation(nodes, plan);
          // What comes after it is to be seen as well.
          return { operations: [], next: plan.operations.length > 0 ? { kind: 'converged' } : plan.next };
        },
        apply: never,
      },
    }),
  });
}

function tapPodRanges(podRanges: PodRanges, { answers }: Tap): PodRanges {
  return replaced(podRanges, {
    describe: (nodes, call) =>
      answers.ask(`podRanges/${nodes.map(({ name }) => name).join(',')}`, () => podRanges.describe(nodes, call)),
  });
}

/** The last door: whoever plans applies nothing. */
function never(operation: Operation): Promise<never> {
  return Promise.reject(new CloudError('Denied', `nothing is written while planning: ${operation.object.name}`));
}

/** The object with some of its members replaced; the others work on the object itself, private fields and all. */
function replaced<T extends object>(target: T, members: { readonly [Name in keyof T]?: T[Name] | undefined }): T {
  return new Proxy(target, {
    get(_target, name) {
      if (Object.hasOwn(members, name)) return Reflect.get(members, name) as unknown;
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
    has: (_target, name) =>
      Object.hasOwn(members, name) ? Reflect.get(members, name) !== undefined : Reflect.has(target, name),
  });
}
