import { type Ownership, clusterStampKey } from '@ccm-ts/cloud-provider';
import { changedAttributes, isSameCheck } from './compare.ts';
import type { ClassicDesired } from './desired.ts';
import { isEncrypted, isSameListener } from './listeners.ts';
import { proxyPolicyName, tlsPolicyName } from './names.ts';
import type { ClassicObserved, ObservedClassic } from './observe.ts';
import type { OperationList } from './operation-list.ts';
import type { GroupReference } from './operations.ts';

/** What is known about a load balancer before it is there. */
export type PresentClassic = Pick<
  ObservedClassic,
  'listeners' | 'policies' | 'backends' | 'instanceIDs' | 'attributes' | 'healthCheck'
>;

/** Plans the changes of one load balancer itself, apart from the security groups around it. */
export class LoadBalancerChanges {
  readonly #observed: ClassicObserved;
  readonly #list: OperationList;

  constructor(observed: ClassicObserved, list: OperationList) {
    this.#observed = observed;
    this.#list = list;
  }

  change(desired: ClassicDesired, present: ObservedClassic): void {
    this.#syncTags(desired, present);
    // The subnets are chosen for the scheme: those of another scheme would cut the load balancer off.
    if (present.scheme === desired.scheme) this.#syncSubnets(desired, present);
    const { ownGroup } = this.#observed;
    const known = desired.groups.map((group) => (group.kind === 'id' ? group.id : ownGroup?.id));
    if (known.toSorted().join() !== present.securityGroupIDs.toSorted().join()) {
      this.#update('securityGroups', present.securityGroupIDs.join(', '), {
        to: desired.groups.map(describeGroup).join(', '),
        operation: 'ApplySecurityGroupsToLoadBalancer',
        action: { kind: 'apply-groups', groups: desired.groups },
      });
    }
    const surplus = present.listeners.filter((one) => !desired.listeners.some((other) => isSameListener(one, other)));
    const lacking = desired.listeners.filter((one) => !present.listeners.some((other) => isSameListener(one, other)));
    if (surplus.length > 0) {
      const ports = surplus.map(({ port }) => port);
      this.#update('listeners', ports.join(', '), {
        to: '',
        operation: 'DeleteLoadBalancerListeners',
        action: { kind: 'delete-listeners', ports },
      });
    }
    if (lacking.length > 0) {
      this.#update('listeners', '', {
        to: lacking.map(({ port, protocol }) => `${protocol}:${port}`).join(', '),
        operation: 'CreateLoadBalancerListeners',
        action: { kind: 'create-listeners', listeners: lacking },
      });
    }
  }

  /** Objects of the Go manager carry no stamp, and taking over is to cost no write: it is not added for itself. */
  #syncTags(desired: ClassicDesired, present: ObservedClassic): void {
    const differing = Object.entries(desired.tags).filter(
      ([key, value]) => key !== clusterStampKey && present.tags[key] !== value,
    );
    if (differing.length === 0) return;
    this.#update('tags', '', {
      to: differing.map(([key, value]) => `${key}=${value}`).join(', '),
      operation: 'AddTags',
      action: { kind: 'add-tags', tags: Object.fromEntries(differing) },
    });
  }

  /** A zone can hold one subnet only, so the old ones go first, as in the Go manager. */
  #syncSubnets(desired: ClassicDesired, present: ObservedClassic): void {
    const surplus = present.subnetIDs.filter((id) => !desired.subnetIDs.includes(id));
    const lacking = desired.subnetIDs.filter((id) => !present.subnetIDs.includes(id));
    if (surplus.length > 0) {
      this.#update('subnets', surplus.join(', '), {
        to: '',
        operation: 'DetachLoadBalancerFromSubnets',
        action: { kind: 'detach-subnets', subnetIDs: surplus },
      });
    }
    if (lacking.length > 0) {
      this.#update('subnets', '', {
        to: lacking.join(', '),
        operation: 'AttachLoadBalancerToSubnets',
        action: { kind: 'attach-subnets', subnetIDs: lacking },
      });
    }
  }

  /** Only our own policy is switched on and off; others on the same port stay. */
  syncProxyProtocol({ proxyProtocol, listeners }: ClassicDesired, present: PresentClassic): void {
    const ports = proxyProtocol === 'on' ? new Set(listeners.map(({ instancePort }) => instancePort)) : new Set();
    const targets = new Map(present.backends.map(({ port, policies }) => [port, policies]));
    const lacking = [...new Set(listeners.map(({ instancePort }) => instancePort))].filter(
      (port) => ports.has(port) && !targets.get(port)?.includes(proxyPolicyName),
    );
    if (lacking.length > 0 && !present.policies.includes(proxyPolicyName)) {
      this.#createPolicy(proxyPolicyName, 'ProxyProtocolPolicyType', { ProxyProtocol: 'true' });
    }
    for (const port of lacking) this.#setBackend(port, [...(targets.get(port) ?? []), proxyPolicyName]);
    for (const [port, policies] of targets) {
      if (ports.has(port) || !policies.includes(proxyPolicyName)) continue;
      this.#setBackend(
        port,
        policies.filter((policy) => policy !== proxyPolicyName),
      );
    }
  }

  #setBackend(port: number, policies: readonly string[]): void {
    this.#update(`backends[${port}].policies`, '', {
      to: policies.join(', '),
      operation: 'SetLoadBalancerPoliciesForBackendServer',
      action: { kind: 'set-backend-policies', target: { port, policies } },
    });
  }

  #createPolicy(name: string, type: string, attributes: Readonly<Record<string, string>>): void {
    this.#update('policies', '', {
      to: name,
      operation: 'CreateLoadBalancerPolicy',
      action: { kind: 'create-policy', policy: { name, type, attributes } },
    });
  }

  syncAttributes(desired: ClassicDesired, present: PresentClassic): void {
    const change = changedAttributes(desired.attributes, present.attributes);
    const fields = Object.keys(change);
    if (fields.length === 0) return;
    this.#update('attributes', '', {
      to: fields.join(', '),
      operation: 'ModifyLoadBalancerAttributes',
      action: { kind: 'modify-attributes', change },
    });
  }

  syncTlsPolicy({ tlsPolicy, listeners }: ClassicDesired, present: PresentClassic): void {
    if (tlsPolicy === '') return;
    const name = tlsPolicyName(tlsPolicy);
    const lacking = listeners.filter((listener) => {
      const same = present.listeners.find((other) => isSameListener(listener, other));
      return isEncrypted(listener) && same?.policies.includes(name) !== true;
    });
    if (lacking.length === 0) return;
    if (!present.policies.includes(name)) {
      this.#createPolicy(name, 'SSLNegotiationPolicyType', { 'Reference-Security-Policy': tlsPolicy });
    }
    for (const { port } of lacking) {
      this.#update(`listeners[${port}].policies`, '', {
        to: name,
        operation: 'SetLoadBalancerPoliciesOfListener',
        action: { kind: 'set-listener-policies', target: { port, policies: [name] } },
      });
    }
  }

  syncHealthCheck({ healthCheck }: ClassicDesired, present: PresentClassic): void {
    if (present.healthCheck !== undefined && isSameCheck(healthCheck, present.healthCheck)) return;
    this.#update('healthCheck', present.healthCheck?.target ?? '', {
      to: healthCheck.target,
      operation: 'ConfigureHealthCheck',
      action: { kind: 'configure-health-check', check: healthCheck },
    });
  }

  syncInstances({ instanceIDs }: ClassicDesired, present: PresentClassic): void {
    const lacking = instanceIDs.filter((id) => !present.instanceIDs.includes(id));
    const surplus = present.instanceIDs.filter((id) => !instanceIDs.includes(id));
    if (lacking.length > 0) {
      this.#update('instances', '', {
        to: lacking.join(', '),
        operation: 'RegisterInstancesWithLoadBalancer',
        action: { kind: 'register-instances', instanceIDs: lacking },
      });
    }
    if (surplus.length > 0) {
      this.#update('instances', surplus.join(', '), {
        to: '',
        operation: 'DeregisterInstancesFromLoadBalancer',
        action: { kind: 'deregister-instances', instanceIDs: surplus },
      });
    }
  }

  /** An update of the load balancer, or of what this plan has made of it by then. */
  #update(
    field: string,
    from: string,
    { to, ...draft }: { readonly to: string } & Pick<Parameters<OperationList['add']>[0], 'operation' | 'action'>,
  ): void {
    const { name, loadBalancer } = this.#observed;
    const ownership: Ownership = loadBalancer?.ownership ?? { kind: 'ours', proof: 'stamp' };
    const object = { kind: 'LoadBalancer', name, ownership };
    this.#list.add({ verb: 'update', object, changes: [{ field, from, to }], ...draft });
  }
}

/** For people. */
export function describeGroup(group: GroupReference): string {
  return group.kind === 'id' ? group.id : 'its own group';
}
