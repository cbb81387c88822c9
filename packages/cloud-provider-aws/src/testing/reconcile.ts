import {
  type GuardRefusal,
  type LoadBalancerKind,
  type MemberResult,
  type Operation,
  type PlanNext,
  type Refusal,
  type Service,
  type ServiceRequest,
  type Wish,
  describeOperation,
  guardOperation,
} from '@ccm-ts/cloud-provider';
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
export async function ensure<Facts, Desired, Observed, Op extends Operation>(
  kind: LoadBalancerKind<Facts, Desired, Observed, Op>,
  request: ServiceRequest,
): Promise<ReconcileOutcome | Refusal> {
  const call = testCall();
  const facts = await kind.facts(request, call);
  const desire = kind.desire(request, facts);
  if (desire.kind === 'refusal') return desire;
  return pass(kind, request.service, { kind: 'present', desired: desire.desired });
}

export function remove<Facts, Desired, Observed, Op extends Operation>(
  kind: LoadBalancerKind<Facts, Desired, Observed, Op>,
  service: Service,
): Promise<ReconcileOutcome> {
  return pass(kind, service, { kind: 'gone' });
}

async function pass<Facts, Desired, Observed, Op extends Operation>(
  kind: LoadBalancerKind<Facts, Desired, Observed, Op>,
  service: Service,
  wish: Wish<Desired>,
): Promise<ReconcileOutcome> {
  const call = testCall();
  const member = memberOf(service);
  const wishes = new Map([[member.uid, wish]]);
  let observed: Observed = await kind.observe(`service/${member.uid}`, [member], call);
  const plan = kind.plan(wishes, observed);
  const applied: string[] = [];
  let { next } = plan;
  const refusals: GuardRefusal[] = [];
  for (const operation of plan.operations) {
    const refusal = guardOperation(operation, { mode: 'run', isProtected: () => false });
    if (refusal !== undefined) {
      refusals.push(refusal);
      continue;
    }
    const result = await kind.apply(operation, observed, call);
    if (result.kind === 'pending') {
      next = { kind: 'settling', on: operation.object.name, after: result.after };
      break;
    }
    observed = kind.fold(observed, operation, result.outputs);
    applied.push(describeOperation(operation));
  }
  const left = kind.plan(wishes, observed).operations.map(describeOperation);
  return { applied, refusals, next, left, result: kind.result(observed, member) };
}
