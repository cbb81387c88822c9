import type { Condition, LoadBalancerStatus, Service } from '../api/service.ts';
import type { CallContext } from './call-context.ts';
import type { ClusterIdentity } from './cluster-identity.ts';
import type { Operation, OperationOutputs, OperationResult, ResourceKey } from './operation.ts';
import type { Plan } from './plan.ts';
import type { Refusal } from './refusal.ts';
import type { Remark } from './remark.ts';

export type ServiceUID = string;

/** A node that may receive traffic: already filtered by the framework's predicates. */
export interface BackendNode {
  readonly name: string;
  readonly providerID: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly addresses: readonly { readonly type: string; readonly address: string }[];
}

/** What a Service asks for, with everything of the cluster that its load balancer depends on. */
export interface ServiceRequest {
  readonly service: Service;
  readonly cluster: ClusterIdentity;
  /** Sorted by name. */
  readonly backends: readonly BackendNode[];
  /** What stands behind the Service; undefined unless the kind names `endpointSlices` among its inputs. */
  readonly endpoints?: ServiceEndpoints;
}

/** The pods, and whatever else has EndpointSlices, behind one Service. */
export interface ServiceEndpoints {
  /** In a stable order; those that can take no traffic are left out. */
  readonly all: readonly ServiceEndpoint[];
  /**
   * By the names of nodes, those with at least one endpoint: `ready` where one is ready, `terminating` where all that still
   * serve are about to end. Under the policy `Local`, traffic is lost on any other node.
   */
  readonly byNode: ReadonlyMap<string, 'ready' | 'terminating'>;
}

/** Something that takes traffic of a Service. */
export interface ServiceEndpoint {
  /** `IPv4` or `IPv6`. */
  readonly addressType: string;
  readonly address: string;
  /** `terminating`: it still serves, but is about to end. */
  readonly state: 'ready' | 'terminating';
  /** Empty when it is on no node. */
  readonly nodeName: string;
  readonly zone: string;
  readonly ports: readonly { readonly name: string; readonly protocol: string; readonly port: number }[];
}

/** A Service that takes part in a group, whether it wants a load balancer or wants to be rid of it. */
export interface Member {
  readonly uid: ServiceUID;
  readonly service: Service;
  readonly cluster: ClusterIdentity;
  /** The ids of objects that the Service asks to adopt: evidence for `judgeOwnership`. @default none */
  readonly adopts?: ReadonlySet<string>;
}

/** What a member wants of its group: something, or nothing any more. */
export type Wish<Desired> = { readonly kind: 'present'; readonly desired: Desired } | { readonly kind: 'gone' };

/** A Service in a cloud's terms. */
export interface Desire<Desired> {
  readonly kind: 'desired';
  readonly desired: Desired;
  /** What in the Service has no effect, or another one than its user may think. @default nothing */
  readonly remarks?: readonly Remark[];
}

/** What observing gave for one member, to be written onto its Service. Absent parts are left alone. */
export interface MemberResult {
  readonly status?: LoadBalancerStatus;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly conditions?: readonly Omit<Condition, 'observedGeneration' | 'lastTransitionTime'>[];
}

/**
 * The cluster objects other than the Service that a kind's desired state depends on; changes of these make members dirty.
 * EndpointSlices are read from the API server only when a kind names them.
 */
export type LoadBalancerInput = 'nodes' | 'endpointSlices';

/**
 * One kind of load balancer of a cloud: how to see it, what a Service means in its terms, what is to be written, and how.
 * `desire`, `plan`, `fold` and `result` are pure. `observe`, `facts` and `traces` read and never write.
 *
 * Methods are called for one group at a time; several groups run side by side.
 *
 * @typeParam Facts what desires depend on and few things change: subnets, flavors, networks
 * @typeParam Desired one member's share of the group, in the cloud's terms
 * @typeParam Observed the group as the cloud has it, with the ownership of every object in it
 * @typeParam Op the writes
 */
export interface LoadBalancerKind<
  Facts = unknown,
  Desired = unknown,
  Observed = unknown,
  Op extends Operation = Operation,
> {
  /** Unique within the provider, for logs and metrics: `network`, `classic`. */
  readonly name: string;
  readonly finalizer: string;
  readonly inputs: readonly LoadBalancerInput[];
  /**
   * `allNodes` when its load balancers reach machines that are not this manager's too, for example by their addresses: those
   * of other clouds, and those that `--manage-nodes` leaves to others. @default ownNodes
   */
  readonly sendsTo?: 'ownNodes' | 'allNodes';
  /**
   * Whether Services like this one are this kind's. The first kind of a provider that claims a Service owns it. Only asked of
   * Services whose class is served. Pure.
   */
  claims(service: Service): boolean;
  /**
   * Whether this kind has left anything in the cloud for the Service. Asked of every kind that does not claim it before
   * another kind builds; `unknown` blocks that, and so does an error, which is told as it is.
   *
   * @throws CloudError when the cloud does not say
   */
  traces(member: Member, call: CallContext): Promise<'none' | 'present' | 'unknown'>;
  /**
   * The group that the Service is planned in. Usually `service/<uid>`; any other key is recorded on the Service before
   * anything is written there, so that a Service that changes its group leaves nothing behind, wherever the process ends. Pure.
   */
  group(request: ServiceRequest, facts: Facts): ResourceKey;
  /**
   * Groups other than the present one in which the Service may have been when nothing is recorded on it: for kinds that have
   * both groups of one Service and shared ones. Each is observed once, with the Service as a member that wants nothing there.
   * Pure. @default none
   */
  formerGroups?(request: ServiceRequest, facts: Facts): readonly ResourceKey[];
  /** May answer from a cache within the freshness that the call allows. */
  facts(request: ServiceRequest, call: CallContext): Promise<Facts>;
  /** The Service in the cloud's terms, or the reason why it can't be had. Pure. */
  desire(request: ServiceRequest, facts: Facts): Desire<Desired> | Refusal;
  /** Reads the whole group from the cloud. Must not miss an object because it is called by another member's name. */
  observe(group: ResourceKey, members: readonly Member[], call: CallContext): Promise<Observed>;
  /**
   * What {@link observe} gives for the group of one Service for which nothing was ever made, so that it need not be read before
   * the first create. Asked only of groups `service/<uid>`, and planned from only once the API server has put the finalizer
   * onto a Service that surely bore none. For kinds whose creates either fail with `Conflict` when something has the name
   * already, in which case the group is read, or give names that hold the Service's UID and so are nobody else's. Pure.
   * @default none, so that such a group is read too
   */
  untouched?(group: ResourceKey, member: Member): Observed;
  /**
   * Which of the groups are surely still as they were observed, told by lists: for the slow look for drift, where reading each
   * by itself would cost a call or more for every load balancer. Any other group is observed by itself. A kind may go by
   * whatever its lists give: the whole state, an etag, the time of the last change. Where lists show a part only, it leaves out
   * some groups each time, so that all have their turn. @default none, so that each is observed
   */
  listUnchanged?(groups: ReadonlyMap<ResourceKey, Observed>, call: CallContext): Promise<ReadonlySet<ResourceKey>>;
  /**
   * Everything that is to be done for the wishes, in order. Pure; empty and `converged` exactly when nothing differs. A member
   * without a wish (one that was refused) keeps what it has.
   */
  plan(wishes: ReadonlyMap<ServiceUID, Wish<Desired>>, observed: Observed): Plan<Op>;
  /**
   * Does one operation. Idempotent: called again after a lost answer it must not make a second object. `observed` is the
   * state with the results of all earlier operations folded in, for ids that the plan could not know.
   */
  apply(operation: Op, observed: Observed, call: CallContext): Promise<OperationResult>;
  /** The observed state as it is after the operation was done, without reading again. Pure. */
  fold(observed: Observed, operation: Op, outputs: OperationOutputs): Observed;
  /** What the Service is told. Pure. */
  result(observed: Observed, member: Member): MemberResult;
}
