import {
  type CallContext,
  type Clock,
  type LoadBalancerKind,
  type Member,
  type MemberResult,
  type OperationOutputs,
  type OperationResult,
  type Plan,
  type ResourceKey,
  type ServiceRequest,
  type Service,
  type ServiceUID,
  type Wish,
  CloudError,
  loadBalancerCleanupFinalizer,
} from '@ccm-ts/cloud-provider';
import { awsAnnotations } from '../../annotations/aws-annotations.ts';
import type { AwsClients } from '../../client/sdk-clients.ts';
import type { CloudConfig } from '../../config/cloud-config.ts';
import { applyNetworkOperation } from './apply.ts';
import { isAsListed } from './compare-lists.ts';
import { type Desire, type NetworkDesired, desireNetworkLoadBalancer } from './desired.ts';
import { type NetworkFacts, NetworkFactsReader } from '../surroundings/facts.ts';
import { foldNetworkOperation } from './fold.ts';
import { sharedHealthPort } from './health-check.ts';
import {
  type NetworkObserved,
  observeNetworkLoadBalancer,
  readsSecurityGroups,
  untouchedNetworkLoadBalancer,
} from './observe.ts';
import { LooksInTurn } from '../surroundings/looks-in-turn.ts';
import type { NetworkOperation } from './operations.ts';
import { type PlanOptions, planNetworkLoadBalancer } from './plan.ts';
import { RecentWrites } from '../surroundings/recent-writes.ts';
import { AccountReads } from '../surroundings/account-reads.ts';
import type { Zones } from '../../zones.ts';

export interface NetworkLoadBalancersOptions {
  readonly clients: Pick<AwsClients, 'ec2' | 'elb' | 'elbv2'>;
  readonly zones: Zones;
  readonly config: CloudConfig;
  readonly clock: Clock;
  /** @default reads of its own */
  readonly reads?: AccountReads;
}

/**
 * Network load balancers: Services with the annotation `aws-load-balancer-type: nlb`. Each Service is a group by itself; the
 * node security groups, which all share, are guarded by the ledger.
 */
export class NetworkLoadBalancers
  implements LoadBalancerKind<NetworkFacts, NetworkDesired, NetworkObserved, NetworkOperation>
{
  readonly name = 'network';
  readonly finalizer = loadBalancerCleanupFinalizer;
  readonly inputs = ['nodes'] as const;
  readonly #ec2: AwsClients['ec2'];
  readonly #elbv2: AwsClients['elbv2'];
  readonly #config: CloudConfig;
  readonly #reads: AccountReads;
  readonly #facts: NetworkFactsReader;
  readonly #looks: LooksInTurn;
  readonly #recentWrites: RecentWrites;

  constructor(options: NetworkLoadBalancersOptions) {
    const { clients, zones, config, clock, reads = new AccountReads({ clients, clock }) } = options;
    const { ec2, elbv2 } = clients;
    this.#ec2 = ec2;
    this.#elbv2 = elbv2;
    this.#config = config;
    this.#looks = new LooksInTurn(clock);
    this.#recentWrites = new RecentWrites(clock);
    this.#reads = reads;
    this.#facts = new NetworkFactsReader({ ec2, config, clock, zones, securityGroups: reads.securityGroups });
  }

  claims(service: Service): boolean {
    return awsAnnotations.kindOf(service.metadata.annotations) === 'network';
  }

  async traces(member: Member, call: CallContext): Promise<'none' | 'present' | 'unknown'> {
    const observed = await this.#observe(member, call);
    const { operations, next } = planNetworkLoadBalancer({ kind: 'gone' }, observed, this.#planOptions);
    if (operations.length > 0) return 'present';
    return next.kind === 'converged' ? 'none' : 'unknown';
  }

  group(request: ServiceRequest): ResourceKey {
    return `service/${request.service.metadata.uid}`;
  }

  facts(request: ServiceRequest, call: CallContext): Promise<NetworkFacts> {
    return this.#facts.read(request, call);
  }

  desire(request: ServiceRequest, facts: NetworkFacts): Desire {
    return desireNetworkLoadBalancer(request, facts, this.#config);
  }

  observe(group: ResourceKey, members: readonly Member[], call: CallContext): Promise<NetworkObserved> {
    const [member] = members;
    if (member === undefined) throw new CloudError('Invalid', `the group ${group} has no member`);
    this.#looks.note(group);
    return this.#observe(member, call);
  }

  untouched(_group: ResourceKey, member: Member): NetworkObserved {
    return untouchedNetworkLoadBalancer(member, this.#config);
  }

  /** One list each of load balancers, target groups and security groups; what these do not show is looked at once a day. */
  async listUnchanged(
    groups: ReadonlyMap<ResourceKey, NetworkObserved>,
    call: CallContext,
  ): Promise<ReadonlySet<ResourceKey>> {
    const [loadBalancers, targetGroups, securityGroups] = await Promise.all([
      this.#reads.networkLoadBalancers.list(call),
      this.#reads.targetGroups.read(call),
      readsSecurityGroups(this.#config)
        ? this.#reads.securityGroups.read(this.#config.vpcID || this.#facts.vpcID, call.freshness, call)
        : undefined,
    ]);
    const due = this.#looks.take(groups.keys());
    const { sharedHealthPort } = this.#planOptions;
    const byArn = new Map(loadBalancers.map((one) => [one.arn, one]));
    const lists = { loadBalancers: byArn, targetGroups, securityGroups, sharedHealthPort };
    const unchanged = [...groups].filter(([group, observed]) => !due.has(group) && isAsListed(observed, lists));
    return new Set(unchanged.map(([group]) => group));
  }

  plan(wishes: ReadonlyMap<ServiceUID, Wish<NetworkDesired>>, observed: NetworkObserved): Plan<NetworkOperation> {
    const [wish] = wishes.values();
    if (wish === undefined) return { operations: [], next: { kind: 'converged' } };
    return planNetworkLoadBalancer(wish, observed, this.#planOptions);
  }

  async apply(operation: NetworkOperation, observed: NetworkObserved, call: CallContext): Promise<OperationResult> {
    const options = {
      ec2: this.#ec2,
      elbv2: this.#elbv2,
      securityGroups: this.#reads.securityGroups,
      targetGroups: this.#reads.targetGroups,
      recentWrites: this.#recentWrites,
    };
    const result = await applyNetworkOperation(operation, observed, { options, call });
    if (result.kind === 'done') this.#facts.forget(result.failed?.keys() ?? []);
    return result;
  }

  fold(observed: NetworkObserved, operation: NetworkOperation, outputs: OperationOutputs): NetworkObserved {
    return foldNetworkOperation(observed, operation, outputs);
  }

  /** The name is told as soon as there is one: it resolves once AWS is done. */
  result(observed: NetworkObserved): MemberResult {
    const { loadBalancer } = observed;
    const isUsable = loadBalancer?.state === 'active' || loadBalancer?.state === 'provisioning';
    if (!isUsable || loadBalancer.ownership.kind !== 'ours') return {};
    return { status: { ingress: [{ ip: '', hostname: loadBalancer.dnsName, ipMode: '' }] } };
  }

  get #planOptions(): PlanOptions {
    const { scope, nodeSecurityGroups, clusterHealthProbe } = this.#config;
    return { scope, nodeSecurityGroups, sharedHealthPort: sharedHealthPort(clusterHealthProbe) };
  }

  #observe(member: Member, call: CallContext): Promise<NetworkObserved> {
    const options = {
      elbv2: this.#elbv2,
      reads: this.#reads,
      recentWrites: this.#recentWrites,
      config: this.#config,
      vpcID: this.#facts.vpcID,
    };
    return observeNetworkLoadBalancer(member, options, call);
  }
}
