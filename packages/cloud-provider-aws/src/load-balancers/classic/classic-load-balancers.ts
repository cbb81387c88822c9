import {
  type CallContext,
  type Clock,
  CloudError,
  type LoadBalancerKind,
  type Member,
  type MemberResult,
  type OperationOutputs,
  type OperationResult,
  type Plan,
  type ResourceKey,
  type Service,
  type ServiceRequest,
  type ServiceUID,
  type Wish,
  loadBalancerCleanupFinalizer,
} from '@ccm-ts/cloud-provider';
import { awsAnnotations } from '../../annotations/aws-annotations.ts';
import type { AwsClients } from '../../client/sdk-clients.ts';
import type { CloudConfig } from '../../config/cloud-config.ts';
import type { Zones } from '../../zones.ts';
import { type NetworkFacts, NetworkFactsReader } from '../surroundings/facts.ts';
import { LooksInTurn } from '../surroundings/looks-in-turn.ts';
import { RecentWrites } from '../surroundings/recent-writes.ts';
import { AccountReads } from '../surroundings/account-reads.ts';
import { applyClassicOperation } from './apply.ts';
import { isAsListed } from './compare-lists.ts';
import { type ClassicDesired, type Desire, desireClassicLoadBalancer } from './desired.ts';
import { foldClassicOperation } from './fold.ts';
import { type ClassicObserved, observeClassicLoadBalancer, untouchedClassicLoadBalancer } from './observe.ts';
import type { ClassicOperation } from './operations.ts';
import { planClassicLoadBalancer } from './plan.ts';

export interface ClassicLoadBalancersOptions {
  readonly clients: Pick<AwsClients, 'ec2' | 'elb' | 'elbv2'>;
  readonly zones: Zones;
  readonly config: CloudConfig;
  readonly clock: Clock;
  /** @default reads of its own */
  readonly reads?: AccountReads;
}

/**
 * Classic load balancers: what Services get that ask for no other type. Each Service is a group by itself.
 */
export class ClassicLoadBalancers
  implements LoadBalancerKind<NetworkFacts, ClassicDesired, ClassicObserved, ClassicOperation>
{
  readonly name = 'classic';
  readonly finalizer = loadBalancerCleanupFinalizer;
  readonly inputs = ['nodes'] as const;
  readonly #clients: ClassicLoadBalancersOptions['clients'];
  readonly #config: CloudConfig;
  readonly #reads: AccountReads;
  readonly #facts: NetworkFactsReader;
  readonly #looks: LooksInTurn;
  readonly #recentWrites: RecentWrites;

  constructor(options: ClassicLoadBalancersOptions) {
    const { clients, zones, config, clock, reads = new AccountReads({ clients, clock }) } = options;
    const { ec2 } = clients;
    this.#clients = clients;
    this.#config = config;
    this.#looks = new LooksInTurn(clock);
    this.#recentWrites = new RecentWrites(clock);
    this.#reads = reads;
    this.#facts = new NetworkFactsReader({ ec2, config, clock, zones, securityGroups: reads.securityGroups });
  }

  claims(service: Service): boolean {
    return awsAnnotations.kindOf(service.metadata.annotations) === 'classic';
  }

  async traces(member: Member, call: CallContext): Promise<'none' | 'present' | 'unknown'> {
    const observed = await this.#observe(member, call);
    const { operations, next } = planClassicLoadBalancer({ kind: 'gone' }, observed, this.#config);
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
    return desireClassicLoadBalancer(request, facts, this.#config);
  }

  observe(group: ResourceKey, members: readonly Member[], call: CallContext): Promise<ClassicObserved> {
    const [member] = members;
    if (member === undefined) throw new CloudError('Invalid', `the group ${group} has no member`);
    this.#looks.note(group);
    return this.#observe(member, call);
  }

  untouched(_group: ResourceKey, member: Member): ClassicObserved {
    return untouchedClassicLoadBalancer(member);
  }

  /** One list of load balancers and one of security groups; what these do not show is looked at once a day. */
  async listUnchanged(
    groups: ReadonlyMap<ResourceKey, ClassicObserved>,
    call: CallContext,
  ): Promise<ReadonlySet<ResourceKey>> {
    const [loadBalancers, securityGroups] = await Promise.all([
      this.#reads.classicLoadBalancers.list(call),
      this.#reads.securityGroups.read(this.#config.vpcID || this.#facts.vpcID, call.freshness, call),
    ]);
    const due = this.#looks.take(groups.keys());
    const lists = { loadBalancers, securityGroups };
    const unchanged = [...groups].filter(([group, observed]) => !due.has(group) && isAsListed(observed, lists));
    return new Set(unchanged.map(([group]) => group));
  }

  plan(wishes: ReadonlyMap<ServiceUID, Wish<ClassicDesired>>, observed: ClassicObserved): Plan<ClassicOperation> {
    const [wish] = wishes.values();
    if (wish === undefined) return { operations: [], next: { kind: 'converged' } };
    return planClassicLoadBalancer(wish, observed, this.#config);
  }

  apply(operation: ClassicOperation, observed: ClassicObserved, call: CallContext): Promise<OperationResult> {
    const options = {
      ...this.#clients,
      securityGroups: this.#reads.securityGroups,
      recentWrites: this.#recentWrites,
    };
    return applyClassicOperation(operation, observed, { options, call });
  }

  fold(observed: ClassicObserved, operation: ClassicOperation, outputs: OperationOutputs): ClassicObserved {
    return foldClassicOperation(observed, operation, outputs);
  }

  result({ loadBalancer }: ClassicObserved): MemberResult {
    if (loadBalancer?.ownership.kind !== 'ours' || loadBalancer.dnsName === '') return {};
    return { status: { ingress: [{ ip: '', hostname: loadBalancer.dnsName, ipMode: '' }] } };
  }

  #observe(member: Member, call: CallContext): Promise<ClassicObserved> {
    const options = {
      elb: this.#clients.elb,
      reads: this.#reads,
      recentWrites: this.#recentWrites,
      config: this.#config,
      vpcID: this.#facts.vpcID,
    };
    return observeClassicLoadBalancer(member, options, call);
  }
}
