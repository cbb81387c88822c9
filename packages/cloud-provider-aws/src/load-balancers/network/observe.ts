import { type CallContext, type Member, type Ownership, clusterStampKey, judgeOwnership } from '@ccm-ts/cloud-provider';
import { awsAnnotations } from '../../annotations/aws-annotations.ts';
import type { Attributes, Elbv2Port, Listener, LoadBalancer, Target, TargetGroup } from '../../client/elbv2-port.ts';
import { type Tags, isTaggedOwned, serviceNameTagKey } from '../../cluster-tags.ts';
import type { CloudConfig } from '../../config/cloud-config.ts';
import { chooseHealthCheck } from './health-check.ts';
import { loadBalancerName } from '../surroundings/load-balancer-name.ts';
import { isOwnRule, securityGroupName, targetGroupName, targetGroupNamePrefix, targetTypes } from './names.ts';
import { type ReadDoubt, type RecentWrites, eitherDoubt } from '../surroundings/recent-writes.ts';
import type { AccountReads } from '../surroundings/account-reads.ts';
import type { SecurityGroups } from '../surroundings/security-group-ledger.ts';

export interface ObservedLoadBalancer extends LoadBalancer {
  readonly ownership: Ownership;
}

export interface ObservedTargetGroup extends TargetGroup {
  readonly ownership: Ownership;
  /** Empty for groups that are not ours, which are not looked into, and while the Service is being deleted. */
  readonly targets: readonly Target[];
  /** Read only for Services that ask for any. */
  readonly attributes: Attributes;
}

/** The security group that is the load balancer's alone. */
export interface ObservedOwnGroup {
  readonly id: string;
  readonly name: string;
  readonly ownership: Ownership;
}

/** Everything in AWS that is there for one Service. */
export interface NetworkObserved {
  readonly name: string;
  readonly loadBalancer: ObservedLoadBalancer | undefined;
  /** Undefined when they were not read: there is nothing that they could be changed on. */
  readonly attributes: Attributes | undefined;
  /** Not read while the Service is being deleted. */
  readonly listeners: readonly Listener[];
  readonly targetGroups: readonly ObservedTargetGroup[];
  /** Of the load balancer, its listeners and the target groups, by ARN. */
  readonly tags: ReadonlyMap<string, Tags>;
  /** Undefined when no security groups are looked after. */
  readonly securityGroups: SecurityGroups | undefined;
  readonly ownGroup: ObservedOwnGroup | undefined;
  /** @default none */
  readonly doubt?: ReadDoubt;
  /**
   * Set when nothing was read, as nothing can have been made. Of the security groups only those that were written since are
   * known then.
   */
  readonly isUntouched?: true;
}

/** What is there for a Service for which nothing was ever made. */
export function untouchedNetworkLoadBalancer(member: Member, config: CloudConfig): NetworkObserved {
  return {
    name: loadBalancerName(member.uid),
    loadBalancer: undefined,
    attributes: undefined,
    listeners: [],
    targetGroups: [],
    tags: new Map(),
    securityGroups: readsSecurityGroups(config) ? new Map() : undefined,
    ownGroup: undefined,
    isUntouched: true,
  };
}

export interface ObserverOptions {
  readonly recentWrites: RecentWrites;
  readonly elbv2: Elbv2Port;
  readonly reads: AccountReads;
  readonly config: CloudConfig;
  /** Where the nodes are; empty when that is not known, and the groups of the whole region are looked at. */
  readonly vpcID: string;
}

/**
 * Reads one Service's load balancer and whatever else bears its name, whether the load balancer is still there or not: what
 * an interrupted deletion left behind is found and removed as well.
 */
export async function observeNetworkLoadBalancer(
  member: Member,
  options: ObserverOptions,
  call: CallContext,
): Promise<NetworkObserved> {
  const { elbv2, reads, config } = options;
  const name = loadBalancerName(member.uid);
  // Where the nodes are is where the load balancer is; without knowing, it is asked for first.
  const vpcID = config.vpcID || options.vpcID;
  const readGroups = (vpc: string): Promise<SecurityGroups> => reads.securityGroups.read(vpc, call.freshness, call);
  const [loadBalancer, allGroups, nodeGroups] = await Promise.all([
    reads.networkLoadBalancers.find(name, call),
    reads.targetGroups.read(call),
    readsSecurityGroups(config) && vpcID !== '' ? readGroups(vpcID) : undefined,
  ]);
  const { metadata } = member.service;
  // With the load balancer its listeners go, and with a target group its targets.
  const isLeaving = metadata.deletionTimestamp !== '';
  const prefix = targetGroupNamePrefix(metadata);
  const candidates = allGroups.filter(
    (group) =>
      group.name.startsWith(prefix) ||
      (loadBalancer !== undefined && group.loadBalancerArns.includes(loadBalancer.arn)),
  );
  const [listeners, attributes, securityGroups] = await Promise.all([
    loadBalancer === undefined || isLeaving ? [] : elbv2.describeListeners(loadBalancer.arn, call),
    loadBalancer === undefined || isLeaving ? undefined : elbv2.describeLoadBalancerAttributes(loadBalancer.arn, call),
    readsSecurityGroups(config) ? (nodeGroups ?? readGroups(loadBalancer?.vpcID ?? '')) : undefined,
  ]);
  const arns = [...(loadBalancer === undefined ? [] : [loadBalancer]), ...candidates, ...listeners].map(
    ({ arn }) => arn,
  );
  const tags = await reads.tags.read(arns, call);

  const observedLoadBalancer =
    loadBalancer === undefined
      ? undefined
      : { ...loadBalancer, ownership: judgeLoadBalancer(loadBalancer, tags.get(loadBalancer.arn) ?? {}, member) };
  const serviceName = `${metadata.namespace}/${metadata.name}`;
  const ours = candidates.filter(({ arn }) => tags.get(arn)?.[serviceNameTagKey] === serviceName);
  const targetGroups = await Promise.all(
    ours.map(async (group): Promise<ObservedTargetGroup> => {
      const ownership = judgeTargetGroup({
        group,
        tags: tags.get(group.arn) ?? {},
        loadBalancer: observedLoadBalancer,
        member,
        config,
      });
      if (ownership.kind !== 'ours' || isLeaving) return { ...group, ownership, targets: [], attributes: {} };
      const wantsAttributes = metadata.annotations[awsAnnotations.keyOf('target-group-attributes')] !== undefined;
      const [targets, settings] = await Promise.all([
        elbv2.describeTargets(group.arn, call),
        wantsAttributes ? elbv2.describeTargetGroupAttributes(group.arn, call) : {},
      ]);
      return { ...group, ownership, targets, attributes: settings };
    }),
  );
  const ownGroup = findOwnGroup(member, securityGroups);
  return {
    name,
    loadBalancer: observedLoadBalancer,
    attributes,
    listeners,
    targetGroups,
    tags,
    securityGroups,
    ownGroup,
    doubt: eitherDoubt(
      options.recentWrites.doubtAbout(name, {
        names: new Set([
          ...(loadBalancer === undefined ? [] : [name]),
          ...candidates.map((group) => group.name),
          ...(ownGroup === undefined ? [] : [ownGroup.name]),
        ]),
        ids: [...arns, ...(ownGroup === undefined ? [] : [ownGroup.id])],
      }),
      reads.securityGroups.doubtAbout(
        securityGroups ?? new Map(),
        (rule, groupID) => isOwnRule(rule, name) || groupID === ownGroup?.id,
      ),
    ),
  };
}

/** Whether any security groups are looked after. */
export function readsSecurityGroups({ nodeSecurityGroups, networkSecurityGroups }: CloudConfig): boolean {
  return nodeSecurityGroups === 'managed' || networkSecurityGroups === 'managed';
}

function findOwnGroup(member: Member, groups: SecurityGroups | undefined): ObservedOwnGroup | undefined {
  const { namespace, name, uid } = member.service.metadata;
  const groupName = securityGroupName({ clusterName: member.cluster.name, namespace, name, uid });
  const found = [...(groups?.values() ?? [])].find((group) => group.name === groupName);
  if (found === undefined) return undefined;
  const ownership = judgeOwnership(member.cluster, {
    stamp: found.tags[clusterStampKey],
    // Its name is worked out from the Service's UID.
    holdsServiceUID: true,
    isRecorded: false,
    isAdopted: false,
  });
  return { id: found.id, name: groupName, ownership };
}

function judgeLoadBalancer(loadBalancer: LoadBalancer, tags: Tags, member: Member): Ownership {
  if (loadBalancer.type !== 'network') {
    return {
      kind: 'foreign',
      reason: `it is a load balancer of the type ${loadBalancer.type}, which is never made here`,
    };
  }
  return judgeOwnership(member.cluster, {
    stamp: tags[clusterStampKey],
    // It was looked up by a name that is the Service's UID.
    holdsServiceUID: true,
    isRecorded: member.service.status.loadBalancer.ingress.some(({ hostname }) => hostname === loadBalancer.dnsName),
    isAdopted: false,
  });
}

interface TargetGroupCase {
  readonly group: TargetGroup;
  readonly tags: Tags;
  readonly loadBalancer: ObservedLoadBalancer | undefined;
  readonly member: Member;
  readonly config: CloudConfig;
}

/**
 * Groups of the Go manager carry no stamp, and nothing of theirs holds the Service's UID but the load balancer that they
 * serve. One that serves none any more is ours if its name, which is worked out from the cluster's ID and the Service's
 * ports and node ports, is one that the Service still has, and its tags agree.
 */
function judgeTargetGroup({ group, tags, loadBalancer, member, config }: TargetGroupCase): Ownership {
  const servesOurs =
    loadBalancer?.ownership.kind === 'ours' && group.loadBalancerArns.every((arn) => arn === loadBalancer.arn);
  const isUnattached = group.loadBalancerArns.length === 0;
  const isRecorded =
    isUnattached && isTaggedOwned(tags, config.tagging) && possibleNames(member, config).includes(group.name);
  return judgeOwnership(member.cluster, {
    stamp: tags[clusterStampKey],
    holdsServiceUID: servesOurs && !isUnattached,
    isRecorded,
    isAdopted: member.adopts?.has(group.arn) ?? false,
    id: group.arn,
  });
}

/** With the health checks of both traffic policies and that which is asked for now, as either may have changed since. */
function possibleNames(member: Member, config: CloudConfig): string[] {
  const { metadata, spec } = member.service;
  const chosen = chooseHealthCheck(member, config.clusterHealthProbe);
  const checks = [
    ...(chosen.kind === 'refusal'
      ? []
      : [
          {
            healthCheckProtocol: chosen.check.protocol,
            healthCheckIntervalSeconds: chosen.check.intervalSeconds,
          },
        ]),
    { healthCheckProtocol: 'TCP', healthCheckIntervalSeconds: 30 },
    { healthCheckProtocol: 'HTTP', healthCheckIntervalSeconds: 10 },
  ];
  const protocols = ['TCP', 'UDP', 'TCP_UDP', 'TLS'];
  const kinds = checks.flatMap((check) =>
    protocols.flatMap((protocol) =>
      Object.values(targetTypes).map((targetType) => ({ ...check, protocol, targetType })),
    ),
  );
  return spec.ports.flatMap(({ port, nodePort }) =>
    kinds.map((kind) =>
      targetGroupName({
        clusterID: config.tagging.id,
        namespace: metadata.namespace,
        name: metadata.name,
        port,
        nodePort,
        ...kind,
      }),
    ),
  );
}
