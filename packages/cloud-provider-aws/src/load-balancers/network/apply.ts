import { type CallContext, CloudError, type OperationOutputs, type OperationResult } from '@ccm-ts/cloud-provider';
import type { IngressRule } from '../../client/ec2-port.ts';
import type { Elbv2Port, Target } from '../../client/elbv2-port.ts';
import { compareRules } from './node-rules.ts';
import type { NetworkObserved } from './observe.ts';
import type { NetworkOperation } from './operations.ts';
import type { GroupChange, SecurityGroupLedger } from './security-group-ledger.ts';
import type { TargetGroupReader } from './target-group-reader.ts';

export interface ApplierOptions {
  readonly elbv2: Elbv2Port;
  readonly securityGroups: SecurityGroupLedger;
  readonly targetGroups: TargetGroupReader;
}

/** Does one operation. Deleting what is gone already counts as done. */
export async function applyNetworkOperation(
  operation: NetworkOperation,
  observed: NetworkObserved,
  { options, call }: { readonly options: ApplierOptions; readonly call: CallContext },
): Promise<OperationResult> {
  try {
    return await send(operation, observed, { options, call });
  } finally {
    // Whatever came of it, the list of target groups may be another one now.
    if (operation.object.kind !== 'SecurityGroupRules') options.targetGroups.forget();
  }
}

async function send(
  operation: NetworkOperation,
  observed: NetworkObserved,
  { options, call }: { readonly options: ApplierOptions; readonly call: CallContext },
): Promise<OperationResult> {
  const { elbv2 } = options;
  const { action } = operation;
  switch (action.kind) {
    case 'create-load-balancer': {
      const { arn, dnsName, state, vpcID } = await elbv2.createLoadBalancer(action.input, call);
      return done({ arn, dnsName, state, vpcID });
    }
    case 'delete-load-balancer':
      return orGone(elbv2.deleteLoadBalancer(action.arn, call));
    case 'create-target-group': {
      const { arn } = await elbv2.createTargetGroup(action.input, call);
      return done({ arn });
    }
    case 'modify-health-check':
      await elbv2.modifyHealthCheck(targetGroupArn(observed, action.targetGroup), action.change, call);
      return done({});
    case 'delete-target-group':
      return orGone(elbv2.deleteTargetGroup(action.arn, call));
    case 'register-targets':
      return registerTargets(targetGroupArn(observed, action.targetGroup), action.targets, { elbv2, call });
    case 'deregister-targets':
      return orGone(elbv2.deregisterTargets(targetGroupArn(observed, action.targetGroup), action.targets, call));
    case 'create-listener': {
      const { port, protocol, tags } = action;
      const loadBalancerArn = observed.loadBalancer?.arn ?? missing('load balancer', observed.name);
      const arn = targetGroupArn(observed, action.targetGroup);
      const listener = await elbv2.createListener({ loadBalancerArn, port, protocol, targetGroupArn: arn, tags }, call);
      return done({ arn: listener.arn });
    }
    case 'point-listener':
      await elbv2.modifyListener(action.arn, targetGroupArn(observed, action.targetGroup), call);
      return done({});
    case 'delete-listener':
      return orGone(elbv2.deleteListener(action.arn, call));
    case 'authorize-rules':
    case 'revoke-rules':
      return changeRules(action, observed, { options, call });
  }
}

async function changeRules(
  action: {
    readonly kind: 'authorize-rules' | 'revoke-rules';
    readonly groupID: string;
    readonly wanted: readonly IngressRule[];
  },
  observed: NetworkObserved,
  { options, call }: { readonly options: ApplierOptions; readonly call: CallContext },
): Promise<OperationResult> {
  const group = observed.securityGroups?.get(action.groupID) ?? missing('security group', action.groupID);
  const verb = action.kind === 'authorize-rules' ? 'authorize' : 'revoke';
  const change: GroupChange = {
    verb,
    narrow: (present) => compareRules(present, action.wanted, observed.name)[verb],
  };
  const after = await options.securityGroups.change(group, change, call);
  return done({ revision: String(after.revision), rules: JSON.stringify(after.rules) });
}

/**
 * AWS registers all of them or none. An instance that is on its way out must not keep the others from traffic: those that
 * AWS names are left out and the rest is sent once more.
 */
async function registerTargets(
  arn: string,
  targets: readonly Target[],
  { elbv2, call }: { readonly elbv2: Elbv2Port; readonly call: CallContext },
): Promise<OperationResult> {
  try {
    await elbv2.registerTargets(arn, targets, call);
    return done({});
  } catch (error) {
    if (!(error instanceof CloudError) || error.details.cloudCode !== 'InvalidTarget') throw error;
    const refused = targets.filter(({ id }) => error.message.includes(id));
    const rest = targets.filter((target) => !refused.includes(target));
    if (refused.length === 0 || rest.length === 0) throw error;
    await elbv2.registerTargets(arn, rest, call);
    const failed = new Map(refused.map(({ id }) => [id, error]));
    return { kind: 'done', outputs: { refused: refused.map(({ id }) => id).join(',') }, failed };
  }
}

async function orGone(request: Promise<void>): Promise<OperationResult> {
  try {
    await request;
  } catch (error) {
    if (!(error instanceof CloudError && error.code === 'NotFound')) throw error;
  }
  return done({});
}

function targetGroupArn(observed: NetworkObserved, name: string): string {
  return observed.targetGroups.find((group) => group.name === name)?.arn ?? missing('target group', name);
}

function missing(kind: string, name: string): never {
  throw new CloudError('Conflict', `the ${kind} ${name} is not there: look at the cloud again`);
}

function done(outputs: OperationOutputs): OperationResult {
  return { kind: 'done', outputs };
}
