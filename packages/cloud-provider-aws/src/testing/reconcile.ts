import {
  type GuardRefusal,
  type MemberResult,
  type PlanNext,
  type Refusal,
  type Service,
  type ServiceRequest,
  describeOperation,
  guardOperation,
} from '@ccm-ts/cloud-provider';
import type { NetworkDesired } from '../load-balancers/network/desired.ts';
import type { NetworkLoadBalancers } from '../load-balancers/network/network-load-balancers.ts';
import { testCall } from './aws-account.ts';
import { memberOf } from './services.ts';

export interface ReconcileOutcome {
  readonly applied: readonly string[];
  readonly refusals: readonly GuardRefusal[];
  readonly next: PlanNext;
  /** What the plan still holds once everything was done and folded, without reading again. */
  readonly left: readonly string[];
  readonly result: MemberResult;
}

/** One pass as the framework makes it: observe, plan, guard, apply, fold. */
export async function ensure(kind: NetworkLoadBalancers, request: ServiceRequest): Promise<ReconcileOutcome | Refusal> {
  const call = testCall();
  const facts = await kind.facts(request, call);
  const desire = kind.desire(request, facts);
  if (desire.kind === 'refusal') return desire;
  return pass(kind, request.service, { kind: 'present', desired: desire.desired });
}

export function remove(kind: NetworkLoadBalancers, service: Service): Promise<ReconcileOutcome> {
  return pass(kind, service, { kind: 'gone' });
}

async function pass(
  kind: NetworkLoadBalancers,
  service: Service,
  wish: { readonly kind: 'present'; readonly desired: NetworkDesired } | { readonly kind: 'gone' },
): Promise<ReconcileOutcome> {
  const call = testCall();
  const member = memberOf(service);
  const wishes = new Map([[member.uid, wish]]);
  let observed = await kind.observe(`service/${member.uid}`, [member], call);
  const plan = kind.plan(wishes, observed);
  const applied: string[] = [];
  const refusals: GuardRefusal[] = [];
  for (const operation of plan.operations) {
    const refusal = guardOperation(operation, { mode: 'run', isProtected: () => false });
    if (refusal !== undefined) {
      refusals.push(refusal);
      continue;
    }
    const result = await kind.apply(operation, observed, call);
    if (result.kind !== 'done') throw new Error('nothing of AWS is pending here');
    observed = kind.fold(observed, operation, result.outputs);
    applied.push(describeOperation(operation));
  }
  const left = kind.plan(wishes, observed).operations.map(describeOperation);
  return { applied, refusals, next: plan.next, left, result: kind.result(observed) };
}
