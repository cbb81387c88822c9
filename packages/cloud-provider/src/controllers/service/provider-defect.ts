import { asError } from '../../base/as-error.ts';
import type { LoadBalancerKind } from '../../cloud/load-balancer-kind.ts';
import { ProviderDefectError, mistakeIn } from '../../cloud/provider-defect.ts';

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
      const mistake = mistakeIn(error);
      if (!mistake) throw error;
      onDefect(where);
      throw new ProviderDefectError(where, mistake);
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
