import type { Service } from '../../api/service.ts';
import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import type { CallContext, CallPriority, Freshness } from '../../cloud/call-context.ts';
import type { ClusterIdentity } from '../../cloud/cluster-identity.ts';
import type { LoadBalancerKind, Member, ServiceRequest } from '../../cloud/load-balancer-kind.ts';
import { adoptedIDs } from '../../cloud/service-directives.ts';
import type { Store } from '../../kube/informer/informer.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { BackendNodes } from './backend-nodes.ts';
import type { Groups } from './group-state.ts';
import type { MemberReport, MemberState, Members } from './member-state.ts';
import type { ServiceAnnouncer } from './service-announcer.ts';
import type { ServiceEndpointsCache } from './service-endpoints.ts';
import type { LoadBalancerClasses } from './service-intent.ts';
import type { ServicePublisher } from './service-publisher.ts';

/** The longest that one question to a provider, or one operation, may take. */
const callTimeout = Duration.minutes(2);

/** What the two halves of the controller share: one decides where a Service belongs, the other works on groups. */
export interface ServiceWorkspace {
  readonly store: Store<Service>;
  readonly kinds: readonly LoadBalancerKind[];
  /** Which classes of Services are ours. */
  readonly classes: LoadBalancerClasses;
  readonly cluster: ClusterIdentity;
  readonly members: Members;
  readonly groups: Groups;
  readonly backends: BackendNodes;
  /** Undefined when no kind asks for them. */
  readonly endpoints: ServiceEndpointsCache | undefined;
  readonly publisher: ServicePublisher;
  readonly announcer: ServiceAnnouncer;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether the Service is this manager's, by `--manage-services`. */
  readonly isManaged: (service: Service) => boolean;
  readonly enqueueService: (key: string) => void;
  readonly enqueueGroup: (id: string) => void;
  /** A pass because of nodes failed. */
  readonly countNodeFailure: () => void;
}

/** Notes where the Service is; the time counts from when it came there. */
export function report(
  workspace: ServiceWorkspace,
  member: MemberState,
  news: Partial<MemberReport> & Pick<MemberReport, 'state'>,
): void {
  const { state, reason = '', message = '', plan = [] } = news;
  if (member.report.state !== state || member.report.reason !== reason)
    member.since = workspace.clock.now().toISOString();
  member.report = { state, reason, message, plan };
  member.nextAttempt = '';
}

/** Notes when the Service is looked at again. */
export function schedule(workspace: ServiceWorkspace, member: MemberState, after: Duration): void {
  member.nextAttempt = new Date(workspace.clock.now().getTime() + after.milliseconds).toISOString();
}

export function requestOf(workspace: ServiceWorkspace, member: MemberState, kind: LoadBalancerKind): ServiceRequest {
  const { backends, cluster, endpoints } = workspace;
  const { service } = member;
  return {
    service,
    cluster,
    backends: backends.current(kind.sendsTo),
    ...(endpoints && kind.inputs.includes('endpointSlices') && { endpoints: endpoints.of(service) }),
  };
}

/** The finalizers that mark Services as ours. */
export function finalizersOf(kinds: readonly LoadBalancerKind[]): ReadonlySet<string> {
  return new Set(kinds.map((kind) => kind.finalizer));
}

export function hasFinalizer({ kinds }: ServiceWorkspace, { metadata }: Service): boolean {
  return kinds.some((kind) => metadata.finalizers.includes(kind.finalizer));
}

export function memberOf(workspace: ServiceWorkspace, member: MemberState): Member {
  const { service, uid } = member;
  return { uid, service, cluster: workspace.cluster, adopts: adoptedIDs(service) };
}

export function callContext(signal: AbortSignal, priority: CallPriority, freshness: Freshness): CallContext {
  return { signal, priority, freshness, timeout: callTimeout };
}
