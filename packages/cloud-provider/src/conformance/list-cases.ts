import type { CaseDraft, ConformanceCase } from './conformance-case.ts';
import { contractCases } from './cases/contract.ts';
import { declarationCases } from './cases/declaration.ts';
import { directiveCases } from './cases/directives.ts';
import { faultCases } from './cases/faults.ts';
import { groupCases } from './cases/groups.ts';
import { inventoryCases } from './cases/inventory.ts';
import { lifecycleCases } from './cases/lifecycle.ts';
import { loadBalancerCases } from './cases/load-balancers.ts';
import { ownershipCases } from './cases/ownership.ts';
import { registrationCases } from './cases/registration.ts';
import { routeCases } from './cases/routes.ts';
import { surveyCases } from './cases/survey.ts';
import { sweepCases } from './cases/sweep.ts';
import { volumeCases } from './cases/volumes.ts';
import type { ConformanceSubject, KindSubject } from './subject.ts';

const drafts: readonly CaseDraft[] = [
  ...declarationCases,
  ...registrationCases,
  ...lifecycleCases,
  ...contractCases,
  ...loadBalancerCases,
  ...groupCases,
  ...ownershipCases,
  ...directiveCases,
  ...inventoryCases,
  ...sweepCases,
  ...surveyCases,
  ...routeCases,
  ...volumeCases,
  ...faultCases,
];

/** Every case for the subject, whether it is demanded or not, in the order of reports; but those for who lacks what it has. */
export function listCases(subject: Pick<ConformanceSubject, 'loadBalancers'>): readonly ConformanceCase[] {
  return drafts.flatMap((draft) => {
    if (draft.per !== 'kind') return [toCase(draft, subject.loadBalancers[0])];
    const { without } = draft;
    const kinds = subject.loadBalancers.filter(
      ({ capabilities }) => without === undefined || !capabilities.includes(without),
    );
    return kinds.map((kind) => toCase(draft, kind));
  });
}

function toCase({ per, ...draft }: CaseDraft, kind: KindSubject | undefined): ConformanceCase {
  const group = per === 'kind' && kind ? `${draft.group} (${kind.name})` : draft.group;
  return { ...draft, title: `${group}: ${draft.name}`, kind };
}
