import { asError } from '../base/as-error.ts';
import type { Clock } from '../base/clock.ts';
import { overlay } from '../base/overlay.ts';
import { CloudError } from '../cloud/cloud-error.ts';
import type { CloudProvider } from '../cloud/cloud-provider.ts';
import type { InstanceNeed, InstanceView, Instances, NodeRef } from '../cloud/instances.ts';
import type { PodRanges, PodRangesView } from '../cloud/pod-ranges.ts';
import { ProviderDefectError, mistakeIn } from '../cloud/provider-defect.ts';
import type { Routes } from '../cloud/routes.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { MetricRegistry } from '../telemetry/metrics.ts';
import { IsolatedQuestions } from './isolated-questions.ts';

export interface IsolationOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricRegistry;
}

/**
 * The provider, with its mistakes kept to the objects that they show with: what it throws about one node holds up no other,
 * is told as a defect and not taken for an outage of the cloud. Its load balancers see to that group by group.
 */
export function isolatingProvider(provider: CloudProvider, options: IsolationOptions): CloudProvider {
  const { instances, podRanges, routes } = provider;
  return overlay(provider, {
    ...(instances && { instances: isolatingInstances(instances, options) }),
    ...(podRanges && { podRanges: isolatingPodRanges(podRanges, options) }),
    ...(routes && { routes: isolatingRoutes(routes, options) }),
  });
}

function isolatingInstances(instances: Instances, options: IsolationOptions): Instances {
  const { prepare } = instances;
  const defects = new Defects('instances', options);
  const questions = (): IsolatedQuestions<InstanceView> =>
    questionsOf(defects, options.clock, (reason) => ({ kind: 'unknown', reason }));
  const askedFor: Readonly<Record<InstanceNeed, IsolatedQuestions<InstanceView>>> = {
    existence: questions(),
    power: questions(),
    metadata: questions(),
  };
  return overlay(instances, {
    scopeOf: (node) => defects.orElse('any', 'scopeOf', () => instances.scopeOf(node)),
    describe: (nodes, need, call) => askedFor[need].ask(nodes, (some) => instances.describe(some, need, call)),
    // Of what can't be told to be ours we keep our hands.
    ...(instances.claim && {
      claim: (node) => defects.orElse('foreign', 'claim', () => instances.claim?.(node) ?? 'open'),
    }),
    ...(prepare && {
      prepare: overlay(prepare, {
        plan: (nodes, call) => defects.named('prepare.plan', () => prepare.plan(nodes, call)),
        apply: (operation, call) => defects.named('prepare.apply', () => prepare.apply(operation, call)),
      }),
    }),
  });
}

function isolatingPodRanges(podRanges: PodRanges, options: IsolationOptions): PodRanges {
  const defects = new Defects('podRanges', options);
  const questions = questionsOf<PodRangesView>(defects, options.clock, (reason) => ({ kind: 'unknown', reason }));
  return overlay(podRanges, {
    describe: (nodes, call) => questions.ask(nodes, (some) => podRanges.describe(some, call)),
  });
}

function isolatingRoutes(routes: Routes, options: IsolationOptions): Routes {
  const defects = new Defects('routes', options);
  return overlay(routes, {
    targetOf(route) {
      try {
        return routes.targetOf(route);
      } catch (error) {
        return { kind: 'unknown', reason: defects.note('targetOf', asError(error)).message };
      }
    },
    facts: (call) => defects.named('facts', () => routes.facts(call)),
    observe: (table, facts, call) => defects.named('observe', () => routes.observe(table, facts, call)),
    apply: (operation, observed, call) => defects.named('apply', () => routes.apply(operation, observed, call)),
  });
}

function questionsOf<View extends InstanceView | PodRangesView>(
  defects: Defects,
  clock: Clock,
  unknown: (reason: CloudError) => View,
): IsolatedQuestions<View> {
  return new IsolatedQuestions({
    unknown,
    clock,
    defectOf: (mistake, node) => defects.note('describe', mistake, node),
  });
}

/** Counts and tells the mistakes of one part of the provider. */
class Defects {
  readonly #part: string;
  readonly #options: IsolationOptions;
  /** What was logged already. */
  readonly #told = new Set<string>();

  constructor(part: string, options: IsolationOptions) {
    this.#part = part;
    this.#options = options;
  }

  note(where: string, mistake: Error, node?: NodeRef): ProviderDefectError {
    const { logger, metrics } = this.#options;
    const defect = new ProviderDefectError(`${this.#part}.${where}`, mistake);
    metrics.counter('ccm_provider_defects_total', { kind: this.#part, function: where }).increment();
    const key = `${where} ${mistake.message} ${node?.name ?? ''}`;
    if (this.#told.has(key) || this.#told.size >= mostTold) return defect;
    this.#told.add(key);
    logger.error('A defect of the provider', { err: defect, ...(node && { node: node.name }) });
    return defect;
  }

  orElse<Result>(fallback: Result, where: string, call: () => Result): Result {
    try {
      return call();
    } catch (error) {
      this.note(where, asError(error));
      return fallback;
    }
  }

  async named<Result>(where: string, call: () => Promise<Result>): Promise<Result> {
    try {
      return await call();
    } catch (error) {
      const mistake = mistakeIn(error);
      if (!mistake) throw error;
      const defect = this.note(where, mistake);
      throw new CloudError('Unknown', defect.message, { cause: defect });
    }
  }
}

/** Each is logged once; who has met so many need not read on. */
const mostTold = 1000;
