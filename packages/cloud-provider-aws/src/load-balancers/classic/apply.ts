import {
  type CallContext,
  CloudError,
  Duration,
  type OperationOutputs,
  type OperationResult,
} from '@ccm-ts/cloud-provider';
import type { ClassicElbPort } from '../../client/classic-elb-port.ts';
import type { Ec2Port } from '../../client/ec2-port.ts';
import { namingGroups } from '../surroundings/naming-groups.ts';
import type { RecentWrites } from '../surroundings/recent-writes.ts';
import { type GroupChange, type SecurityGroupLedger, ruleKey } from '../surroundings/security-group-ledger.ts';
import type { ClassicObserved } from './observe.ts';
import type { ClassicOperation, GroupReference } from './operations.ts';
import { sourceRule } from './source-rule.ts';

/** AWS keeps the network interfaces of a load balancer for minutes after it is gone, and its group with them. */
const groupReleaseWait = Duration.seconds(10);

export interface ApplierOptions {
  readonly elb: ClassicElbPort;
  readonly ec2: Ec2Port;
  readonly securityGroups: SecurityGroupLedger;
  readonly recentWrites: RecentWrites;
}

/** Does one operation. Deleting what is gone already counts as done. */
export async function applyClassicOperation(
  { action, object }: ClassicOperation,
  observed: ClassicObserved,
  { options, call }: { readonly options: ApplierOptions; readonly call: CallContext },
): Promise<OperationResult> {
  const { elb, ec2, recentWrites } = options;
  const { name } = observed;
  const written = { owner: name, name: object.name };
  switch (action.kind) {
    case 'create-own-group': {
      const { id } = await recentWrites.make(written, () => ec2.createSecurityGroup(action.input, call));
      return done({ id });
    }
    case 'delete-own-group':
      return deleteGroup(action.groupID, () =>
        recentWrites.delete(written, action.groupID, () => ec2.deleteSecurityGroup(action.groupID, call)),
      );
    case 'authorize-own-rules':
    case 'revoke-own-rules': {
      const wantedKeys = new Set(action.wanted.map(ruleKey));
      const change: GroupChange =
        action.kind === 'authorize-own-rules'
          ? { verb: 'authorize', narrow: (present) => withoutKnown(action.wanted, present) }
          : { verb: 'revoke', narrow: (present) => present.filter((rule) => !wantedKeys.has(ruleKey(rule))) };
      return changeRules(observed.ownGroup?.id ?? '', change, { observed, options, call });
    }
    case 'authorize-source': {
      const rule = sourceRule(resolve(action.source, observed));
      const change: GroupChange = { verb: 'authorize', narrow: (present) => withoutKnown([rule], present) };
      return changeRules(action.groupID, change, { observed, options, call });
    }
    case 'revoke-source': {
      const key = ruleKey(sourceRule(action.source));
      const change: GroupChange = {
        verb: 'revoke',
        narrow: (present) => present.filter((rule) => ruleKey(rule) === key),
      };
      return changeRules(action.groupID, change, { observed, options, call });
    }
    case 'create-load-balancer': {
      const securityGroupIDs = action.groups.map((group) => resolve(group, observed));
      const create = { ...action.input, securityGroupIDs };
      const dnsName = await namingGroups(securityGroupIDs, () =>
        recentWrites.make(written, () => elb.createLoadBalancer(create, call)),
      );
      return done({ dnsName });
    }
    case 'delete-load-balancer':
      return orGone(
        recentWrites.delete(written, observed.loadBalancer?.dnsName ?? '', () => elb.deleteLoadBalancer(name, call)),
      );
    case 'add-tags':
      return then(elb.addTags(name, action.tags, call));
    case 'attach-subnets':
      return then(elb.attachSubnets(name, action.subnetIDs, call));
    case 'detach-subnets':
      return then(elb.detachSubnets(name, action.subnetIDs, call));
    case 'apply-groups': {
      const ids = action.groups.map((group) => resolve(group, observed));
      return then(namingGroups(ids, () => elb.applySecurityGroups(name, ids, call)));
    }
    case 'create-listeners':
      return then(elb.createListeners(name, action.listeners, call));
    case 'delete-listeners':
      return then(elb.deleteListeners(name, action.ports, call));
    case 'create-policy':
      return then(elb.createPolicy(name, action.policy, call));
    case 'set-listener-policies':
      return then(elb.setListenerPolicies(name, action.target, call));
    case 'set-backend-policies':
      return then(elb.setBackendPolicies(name, action.target, call));
    case 'modify-attributes':
      return then(elb.modifyAttributes(name, action.change, call));
    case 'configure-health-check':
      return then(elb.configureHealthCheck(name, action.check, call));
    case 'register-instances':
      return registerInstances(name, action.instanceIDs, { elb, call });
    case 'deregister-instances':
      return deregisterInstances(name, action.instanceIDs, { elb, call });
  }
}

async function changeRules(
  groupID: string,
  change: GroupChange,
  {
    observed,
    options,
    call,
  }: { readonly observed: ClassicObserved; readonly options: ApplierOptions; readonly call: CallContext },
): Promise<OperationResult> {
  const { securityGroups } = options;
  const known = observed.securityGroups.get(groupID) ?? (observed.isUntouched && securityGroups.latest(groupID));
  const after = await securityGroups.change(known || missing(`security group ${groupID}`), change, call);
  return done({ group: JSON.stringify(after) });
}

function withoutKnown<Rule extends Parameters<typeof ruleKey>[0]>(
  wanted: readonly Rule[],
  present: readonly Rule[],
): Rule[] {
  const keys = new Set(present.map(ruleKey));
  return wanted.filter((rule) => !keys.has(ruleKey(rule)));
}

/** While anything still uses the group, the worker goes on with other Services and asks again later. */
async function deleteGroup(groupID: string, send: () => Promise<void>): Promise<OperationResult> {
  try {
    return await orGone(send());
  } catch (error) {
    const code = error instanceof CloudError ? error.details.cloudCode : undefined;
    if (code !== 'DependencyViolation' && code !== 'InvalidGroup.InUse') throw error;
    return { kind: 'pending', handle: { kind: 'security-group-in-use', id: groupID }, after: groupReleaseWait };
  }
}

/** AWS registers all of them or none: those that it does not know any more must not keep the others from traffic. */
async function registerInstances(
  name: string,
  ids: readonly string[],
  { elb, call }: { readonly elb: ClassicElbPort; readonly call: CallContext },
): Promise<OperationResult> {
  try {
    return await then(elb.registerInstances(name, ids, call));
  } catch (error) {
    if (!isUnknownInstance(error)) throw error;
    const refused = ids.filter((id) => error.message.includes(id));
    const rest = ids.filter((id) => !refused.includes(id));
    if (refused.length === 0 || rest.length === 0) throw error;
    await elb.registerInstances(name, rest, call);
    const failed = new Map(refused.map((id) => [id, error]));
    return { kind: 'done', outputs: { refused: refused.join(',') }, failed };
  }
}

/** An instance that is gone is not registered either. */
async function deregisterInstances(
  name: string,
  ids: readonly string[],
  { elb, call }: { readonly elb: ClassicElbPort; readonly call: CallContext },
): Promise<OperationResult> {
  try {
    return await then(elb.deregisterInstances(name, ids, call));
  } catch (error) {
    if (!isUnknownInstance(error)) throw error;
    const rest = ids.filter((id) => !error.message.includes(id));
    if (rest.length === ids.length) throw error;
    if (rest.length > 0) await elb.deregisterInstances(name, rest, call);
    return done({});
  }
}

function isUnknownInstance(error: unknown): error is CloudError {
  const codes = ['InvalidInstance', 'InvalidEndPoint', 'InvalidEndPointException'];
  return error instanceof CloudError && codes.includes(error.details.cloudCode ?? '');
}

async function then(request: Promise<void>): Promise<OperationResult> {
  await request;
  return done({});
}

async function orGone(request: Promise<void>): Promise<OperationResult> {
  try {
    await request;
  } catch (error) {
    if (!(error instanceof CloudError && error.code === 'NotFound')) throw error;
  }
  return done({});
}

function resolve(group: GroupReference, observed: ClassicObserved): string {
  switch (group.kind) {
    case 'id':
      return group.id;
    case 'own':
      return observed.ownGroup?.id ?? missing('own security group');
  }
}

function missing(what: string): never {
  throw new CloudError('Conflict', `the ${what} is not there: look at the cloud again`);
}

function done(outputs: OperationOutputs): OperationResult {
  return { kind: 'done', outputs };
}
