import type { LoadBalancerKind, ServiceUID, Wish } from '../../cloud/load-balancer-kind.ts';
import type { Operation } from '../../cloud/operation.ts';
import type { Plan } from '../../cloud/plan.ts';

/** As many rounds as the manager makes without looking at the cloud again. */
const mostRounds = 8;

/**
 * The writes that follow once those of the plan are done, as far as they don't hang on what the cloud answers: each round is
 * folded into the observed state with outputs that nobody knows yet, and planned from. Pure.
 */
export function laterRounds(
  kind: Pick<LoadBalancerKind, 'fold' | 'plan'>,
  wishes: ReadonlyMap<ServiceUID, Wish<unknown>>,
  first: { readonly observed: unknown; readonly plan: Plan },
): readonly Operation[] {
  const seen = new Set(first.plan.operations.map(keyOf));
  const later: Operation[] = [];
  let { observed } = first;
  let round = first.plan.operations;
  try {
    for (let count = 1; count < mostRounds && round.length > 0; count++) {
      for (const operation of round) observed = folded(kind, observed, operation);
      // What can't be folded is planned again, and is no news.
      round = kind.plan(wishes, observed).operations.filter((operation) => !seen.has(keyOf(operation)));
      for (const operation of round) seen.add(keyOf(operation));
      later.push(...round);
    }
  } catch {
    // A plan that needs an answer which only the cloud can give: what is known so far is true nevertheless.
  }
  return later;
}

function folded(kind: Pick<LoadBalancerKind, 'fold'>, observed: unknown, operation: Operation): unknown {
  try {
    return kind.fold(observed, operation, unknownOutputs(operation));
  } catch {
    return observed;
  }
}

/** Every output is a text of its own, so that two things are never taken for one. */
function unknownOutputs({ object }: Operation): Readonly<Record<string, string>> {
  return new Proxy<Readonly<Record<string, string>>>(
    {},
    { get: (_target, name) => (typeof name === 'string' ? `‹${name} of ${object.kind} ${object.name}›` : undefined) },
  );
}

function keyOf({ object, verb }: Operation): string {
  return `${verb} ${object.kind} ${object.name}`;
}
