import type { Duration } from '../../base/duration.ts';
import type { LoadBalancerKind } from '../../cloud/load-balancer-kind.ts';
import type { ResourceKey } from '../../cloud/operation.ts';
import { renewFacts } from './group-facts.ts';
import type { GroupState } from './group-state.ts';
import { areFulfilled, decideWishes } from './group-wishes.ts';
import { type ServiceWorkspace, callContext } from './service-workspace.ts';

export interface DriftSurveyOptions {
  /** One list pass of each kind in that time. */
  readonly period: Duration;
  /** Uniform in [0, 1): spreads the passes of several managers. */
  readonly random: () => number;
}

/**
 * The slow look for drift, of kinds that can say by lists what is still as it was: a pass over all of their converged groups
 * at once, behind everything else that the cloud is asked. Nothing is written here: what may have changed is looked at by itself.
 */
export class DriftSurvey {
  readonly #workspace: ServiceWorkspace;
  readonly #options: DriftSurveyOptions;

  constructor(workspace: ServiceWorkspace, options: DriftSurveyOptions) {
    this.#workspace = workspace;
    this.#options = options;
  }

  /** Surveys the kind again and again until the signal is aborted. Never throws: what fails is left to the next pass. */
  async run(kind: LoadBalancerKind, signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#workspace;
    const { period, random } = this.#options;
    while (!signal.aborted) {
      try {
        await clock.sleep(period.times(0.9 + 0.1 * random()), signal);
        await this.#survey(kind, signal);
      } catch (error) {
        if (!signal.aborted) logger.warn('Load balancers not surveyed', { kind: kind.name, err: error });
      }
    }
  }

  async #survey(kind: LoadBalancerKind, signal: AbortSignal): Promise<void> {
    const { clock, enqueueGroup, groups, logger } = this.#workspace;
    const surveyed = [...groups.all()].filter((group) => group.kind === kind && isAtRest(group));
    if (surveyed.length === 0) return;
    const known = surveyed.map((group) => ({ group, known: group.known }));
    const observed = new Map<ResourceKey, unknown>(surveyed.map(({ key, known: last }) => [key, last?.observed]));
    const unchanged = await kind.listUnchanged?.(observed, callContext(signal, 'sweep', 'live'));
    let suspects = 0;
    for (const { group, known: last } of known) {
      // Whatever happened to it meanwhile has had it looked at.
      if (!isAtRest(group) || group.known !== last) continue;
      const isAsItWas = unchanged?.has(group.key) === true;
      if (isAsItWas && (await this.#isAsWanted(group, signal))) continue;
      suspects++;
      group.observeDue = clock.monotonic();
      enqueueGroup(group.id);
    }
    logger.debug('Load balancers surveyed', { kind: kind.name, groups: surveyed.length, suspects });
  }

  /** What the Services want may have changed too: by facts, which change without anybody telling. */
  async #isAsWanted(group: GroupState, signal: AbortSignal): Promise<boolean> {
    if (!(await renewFacts(this.#workspace, group, signal))) return true;
    const wishes = decideWishes(this.#workspace, group, group.memberships.values());
    return wishes.refused.size === 0 && areFulfilled(group, wishes);
  }
}

/** Whether the group converged and nothing is to be done for it. */
function isAtRest(group: GroupState): boolean {
  return group.dirt === 'nothing' && group.known !== undefined;
}
