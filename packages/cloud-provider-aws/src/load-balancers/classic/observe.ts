import { type CallContext, type Member, type Ownership, clusterStampKey, judgeOwnership } from '@ccm-ts/cloud-provider';
import { splitItems } from '@ccm-ts/cloud-provider';
import { awsAnnotations } from '../../annotations/aws-annotations.ts';
import type { ClassicAttributes, ClassicElbPort, ClassicLoadBalancer } from '../../client/classic-elb-port.ts';
import type { Tags } from '../../cluster-tags.ts';
import type { CloudConfig } from '../../config/cloud-config.ts';
import { loadBalancerName } from '../surroundings/load-balancer-name.ts';
import type { AccountReads } from '../surroundings/account-reads.ts';
import type { ObservedSecurityGroup, SecurityGroups } from '../surroundings/security-group-ledger.ts';
import { type ReadDoubt, type RecentWrites, eitherDoubt } from '../surroundings/recent-writes.ts';
import { ownGroupName } from './names.ts';

export interface ObservedClassic extends ClassicLoadBalancer {
  readonly ownership: Ownership;
  readonly tags: Tags;
  readonly attributes: ClassicAttributes;
}

export interface ObservedOwnGroup extends ObservedSecurityGroup {
  readonly ownership: Ownership;
}

/** Everything in AWS that is there for one Service. */
export interface ClassicObserved {
  readonly name: string;
  readonly loadBalancer: ObservedClassic | undefined;
  /** The load balancer's own security group, whether the load balancer uses it, or is there, or not. */
  readonly ownGroup: ObservedOwnGroup | undefined;
  /** The groups of the nodes and all others. */
  readonly securityGroups: SecurityGroups;
  /** The group from which the nodes are reached now; empty when that is not known. */
  readonly sourceGroupID: string;
  /** Groups that other load balancers use too: their rules stay. */
  readonly sharedGroupIDs: ReadonlySet<string>;
  /** @default none */
  readonly doubt?: ReadDoubt;
  /**
   * Set when nothing was read, as nothing can have been made. Of the security groups only those that were written since are
   * known then.
   */
  readonly isUntouched?: true;
}

/** What is there for a Service for which nothing was ever made. */
export function untouchedClassicLoadBalancer(member: Member): ClassicObserved {
  return {
    name: loadBalancerName(member.uid),
    loadBalancer: undefined,
    ownGroup: undefined,
    securityGroups: new Map(),
    sourceGroupID: '',
    sharedGroupIDs: new Set(),
    isUntouched: true,
  };
}

export interface ObserverOptions {
  readonly recentWrites: RecentWrites;
  readonly elb: ClassicElbPort;
  readonly reads: AccountReads;
  readonly config: CloudConfig;
  /** Where the nodes are; empty when that is not known, and the groups of the whole region are looked at. */
  readonly vpcID: string;
}

/** Reads one Service's load balancer and its security group, each by its name: either may be there without the other. */
export async function observeClassicLoadBalancer(
  member: Member,
  options: ObserverOptions,
  call: CallContext,
): Promise<ClassicObserved> {
  const { elb, reads, config } = options;
  const name = loadBalancerName(member.uid);
  // Where the nodes are is where the load balancer is; without knowing, it is asked for first.
  const vpcID = config.vpcID || options.vpcID;
  const readGroups = (vpc: string): Promise<SecurityGroups> => reads.securityGroups.read(vpc, call.freshness, call);
  const [found, nodeGroups] = await Promise.all([
    reads.classicLoadBalancers.find(name, call),
    vpcID === '' ? undefined : readGroups(vpcID),
  ]);
  const [loadBalancer, securityGroups] = await Promise.all([
    found === undefined ? undefined : complete(found, member, { elb, call }),
    nodeGroups ?? readGroups(found?.vpcID ?? ''),
  ]);
  const group = [...securityGroups.values()].find((candidate) => candidate.name === ownGroupName(name));
  const ownGroup = group === undefined ? undefined : { ...group, ownership: judge(group.tags, member, '') };
  const usesOthers = loadBalancer?.securityGroupIDs.some((id) => id !== ownGroup?.id) === true;
  const others = usesOthers ? await reads.classicLoadBalancers.list(call) : [];
  const sourceGroupID = findSource(member, { loadBalancer, ownGroupID: ownGroup?.id ?? '', config });
  const sources = [sourceGroupID, ownGroup?.id];
  return {
    name,
    loadBalancer,
    ownGroup,
    securityGroups,
    sourceGroupID,
    sharedGroupIDs: groupsOfOthers(name, others),
    doubt: eitherDoubt(
      options.recentWrites.doubtAbout(name, {
        names: new Set([...(found === undefined ? [] : [name]), ...(ownGroup === undefined ? [] : [ownGroup.name])]),
        // A load balancer that is made again has the name of the one before, and another address.
        ids: [...(found === undefined ? [] : [found.dnsName]), ...(ownGroup === undefined ? [] : [ownGroup.id])],
      }),
      reads.securityGroups.doubtAbout(
        securityGroups,
        (rule, groupID) => groupID === ownGroup?.id || sources.includes(rule.cidr),
      ),
    ),
  };
}

/** The security groups that any other load balancer is in. */
export function groupsOfOthers(name: string, all: readonly ClassicLoadBalancer[]): ReadonlySet<string> {
  return new Set(all.filter((other) => other.name !== name).flatMap(({ securityGroupIDs }) => securityGroupIDs));
}

async function complete(
  found: ClassicLoadBalancer,
  member: Member,
  { elb, call }: { readonly elb: ClassicElbPort; readonly call: CallContext },
): Promise<ObservedClassic> {
  const [tags, attributes] = await Promise.all([
    elb.describeTags(found.name, call),
    elb.describeAttributes(found.name, call),
  ]);
  return { ...found, tags, attributes, ownership: judge(tags, member, found.dnsName) };
}

/** Both the load balancer and its group were looked up by a name that is the Service's UID. */
function judge(tags: Tags, member: Member, dnsName: string): Ownership {
  return judgeOwnership(member.cluster, {
    stamp: tags[clusterStampKey],
    holdsServiceUID: true,
    isRecorded:
      dnsName !== '' && member.service.status.loadBalancer.ingress.some(({ hostname }) => hostname === dnsName),
    isAdopted: false,
  });
}

/** As the Go manager orders them: those of the annotation, the load balancer's own or the configured one, the only one. */
function findSource(
  { service }: Member,
  known: {
    readonly loadBalancer: ObservedClassic | undefined;
    readonly ownGroupID: string;
    readonly config: CloudConfig;
  },
): string {
  const attached = known.loadBalancer?.securityGroupIDs ?? [];
  const named = splitItems(service.metadata.annotations[awsAnnotations.keyOf('security-groups')] ?? '');
  const candidates = [...named, known.ownGroupID, known.config.elbSecurityGroupID];
  return candidates.find((id) => attached.includes(id)) ?? (attached.length === 1 ? (attached[0] ?? '') : '');
}
