import type { ObjectReference } from '../../api/event.ts';
import type { Service } from '../../api/service.ts';
import type { EventRecorder } from '../../kube/events/event-recorder.ts';
import type { MemberState } from './member-state.ts';

/**
 * Tells users what happens to their load balancers, with the reasons and texts of the Go managers' Events, in their order,
 * but only when something happens or was asked for: not with every look.
 * Source: k8s.io/cloud-provider controllers/service/controller.go.
 */
export class ServiceAnnouncer {
  readonly #recorder: EventRecorder;

  constructor(recorder: EventRecorder) {
    this.#recorder = recorder;
  }

  ensuring(member: MemberState, backends: 'some' | 'none'): void {
    if (member.announced === 'ensuring') return;
    member.announced = 'ensuring';
    this.#tell(member, { type: 'Normal', reason: 'EnsuringLoadBalancer', note: 'Ensuring load balancer' });
    if (backends === 'none') this.noBackends(member);
  }

  ensured(member: MemberState): void {
    member.warning = '';
    if (member.announced !== 'ensuring') return;
    member.announced = 'nothing';
    this.#tell(member, { type: 'Normal', reason: 'EnsuredLoadBalancer', note: 'Ensured load balancer' });
  }

  updated(member: MemberState, backends: 'some' | 'none'): void {
    member.warning = '';
    if (backends === 'none') this.noBackends(member);
    else
      this.#tell(member, {
        type: 'Normal',
        reason: 'UpdatedLoadBalancer',
        note: 'Updated load balancer with new hosts',
      });
  }

  noBackends(member: MemberState): void {
    const note = 'There are no available nodes for LoadBalancer';
    this.#tell(member, { type: 'Warning', reason: 'UnAvailableLoadBalancer', note });
  }

  deleting(member: MemberState): void {
    if (member.announced === 'deleting') return;
    member.announced = 'deleting';
    this.#tell(member, { type: 'Normal', reason: 'DeletingLoadBalancer', note: 'Deleting load balancer' });
  }

  deleted(member: MemberState): void {
    member.announced = 'nothing';
    this.#tell(member, { type: 'Normal', reason: 'DeletedLoadBalancer', note: 'Deleted load balancer' });
  }

  /** The Service went and left its load balancer behind, as its user wanted. */
  orphaned(member: MemberState, note: string): void {
    member.announced = 'nothing';
    this.#tell(member, { type: 'Warning', reason: 'LoadBalancerOrphaned', note });
  }

  /** Another manager looks after the Service; nothing of what it has was touched for that. */
  handedOver(member: MemberState): void {
    const note =
      '--manage-services of this manager does not select the Service any more: its load balancer, status and finalizer stay as they are, for the manager that does';
    this.#tell(member, { type: 'Normal', reason: 'LoadBalancerHandedOver', note });
  }

  /** @param attempt what failed, in the words of the Go managers */
  failed(member: MemberState, attempt: 'ensure' | 'update' | 'delete', message: string): void {
    if (attempt === 'update') {
      const note = `Error updating load balancer with new hosts: ${message}`;
      this.#tell(member, { type: 'Warning', reason: 'UpdateLoadBalancerFailed', note });
      return;
    }
    if (attempt === 'delete' && member.presence === 'vanished') {
      this.#tell(member, {
        type: 'Warning',
        reason: 'DeleteLoadBalancerFailed',
        note: `Error deleting load balancer: ${message}`,
      });
      return;
    }
    const note = `Error syncing load balancer: failed to ${attempt} load balancer: ${message}`;
    this.#tell(member, { type: 'Warning', reason: 'SyncLoadBalancerFailed', note });
  }

  /** The Service is served, and something in it has not the effect that its user may count on. */
  remarked(member: MemberState, reason: string, note: string): void {
    this.#tell(member, { type: 'Warning', reason, note });
  }

  /** Told once for each text, until something succeeds or the Service changes. */
  warnOnce(member: MemberState, reason: string, note: string): void {
    const warning = `${reason} ${note}`;
    if (member.warning === warning) return;
    member.warning = warning;
    this.#tell(member, { type: 'Warning', reason, note });
  }

  #tell(member: MemberState, content: { type: 'Normal' | 'Warning'; reason: string; note: string }): void {
    this.#recorder.event(serviceReference(member.service), { ...content, action: 'SyncLoadBalancer' });
  }
}

function serviceReference(service: Service): ObjectReference {
  const { namespace, name, uid } = service.metadata;
  return { kind: 'Service', namespace, name, uid, apiVersion: 'v1', resourceVersion: '', fieldPath: '' };
}
