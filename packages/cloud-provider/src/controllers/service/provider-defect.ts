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

/**
 * The kind, with its defects named: what a mistake in it throws becomes a {@link ProviderDefectError}.
 *
 * @param onDefect called with the name of the function, each time
 */
export function namingDefects(kind: LoadBalancerKind, onDefect: (where: string) => void): LoadBalancerKind {
  const purely = <Result>(where: keyof LoadBalancerKind, call: () => Result): Result => {
    try {
      return call();
    } catch (error) {
      // Nobody was asked, so whatever it is, it is a mistake.
      onDefect(where);
      throw new ProviderDefectError(where, asError(error));
    }
  };
  const asking = async <Result>(where: keyof LoadBalancerKind, call: () => Promise<Result>): Promise<Result> => {
    try {
      return await call();
    } catch (error) {
      if (!isMistake(error)) throw error;
      onDefect(where);
      throw new ProviderDefectError(where, error);
    }
  };
  const { name, finalizer, inputs, sendsTo } = kind;
  const formerGroups = kind.formerGroups?.bind(kind);
  const listUnchanged = kind.listUnchanged?.bind(kind);
  const untouched = kind.untouched?.bind(kind);
  return {
    name,
    finalizer,
    inputs,
    ...(sendsTo && { sendsTo }),
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
    ...(untouched && {
      untouched: (group, member) => purely('untouched', () => untouched(group, member)),
    }),
    ...(listUnchanged && {
      listUnchanged: (groups, call) => asking('listUnchanged', () => listUnchanged(groups, call)),
    }),
  };
}

/** By name: the classes of one realm are not those of another. */
const mistakes: ReadonlySet<string> = new Set(['TypeError', 'ReferenceError', 'RangeError', 'SyntaxError']);

/** The answers of clouds are CloudErrors: what looks like a mistake in a program is one. */
function isMistake(error: unknown): error is Error {
  return !(error instanceof CloudError) && isErrorLike(error) && mistakes.has(error.name);
}
