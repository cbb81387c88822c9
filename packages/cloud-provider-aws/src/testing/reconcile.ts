import {
  Duration,
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
  const desire = kind.desire(request, await kind.facts(request, testCall()));
  if (desire.kind === 'refusal') return desire;
  return pass(kind, request.service, { kind: 'present', desired: desire.desired });
}

/** The first pass for a Service that nothing was ever made for, with facts that may be as old as any. */
export async function ensureUntouched<Facts, Desired, Observed, Op extends Operation>(
  kind: LoadBalancerKind<Facts, Desired, Observed, Op>,
  request: ServiceRequest,
): Promise<ReconcileOutcome | Refusal> {
  const freshness = { maxAge: Duration.hours(1) };
  const desire = kind.desire(request, await kind.facts(request, testCall({ freshness })));
  if (desire.kind === 'refusal') return desire;
  const { uid } = request.service.metadata;
  const observed = kind.untouched?.(`service/${uid}`, memberOf(request.service));
  if (observed === undefined) throw new Error(`the kind ${kind.name} reads every group`);
  return passFrom(kind, request.service, { wish: { kind: 'present', desired: desire.desired }, observed });
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
  const observed = await kind.observe(`service/${service.metadata.uid}`, [memberOf(service)], testCall());
  return passFrom(kind, service, { wish, observed });
}

async function passFrom<Facts, Desired, Observed, Op extends Operation>(
  kind: LoadBalancerKind<Facts, Desired, Observed, Op>,
  service: Service,
  start: { readonly wish: Wish<Desired>; readonly observed: Observed },
): Promise<ReconcileOutcome> {
  const call = testCall();
  const member = memberOf(service);
  const wishes = new Map([[member.uid, start.wish]]);
  let { observed } = start;
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
