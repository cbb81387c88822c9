import { asError, isErrorLike } from '../../base/as-error.ts';
import { CloudError } from '../../cloud/cloud-error.ts';
import type { LoadBalancerKind } from '../../cloud/load-balancer-kind.ts';

/** A provider's program is at fault. No cloud is to blame, and trying again soon gives the same. */
export class ProviderDefectError extends Error {
  override readonly name = 'ProviderDefectError';
  readonly code = 'ProviderDefect';

  /** @param where the function of the provider */
  constructor(where: string, cause: Error) {
    super(`a defect of the provider, in ${where}: ${cause.message}; please report it`, { cause });
  }
}

/** The defect behind a failure; undefined when it was the cloud. */
export function defectIn(error: Error): ProviderDefectError | undefined {
  if (error instanceof ProviderDefectError) return error;
  return error.cause instanceof ProviderDefectError ? error.cause : undefined;
}

/** The kind, with its defects named: what a mistake in it throws becomes a {@link ProviderDefectError}. */
export function namingDefects(kind: LoadBalancerKind): LoadBalancerKind {
  const { name, finalizer, inputs } = kind;
  const formerGroups = kind.formerGroups?.bind(kind);
  const observeMany = kind.observeMany?.bind(kind);
  return {
    name,
    finalizer,
    inputs,
    claims: (service) => purely('claims', () => kind.claims(service)),
    group: (request, facts) => purely('group', () => kind.group(request, facts)),
    desire: (request, facts) => purely('desire', () => kind.desire(request, facts)),
    plan: (wishes, observed) => purely('plan', () => kind.plan(wishes, observed)),
    fold: (observed, operation, outputs) => purely('fold', () => kind.fold(observed, operation, outputs)),
    result: (observed, member) => purely('result', () => kind.result(observed, member)),
    traces: (member, call) => asking('traces', () => kind.traces(member, call)),
    facts: (request, call) => asking('facts', () => kind.facts(request, call)),
    observe: (group, members, call) => asking('observe', () => kind.observe(group, members, call)),
    apply: (operation, observed, call) => asking('apply', () => kind.apply(operation, observed, call)),
    ...(formerGroups && {
      formerGroups: (request, facts) => purely('formerGroups', () => formerGroups(request, facts)),
    }),
    ...(observeMany && {
      observeMany: (groups, call) => asking('observeMany', () => observeMany(groups, call)),
    }),
  };
}

/** A function that asks nobody: whatever it throws is a mistake in it. */
function purely<Result>(where: keyof LoadBalancerKind, call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    throw new ProviderDefectError(where, asError(error));
  }
}

/** By name: the classes of one realm are not those of another. */
const mistakes: ReadonlySet<string> = new Set(['TypeError', 'ReferenceError', 'RangeError', 'SyntaxError']);

/** A function that asks the cloud, whose answers are CloudErrors: what looks like a mistake in a program is one. */
async function asking<Result>(where: keyof LoadBalancerKind, call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    const isMistake = !(error instanceof CloudError) && isErrorLike(error) && mistakes.has(error.name);
    throw isMistake ? new ProviderDefectError(where, error) : error;
  }
}
