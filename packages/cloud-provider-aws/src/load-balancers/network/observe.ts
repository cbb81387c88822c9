import { type CallContext, type Member, type Ownership, clusterStampKey, judgeOwnership } from '@ccm-ts/cloud-provider';
import { loadBalancerType } from '../../annotations.ts';
import type { Elbv2Port, Listener, LoadBalancer, Target, TargetGroup } from '../../client/elbv2-port.ts';
import { type Tags, isTaggedOwned, serviceNameTagKey } from '../../cluster-tags.ts';
import type { CloudConfig } from '../../config/cloud-config.ts';
import { loadBalancerName, targetGroupName, targetGroupNamePrefix } from './names.ts';
import type { SecurityGroupLedger, SecurityGroups } from './security-group-ledger.ts';
import type { TargetGroupReader } from './target-group-reader.ts';

export interface ObservedLoadBalancer extends LoadBalancer {
  readonly ownership: Ownership;
}

export interface ObservedTargetGroup extends TargetGroup {
  readonly ownership: Ownership;
  /** Empty for groups that are not ours, which are not looked into. */
  readonly targets: readonly Target[];
}

/** Everything in AWS that is there for one Service. */
export interface NetworkObserved {
  readonly name: string;
  readonly loadBalancer: ObservedLoadBalancer | undefined;
  /** The address of a classic load balancer that the Service seems to have, which can't be seen from here; else empty. */
  readonly classicAddress: string;
  readonly listeners: readonly Listener[];
  readonly targetGroups: readonly ObservedTargetGroup[];
  /** Undefined when the security groups of the nodes are left alone. */
  readonly securityGroups: SecurityGroups | undefined;
}

export interface ObserverOptions {
  readonly elbv2: Elbv2Port;
  readonly targetGroups: TargetGroupReader;
  readonly securityGroups: SecurityGroupLedger;
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
  const { elbv2, config } = options;
  const name = loadBalancerName(member.uid);
  const [loadBalancer, allGroups] = await Promise.all([
    elbv2.findLoadBalancer(name, call),
    options.targetGroups.read(call),
  ]);
  const { metadata } = member.service;
  const prefix = targetGroupNamePrefix(metadata);
  const candidates = allGroups.filter(
    (group) =>
      group.name.startsWith(prefix) ||
      (loadBalancer !== undefined && group.loadBalancerArns.includes(loadBalancer.arn)),
  );
  const arns = [...(loadBalancer === undefined ? [] : [loadBalancer.arn]), ...candidates.map(({ arn }) => arn)];
  const [tags, listeners, securityGroups] = await Promise.all([
    arns.length === 0 ? new Map<string, Tags>() : elbv2.describeTags(arns, call),
    loadBalancer === undefined ? [] : elbv2.describeListeners(loadBalancer.arn, call),
    config.nodeSecurityGroups === 'left-alone'
      ? undefined
      : options.securityGroups.read(config.vpcID || (loadBalancer?.vpcID ?? options.vpcID), call.freshness, call),
  ]);

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
      const targets = ownership.kind === 'ours' ? await elbv2.describeTargets(group.arn, call) : [];
      return { ...group, ownership, targets };
    }),
  );
  const classicAddress = loadBalancer === undefined ? recordedClassicAddress(member) : '';
  return { name, loadBalancer: observedLoadBalancer, classicAddress, listeners, targetGroups, securityGroups };
}

/**
 * Only keeps things from being forgotten: nothing is ever deleted or changed because of the form of a name. Network load
 * balancers have their region behind `elb`, classic ones before it.
 */
function recordedClassicAddress({ service }: Member): string {
  if (loadBalancerType(service.metadata.annotations) !== 'classic') return '';
  const hostnames = service.status.loadBalancer.ingress.map(({ hostname }) => hostname);
  return hostnames.find((hostname) => hostname !== '' && !/\.elb\.[a-z0-9-]+\.amazonaws\./.test(hostname)) ?? '';
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
    isAdopted: false,
  });
}

/** With both kinds of health check that are ever made here, as the traffic policy may have changed since. */
function possibleNames(member: Member, config: CloudConfig): string[] {
  const { metadata, spec } = member.service;
  const checks = [
    { healthCheckProtocol: 'TCP', healthCheckIntervalSeconds: 30 },
    { healthCheckProtocol: 'HTTP', healthCheckIntervalSeconds: 10 },
  ];
  return spec.ports.flatMap(({ port, nodePort, protocol }) =>
    checks.map((check) =>
      targetGroupName({
        clusterID: config.tagging.id,
        namespace: metadata.namespace,
        name: metadata.name,
        port,
        nodePort,
        protocol,
        targetType: 'instance',
        ...check,
      }),
    ),
  );
}
