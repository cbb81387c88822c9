import type { Node } from '../../api/node.ts';
import type { Service } from '../../api/service.ts';
import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import type { CloudError } from '../../cloud/cloud-error.ts';
import type { CloudProvider } from '../../cloud/cloud-provider.ts';
import type { NodeRef } from '../../cloud/instances.ts';
import type { Plan } from '../../cloud/plan.ts';
import type { Controller, ItemStatus } from '../../controllers/controller.ts';
import { ownNodes } from '../../controllers/own-nodes.ts';
import type { RawRequest, RawResponse } from '../../kube/client/kube-client.ts';
import { selectObjects } from '../../kube/informer/select-objects.ts';
import { endpointSlices, nodes, services } from '../../kube/resources.ts';
import {
  builtInControllers,
  type ControllerRegistration,
  type ControllerSettings,
} from '../../manager/controller-registry.ts';
import { OperationLog } from '../../reconcile/operation-log.ts';
import { type Logger, silentLogger } from '../../telemetry/logger.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import type { AnswerSource } from './cloud-answers.ts';
import type { SkippedPart } from './cluster-plan.ts';
import type { Snapshot } from './snapshot.ts';
import { type ClusterWrite, snapshotClient } from './snapshot-client.ts';
import { snapshotInformer } from './snapshot-informer.ts';
import { type TappedPlan, type TappedRoutePlan, tapProvider } from './tapped-provider.ts';
import { type ToldEvent, eventKeeper } from './told-events.ts';

/** The controllers that plan what `plan` shows. Those that only look for what is left over have subcommands of their own. */
const planners = [
  'cloud-node-controller',
  'cloud-node-lifecycle-controller',
  'service-lb-controller',
  'node-route-controller',
  'node-ipam-controller',
] as const;

export interface PlanningOptions {
  readonly snapshot: Snapshot;
  readonly provider: CloudProvider;
  readonly settings: ControllerSettings;
  /** Where questions to the cloud are answered. */
  readonly answers: AnswerSource;
  /** Answers what of the cluster is not in the snapshot. */
  readonly read: (request: RawRequest) => Promise<RawResponse>;
  /** Those that are to plan, of the framework's. */
  readonly controllers: (name: string) => boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** @default nobody hears of it */
  readonly logger?: Logger;
  /** Told now and then how many questions are open. */
  readonly onProgress?: (waiting: number) => void;
}

/** Everything that was heard while the controllers planned. */
export interface Planning {
  readonly snapshot: Snapshot;
  readonly writes: readonly ClusterWrite[];
  readonly events: readonly ToldEvent[];
  readonly loadBalancerPlans: readonly TappedPlan[];
  readonly routePlans: readonly TappedRoutePlan[];
  readonly routeTroubles: readonly CloudError[];
  readonly preparations: readonly { readonly nodes: readonly NodeRef[]; readonly plan: Plan }[];
  /** What each controller says of its objects, by its name. */
  readonly items: ReadonlyMap<string, readonly ItemStatus[]>;
  readonly facts: ReadonlyMap<string, Readonly<Record<string, string | number>>>;
  readonly skipped: readonly SkippedPart[];
}

/**
 * Has the manager's own controllers work on the snapshot until they have nothing more to do without a write. They see what they
 * always see; what they would write is heard and goes nowhere: the client has no server behind it, the provider's `apply` is
 * replaced, and the guard is told to observe.
 *
 * @throws the signal's reason when it is aborted
 */
export async function planCluster(options: PlanningOptions): Promise<Planning> {
  const { clock, provider, settings, signal, snapshot, logger = silentLogger } = options;
  const heard = new Heard(snapshot);
  const tapped = tapProvider(provider, { ...heard.tap(), answers: options.answers });
  const client = snapshotClient({ snapshot, read: options.read, onWrite: (write) => heard.writes.push(write) });
  const { instances, name, providerIDSchemes } = provider;
  const isOwnNode = ownNodes({
    schemes: providerIDSchemes ?? [name],
    ...(settings.ownership?.nodes && { selector: settings.ownership.nodes }),
    ...(instances?.claim && { claim: (node) => instances.claim?.(node) ?? 'open' }),
  });
  const informers = {
    nodes: snapshotInformer<Node>(nodes, snapshot.nodes),
    services: snapshotInformer<Service>(services, snapshot.services),
    endpointSlices: snapshotInformer(endpointSlices, snapshot.endpointSlices),
  };
  const build = (registration: ControllerRegistration): Controller | undefined => {
    const built = registration.build({
      client,
      fence: { assertHeld: () => undefined },
      provider: tapped,
      cluster: snapshot.cluster,
      settings,
      policy: { mode: 'observe', isProtected: () => false },
      clock,
      logger,
      metrics: new MetricRegistry(),
      operations: new OperationLog(clock),
      informers: {
        nodes: () => informers.nodes,
        ownNodes: () => selectObjects(informers.nodes, isOwnNode),
        services: () => informers.services,
        endpointSlices: () => informers.endpointSlices,
      },
      isOwnNode,
      recorder: () => eventKeeper(heard.events),
    });
    if (built && 'skipped' in built) {
      heard.skipped.push({ controller: registration.name, reason: built.skipped });
      return undefined;
    }
    return built;
  };
  const wanted = builtInControllers.filter(
    (each) => planners.some((planner) => planner === each.name) && options.controllers(each.name),
  );
  const built = wanted.map(build).filter((controller) => controller !== undefined);
  await untilStill(built, options);
  signal.throwIfAborted();
  return heard.planning(built);
}

/** How often it is looked whether there is still something to do, and how many quiet looks in a row are believed. */
const lookEvery = Duration.milliseconds(10);
const quietLooks = 5;

/** Runs the controllers until none of them has anything to do now and the cloud owes no answer. */
async function untilStill(controllers: readonly Controller[], options: PlanningOptions): Promise<void> {
  const { answers, clock, onProgress, signal } = options;
  const stopping = new AbortController();
  const life = AbortSignal.any([stopping.signal, signal]);
  const running = controllers.map((controller) => controller.run({ stopping: life, aborting: life }));
  const failed = Promise.race(running.map((run) => run.then(() => undefined)));
  // A loop that ends by itself is a defect, which must not be waited for.
  failed.catch(() => undefined);
  const isBusy = (): boolean =>
    answers.waiting > 0 || controllers.some((each) => each.status().queues.some(({ depth }) => depth > 0));
  try {
    for (let quiet = 0; quiet < quietLooks; quiet = isBusy() ? 0 : quiet + 1) {
      onProgress?.(answers.waiting);
      await Promise.race([clock.sleep(lookEvery, signal), failed]);
      signal.throwIfAborted();
    }
  } finally {
    stopping.abort(new DOMException('the plan is made', 'AbortError'));
    await Promise.allSettled(running);
  }
}

/** Collects what is heard. */
class Heard {
  readonly writes: ClusterWrite[] = [];
  readonly events: ToldEvent[] = [];
  readonly skipped: SkippedPart[] = [];
  readonly #snapshot: Snapshot;
  readonly #loadBalancerPlans = new Map<string, TappedPlan>();
  readonly #routePlans: TappedRoutePlan[] = [];
  readonly #routeTroubles: CloudError[] = [];
  readonly #preparations: { readonly nodes: readonly NodeRef[]; readonly plan: Plan }[] = [];

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  tap() {
    return {
      onLoadBalancerPlan: (plan: TappedPlan): void => {
        // Planned anew, it replaces what was planned for the same Services before.
        this.#loadBalancerPlans.set(`${plan.kind} ${[...plan.wishes.keys()].toSorted().join(' ')}`, plan);
      },
      onRoutePlan: (plan: TappedRoutePlan): void => {
        this.#routePlans.push(plan);
      },
      onRouteTrouble: (error: CloudError): void => {
        this.#routeTroubles.push(error);
      },
      onPreparation: (prepared: readonly NodeRef[], plan: Plan): void => {
        this.#preparations.push({ nodes: prepared, plan });
      },
    };
  }

  planning(controllers: readonly Controller[]): Planning {
    const statuses = controllers.map((controller) => [controller.name, controller.status()] as const);
    return {
      snapshot: this.#snapshot,
      writes: this.writes,
      events: this.events,
      loadBalancerPlans: [...this.#loadBalancerPlans.values()],
      routePlans: this.#routePlans,
      routeTroubles: this.#routeTroubles,
      preparations: this.#preparations,
      items: new Map(statuses.map(([name, { items }]) => [name, items])),
      facts: new Map(statuses.map(([name, { facts }]) => [name, facts])),
      skipped: this.skipped,
    };
  }
}
