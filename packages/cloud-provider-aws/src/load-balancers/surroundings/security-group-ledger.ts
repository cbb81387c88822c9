import { type CallContext, type Clock, CloudError, Duration, type Freshness } from '@ccm-ts/cloud-provider';
import { AgedRead } from '../../aged.ts';
import type { Ec2Port, IngressRule } from '../../client/ec2-port.ts';
import type { Tags } from '../../cluster-tags.ts';
import { type ReadDoubt, doubt } from './recent-writes.ts';

/** A node security group as it was read or written last. */
export interface ObservedSecurityGroup {
  readonly id: string;
  readonly name: string;
  readonly vpcID: string;
  readonly tags: Tags;
  readonly rules: readonly IngressRule[];
  /** Rises with each write of this process; another one than the ledger's means that a sibling wrote in between. */
  readonly revision: number;
}

interface RecentRule {
  readonly rule: IngressRule;
  readonly verb: GroupChange['verb'];
  /** Monotonic milliseconds. */
  readonly at: number;
}

/** Longer than any doubt lasts. */
const rememberedFor = Duration.minutes(5);

/** The groups of a VPC by id. */
export type SecurityGroups = ReadonlyMap<string, ObservedSecurityGroup>;

/**
 * The node security groups, which all load balancers share. EC2 has neither revisions nor conditions for them, so this keeps
 * count of our own writes: one write at a time for each group, and whoever planned from another state than the last writes
 * what the last one still lacks. Rules are told apart as EC2 does, by protocol, ports and range; the description is not part of it.
 */
export class SecurityGroupLedger {
  readonly #ec2: Ec2Port;
  readonly #clock: Clock;
  readonly #reads = new Map<string, AgedRead<SecurityGroups>>();
  readonly #revisions = new Map<string, number>();
  /** The groups as they were read or written last, by id. */
  readonly #latest = new Map<string, ObservedSecurityGroup>();
  readonly #writes = new Map<string, Promise<unknown>>();
  /** By group and the rule's key, the last write of each rule. */
  readonly #recent = new Map<string, Map<string, RecentRule>>();

  constructor(options: { readonly ec2: Ec2Port; readonly clock: Clock }) {
    this.#ec2 = options.ec2;
    this.#clock = options.clock;
  }

  /** @param vpcID empty for all groups of the region */
  read(vpcID: string, freshness: Freshness, call: CallContext): Promise<SecurityGroups> {
    return this.#readOf(vpcID).get(freshness, call);
  }

  /** The group as this process read or wrote it last; undefined when it never did, or does not know what its write did. */
  latest(groupID: string): ObservedSecurityGroup | undefined {
    const latest = this.#latest.get(groupID);
    return latest?.revision === this.#revisionOf(groupID) ? latest : undefined;
  }

  /**
   * Changes one group, after everybody who asked before. What siblings wrote since `observed` is taken into account; it costs a
   * read only when the answer to one of their writes got lost, or EC2 says that the rules are others.
   * @returns the group as it is afterwards
   */
  change(observed: ObservedSecurityGroup, change: GroupChange, call: CallContext): Promise<ObservedSecurityGroup> {
    const write = (): Promise<ObservedSecurityGroup> => this.#write(observed, change, call);
    const previous = this.#writes.get(observed.id) ?? Promise.resolve();
    const next = previous.then(write, write);
    this.#writes.set(observed.id, next);
    const forget = (): void => {
      if (this.#writes.get(observed.id) === next) this.#writes.delete(observed.id);
    };
    next.then(forget, forget);
    return next;
  }

  /** What was written a moment ago and is not so in what was read: for as long as reads may lag behind, that proves nothing. */
  doubtAbout(groups: SecurityGroups, concerns: (rule: IngressRule, groupID: string) => boolean): ReadDoubt {
    const lost: number[] = [];
    const left: number[] = [];
    for (const [groupID, rules] of this.#recent) {
      const present = new Set((groups.get(groupID)?.rules ?? []).map(ruleKey));
      for (const [key, { rule, verb, at }] of rules) {
        if (!concerns(rule, groupID)) continue;
        if (verb === 'authorize' && !present.has(key)) lost.push(at);
        if (verb === 'revoke' && present.has(key)) left.push(at);
      }
    }
    const now = this.#clock.monotonic();
    return { ...doubt('absence', lost, now), ...doubt('presence', left, now) };
  }

  /** The times of writes only serve a short while, and one group has the rules of many load balancers. */
  #remember(groupID: string, verb: GroupChange['verb'], rules: readonly IngressRule[]): void {
    const at = this.#clock.monotonic();
    for (const [id, known] of this.#recent) {
      for (const [key, recent] of known) if (at - recent.at > rememberedFor.milliseconds) known.delete(key);
      if (known.size === 0) this.#recent.delete(id);
    }
    const known = this.#recent.get(groupID) ?? new Map<string, RecentRule>();
    this.#recent.set(groupID, known);
    for (const rule of rules) known.set(ruleKey(rule), { rule, verb, at });
  }

  async #write(
    observed: ObservedSecurityGroup,
    change: GroupChange,
    call: CallContext,
  ): Promise<ObservedSecurityGroup> {
    call.signal.throwIfAborted();
    const isLatest = this.#revisionOf(observed.id) === observed.revision;
    const group = isLatest ? observed : (this.latest(observed.id) ?? (await this.#readAgain(observed, call)));
    try {
      return await this.#send(group, change, call);
    } catch (error) {
      if (!isRuleMismatch(error)) throw error;
      // Somebody outside changed the group, or the answer to an earlier write was lost. EC2 did nothing of this one.
      return this.#send(await this.#readAgain(group, call), change, call);
    }
  }

  async #send(group: ObservedSecurityGroup, change: GroupChange, call: CallContext): Promise<ObservedSecurityGroup> {
    const rules = change.narrow(group.rules);
    if (rules.length === 0) return group;
    // Counted before and after: what is read in between may hold the write or not, and so is not the latest either way.
    this.#countWrite(group.id);
    let after: readonly IngressRule[];
    try {
      if (change.verb === 'authorize') {
        await this.#ec2.authorizeIngress(group.id, rules, call);
        after = [...group.rules, ...rules];
      } else {
        await this.#ec2.revokeIngress(group.id, rules, call);
        const removed = new Set(rules.map(ruleKey));
        after = group.rules.filter((rule) => !removed.has(ruleKey(rule)));
      }
      this.#remember(group.id, change.verb, rules);
    } finally {
      this.#countWrite(group.id);
    }
    const written = { ...group, rules: after, revision: this.#revisionOf(group.id) };
    this.#latest.set(group.id, written);
    return written;
  }

  async #readAgain(group: ObservedSecurityGroup, call: CallContext): Promise<ObservedSecurityGroup> {
    const groups = await this.read(group.vpcID, 'live', call);
    const found = groups.get(group.id);
    if (found !== undefined) return found;
    throw new CloudError('NotFound', `the security group ${group.id} is gone`, { operation: 'DescribeSecurityGroups' });
  }

  #countWrite(id: string): void {
    this.#revisions.set(id, this.#revisionOf(id) + 1);
  }

  #revisionOf(id: string): number {
    return this.#revisions.get(id) ?? 0;
  }

  #readOf(vpcID: string): AgedRead<SecurityGroups> {
    const known = this.#reads.get(vpcID);
    if (known !== undefined) return known;
    const read = new AgedRead({ clock: this.#clock, read: (call) => this.#readGroups(vpcID, call) });
    this.#reads.set(vpcID, read);
    return read;
  }

  async #readGroups(vpcID: string, call: CallContext): Promise<SecurityGroups> {
    // Taken before the read, for the same reason as above.
    const before = new Map(this.#revisions);
    const groups = await this.#ec2.describeSecurityGroups(vpcID === '' ? undefined : vpcID, call);
    const read = new Map(groups.map((group) => [group.id, { ...group, revision: before.get(group.id) ?? 0 }] as const));
    for (const known of this.#latest.values()) {
      if ((vpcID === '' || known.vpcID === vpcID) && !read.has(known.id)) this.#latest.delete(known.id);
    }
    for (const group of read.values())
      if (group.revision === this.#revisionOf(group.id)) this.#latest.set(group.id, group);
    return read;
  }
}

/** A change of one group's rules. */
export interface GroupChange {
  readonly verb: 'authorize' | 'revoke';
  /** Which rules are to be written, given those that the group has now. Pure. */
  readonly narrow: (present: readonly IngressRule[]) => readonly IngressRule[];
}

/** A rule as EC2 tells rules apart. */
export function ruleKey(rule: IngressRule): string {
  return `${rule.protocol} ${rule.fromPort}-${rule.toPort} ${rule.cidr}`;
}

function isRuleMismatch(error: unknown): boolean {
  if (!(error instanceof CloudError)) return false;
  const code = error.details.cloudCode;
  return code === 'InvalidPermission.Duplicate' || code === 'InvalidPermission.NotFound';
}
