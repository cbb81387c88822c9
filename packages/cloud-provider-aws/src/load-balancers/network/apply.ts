import {
  type CallContext,
  CloudError,
  Duration,
  type OperationOutputs,
  type OperationResult,
} from '@ccm-ts/cloud-provider';
import type { Ec2Port } from '../../client/ec2-port.ts';
import type { Elbv2Port, Target } from '../../client/elbv2-port.ts';
import { narrowOwnRules } from './managed-group.ts';
import { compareRules } from './node-rules.ts';
import type { NetworkObserved } from './observe.ts';
import type { NetworkAction, NetworkOperation } from './operations.ts';
import { namingGroups } from '../surroundings/naming-groups.ts';
import type { RecentWrites } from '../surroundings/recent-writes.ts';
import type { GroupChange, SecurityGroupLedger } from '../surroundings/security-group-ledger.ts';
import type { TargetGroupReader } from '../surroundings/target-group-reader.ts';

/** Interfaces of a deleted load balancer keep its groups from going for a while. */
const groupReleaseTime = Duration.seconds(5);

export interface ApplierOptions {
  readonly ec2: Ec2Port;
  readonly elbv2: Elbv2Port;
  readonly securityGroups: SecurityGroupLedger;
  readonly targetGroups: TargetGroupReader;
  readonly recentWrites: RecentWrites;
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
    if (!operation.object.kind.startsWith('SecurityGroup')) options.targetGroups.forget();
  }
}

async function send(
  operation: NetworkOperation,
  observed: NetworkObserved,
  { options, call }: { readonly options: ApplierOptions; readonly call: CallContext },
): Promise<OperationResult> {
  const { elbv2, recentWrites } = options;
  const { action, object } = operation;
  const written = { owner: observed.name, name: object.name };
  switch (action.kind) {
    case 'create-load-balancer': {
      const own = action.groups === 'own' ? [ownGroupID(observed)] : [];
      const input = { ...action.input, securityGroupIDs: [...action.input.securityGroupIDs, ...own] };
      const { arn, dnsName, state, vpcID } = await namingGroups(input.securityGroupIDs, () =>
        recentWrites.make(written, () => elbv2.createLoadBalancer(input, call)),
      );
      // AWS gives what is there already as if it had just been made.
      if (observed.isUntouched && state !== 'provisioning') throw unexpected('load balancer', object.name);
      return done({ arn, dnsName, state, vpcID });
    }
    case 'delete-load-balancer':
      return orGone(recentWrites.delete(written, action.arn, () => elbv2.deleteLoadBalancer(action.arn, call)));
    case 'set-security-groups': {
      const ids = action.groups.kind === 'own' ? [ownGroupID(observed)] : action.groups.ids;
      await namingGroups(ids, () => elbv2.setSecurityGroups(action.arn, ids, call));
      return done({});
    }
    case 'set-address-type':
      await elbv2.setAddressType(action.arn, action.addressType, call);
      return done({});
    case 'set-subnets':
      await elbv2.setSubnets(action.arn, action.change, call);
      return done({});
    case 'modify-load-balancer-attributes':
      await elbv2.modifyLoadBalancerAttributes(loadBalancerArn(observed), action.attributes, call);
      return done({});
    case 'modify-target-group-attributes':
      await elbv2.modifyTargetGroupAttributes(targetGroupArn(observed, action.targetGroup), action.attributes, call);
      return done({});
    case 'add-tags':
      await elbv2.addTags(action.arns, action.tags, call);
      return done({});
    case 'create-security-group': {
      const { id } = await recentWrites.make(written, () => options.ec2.createSecurityGroup(action.input, call));
      return done({ id });
    }
    case 'delete-security-group':
      return deleteGroup(
        () => recentWrites.delete(written, action.id, () => options.ec2.deleteSecurityGroup(action.id, call)),
        action.id,
      );
    case 'create-target-group': {
      // Its name does not hold the Service's UID, and AWS gives what is there already as if it had just been made.
      if (observed.isUntouched && (await elbv2.findTargetGroup(object.name, call)) !== undefined) {
        throw unexpected('target group', object.name);
      }
      const { arn } = await recentWrites.make(written, () => elbv2.createTargetGroup(action.input, call));
      return done({ arn });
    }
    case 'modify-health-check':
      await elbv2.modifyHealthCheck(targetGroupArn(observed, action.targetGroup), action.change, call);
      return done({});
    case 'delete-target-group':
      return orGone(recentWrites.delete(written, action.arn, () => elbv2.deleteTargetGroup(action.arn, call)));
    case 'register-targets':
      return registerTargets(targetGroupArn(observed, action.targetGroup), action.targets, { elbv2, call });
    case 'deregister-targets':
      return orGone(elbv2.deregisterTargets(targetGroupArn(observed, action.targetGroup), action.targets, call));
    case 'create-listener': {
      const { port, protocol, tls, tags } = action;
      const listener = await elbv2.createListener(
        {
          loadBalancerArn: loadBalancerArn(observed),
          port,
          protocol,
          targetGroupArn: targetGroupArn(observed, action.targetGroup),
          tls,
          tags,
        },
        call,
      );
      return done({ arn: listener.arn });
    }
    case 'modify-listener': {
      const { arn, targetGroup, tls } = action;
      const target = targetGroup === undefined ? {} : { targetGroupArn: targetGroupArn(observed, targetGroup) };
      await elbv2.modifyListener(arn, { ...target, ...(tls === undefined ? {} : { tls }) }, call);
      return done({});
    }
    case 'delete-listener':
      return orGone(elbv2.deleteListener(action.arn, call));
    case 'authorize-rules':
    case 'revoke-rules':
    case 'authorize-own-rules':
    case 'revoke-own-rules':
      return changeRules(action, observed, { options, call });
  }
}

async function changeRules(
  action: Extract<NetworkAction, { readonly wanted: unknown }>,
  observed: NetworkObserved,
  { options, call }: { readonly options: ApplierOptions; readonly call: CallContext },
): Promise<OperationResult> {
  const groupID = 'groupID' in action ? action.groupID : ownGroupID(observed);
  const { securityGroups } = options;
  const known = observed.securityGroups?.get(groupID) ?? (observed.isUntouched && securityGroups.latest(groupID));
  const change = describeChange(action, observed.name);
  const after = await securityGroups.change(known || missing('security group', groupID), change, call);
  return done({ group: JSON.stringify(after) });
}

function describeChange(
  action: Extract<NetworkAction, { readonly wanted: unknown }>,
  loadBalancer: string,
): GroupChange {
  switch (action.kind) {
    case 'authorize-rules':
    case 'revoke-rules': {
      const verb = action.kind === 'authorize-rules' ? 'authorize' : 'revoke';
      const { wanted, sharedHealthPort } = action;
      return { verb, narrow: (present) => compareRules(present, wanted, { loadBalancer, sharedHealthPort })[verb] };
    }
    case 'authorize-own-rules':
    case 'revoke-own-rules': {
      const verb = action.kind === 'authorize-own-rules' ? 'authorize' : 'revoke';
      return { verb, narrow: (present) => narrowOwnRules(verb, present, action.wanted) };
    }
  }
}

/** Does not wait for what still uses the group: another look does that. */
async function deleteGroup(send: () => Promise<void>, id: string): Promise<OperationResult> {
  try {
    return await orGone(send());
  } catch (error) {
    if (!(error instanceof CloudError && error.details.cloudCode === 'DependencyViolation')) throw error;
    return { kind: 'pending', handle: { kind: 'security-group', id }, after: groupReleaseTime };
  }
}

/**
 * AWS registers all of them or none. An instance that is on its way out must not keep the others from traffic: those that
 * AWS names are left out and the rest is sent once more. What is known of them is out of date, which can be mended at once.
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
    if (refused.length === 0) throw error;
    if (rest.length > 0) await elbv2.registerTargets(arn, rest, call);
    const outdated = new CloudError('Conflict', error.message, error.details);
    const failed = new Map(refused.map(({ id }) => [id, outdated]));
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

function loadBalancerArn(observed: NetworkObserved): string {
  return observed.loadBalancer?.arn ?? missing('load balancer', observed.name);
}

function ownGroupID(observed: NetworkObserved): string {
  return observed.ownGroup?.id ?? missing('security group', `of ${observed.name}`);
}

function targetGroupArn(observed: NetworkObserved, name: string): string {
  return observed.targetGroups.find((group) => group.name === name)?.arn ?? missing('target group', name);
}

function unexpected(kind: string, name: string): CloudError {
  return new CloudError('Conflict', `there is a ${kind} ${name} already: look at the cloud`);
}

function missing(kind: string, name: string): never {
  throw new CloudError('Conflict', `the ${kind} ${name} is not there: look at the cloud again`);
}

function done(outputs: OperationOutputs): OperationResult {
  return { kind: 'done', outputs };
}
