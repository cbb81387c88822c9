import type { CallContext } from '@ccm-ts/cloud-provider';
import type {
  AttributeChange,
  ClassicAttributes,
  ClassicElbPort,
  ClassicHealthCheck,
  ClassicListener,
  ClassicLoadBalancer,
  ClassicPolicy,
  CreateClassicLoadBalancer,
  PolicyTarget,
} from '../client/classic-elb-port.ts';
import type { Tags } from '../cluster-tags.ts';
import type { AwsOperation } from '../permissions.ts';
import { type CallRecorder, refuse } from './call-recorder.ts';
import type { InMemoryEc2 } from './in-memory-ec2.ts';

export interface StoredClassic extends Omit<ClassicLoadBalancer, 'policies'> {
  readonly policies: readonly ClassicPolicy[];
  readonly attributes: ClassicAttributes;
  readonly tags: Tags;
}

/**
 * Elastic Load Balancing's first version as its API reference documents it: names are unique, protocols come back in upper
 * case, a port has one listener, a zone one subnet, policies must be there before they are set, a block of attributes is taken
 * as a whole, and instances must exist.
 */
export class InMemoryClassicElb implements ClassicElbPort {
  readonly loadBalancers = new Map<string, StoredClassic>();
  readonly #made = new Map<string, number>();
  readonly #recorder: CallRecorder;
  readonly #ec2: InMemoryEc2;

  constructor(recorder: CallRecorder, ec2: InMemoryEc2) {
    this.#recorder = recorder;
    this.#ec2 = ec2;
    const others = ec2.usedSecurityGroups;
    ec2.usedSecurityGroups = () => [
      ...others(),
      ...[...this.loadBalancers.values()].flatMap(({ securityGroupIDs }) => securityGroupIDs),
    ];
  }

  findLoadBalancer(name: string, call: CallContext): Promise<ClassicLoadBalancer | undefined> {
    return this.#recorder.run('DescribeLoadBalancers', call, () => {
      const found = this.loadBalancers.get(name);
      return found === undefined ? undefined : shown(found);
    });
  }

  listLoadBalancers(call: CallContext): Promise<readonly ClassicLoadBalancer[]> {
    return this.#recorder.run('DescribeLoadBalancers', call, () => [...this.loadBalancers.values()].map(shown));
  }

  describeAttributes(name: string, call: CallContext): Promise<ClassicAttributes> {
    return this.#recorder.run(
      'DescribeLoadBalancerAttributes',
      call,
      () => this.#get('DescribeLoadBalancerAttributes', name).attributes,
    );
  }

  describeTags(name: string, call: CallContext): Promise<Tags> {
    return this.#recorder.run('DescribeTags', call, () => this.#get('DescribeTags', name).tags);
  }

  createLoadBalancer(input: CreateClassicLoadBalancer, call: CallContext): Promise<string> {
    const operation = 'CreateLoadBalancer';
    return this.#recorder.run(operation, call, () => {
      const { name, scheme, listeners, subnetIDs, securityGroupIDs, tags } = input;
      // Made again, a load balancer has another address.
      const number = (this.#made.get(name) ?? 0) + 1;
      const dnsName = `${scheme === 'internal' ? 'internal-' : ''}${name}-${number}.eu-test-1.elb.amazonaws.com`;
      if (this.loadBalancers.has(name)) refuse(operation, 'Conflict', 'DuplicateLoadBalancerName', name);
      if (listeners.length === 0) refuse(operation, 'Invalid', 'ValidationError', 'listeners');
      this.#refuseSubnets(operation, subnetIDs);
      this.#refuseGroups(operation, securityGroupIDs);
      this.#made.set(name, number);
      this.loadBalancers.set(name, {
        name,
        dnsName,
        scheme,
        vpcID: this.#ec2.subnets.find(({ id }) => id === subnetIDs[0])?.vpcID ?? '',
        subnetIDs,
        securityGroupIDs,
        instanceIDs: [],
        listeners: listeners.map(asAnswered),
        policies: [],
        backends: [],
        healthCheck: {
          target: `TCP:${listeners[0]?.instancePort}`,
          intervalSeconds: 30,
          timeoutSeconds: 5,
          healthyThreshold: 10,
          unhealthyThreshold: 2,
        },
        attributes: {
          crossZone: false,
          accessLog: { enabled: false, emitIntervalMinutes: undefined, bucket: undefined, prefix: undefined },
          draining: { enabled: false, timeoutSeconds: 300 },
          idleTimeoutSeconds: 60,
        },
        tags,
      });
      return dnsName;
    });
  }

  deleteLoadBalancer(name: string, call: CallContext): Promise<void> {
    return this.#recorder.run('DeleteLoadBalancer', call, () => void this.loadBalancers.delete(name));
  }

  addTags(name: string, tags: Tags, call: CallContext): Promise<void> {
    return this.#change('AddTags', { name, call }, (known) => ({ tags: { ...known.tags, ...tags } }));
  }

  attachSubnets(name: string, subnetIDs: readonly string[], call: CallContext): Promise<void> {
    return this.#change('AttachLoadBalancerToSubnets', { name, call }, (known) => {
      const all = [...new Set([...known.subnetIDs, ...subnetIDs])];
      this.#refuseSubnets('AttachLoadBalancerToSubnets', all);
      return { subnetIDs: all };
    });
  }

  detachSubnets(name: string, subnetIDs: readonly string[], call: CallContext): Promise<void> {
    return this.#change('DetachLoadBalancerFromSubnets', { name, call }, (known) => ({
      subnetIDs: known.subnetIDs.filter((id) => !subnetIDs.includes(id)),
    }));
  }

  applySecurityGroups(name: string, groupIDs: readonly string[], call: CallContext): Promise<void> {
    return this.#change('ApplySecurityGroupsToLoadBalancer', { name, call }, () => {
      this.#refuseGroups('ApplySecurityGroupsToLoadBalancer', groupIDs);
      return { securityGroupIDs: groupIDs };
    });
  }

  createListeners(name: string, listeners: readonly ClassicListener[], call: CallContext): Promise<void> {
    return this.#change('CreateLoadBalancerListeners', { name, call }, (known) => {
      const taken = listeners.find(({ port }) => known.listeners.some((other) => other.port === port));
      if (taken !== undefined) {
        refuse('CreateLoadBalancerListeners', 'Conflict', 'DuplicateListener', String(taken.port));
      }
      return { listeners: [...known.listeners, ...listeners.map(asAnswered)] };
    });
  }

  deleteListeners(name: string, ports: readonly number[], call: CallContext): Promise<void> {
    return this.#change('DeleteLoadBalancerListeners', { name, call }, (known) => ({
      listeners: known.listeners.filter(({ port }) => !ports.includes(port)),
    }));
  }

  createPolicy(name: string, policy: ClassicPolicy, call: CallContext): Promise<void> {
    return this.#change('CreateLoadBalancerPolicy', { name, call }, (known) => {
      if (known.policies.some((other) => other.name === policy.name)) {
        refuse('CreateLoadBalancerPolicy', 'Conflict', 'DuplicatePolicyName', policy.name);
      }
      return { policies: [...known.policies, policy] };
    });
  }

  setListenerPolicies(name: string, target: PolicyTarget, call: CallContext): Promise<void> {
    const operation = 'SetLoadBalancerPoliciesOfListener';
    return this.#change(operation, { name, call }, (known) => {
      this.#refusePolicies(operation, known, target);
      if (!known.listeners.some(({ port }) => port === target.port)) {
        refuse(operation, 'NotFound', 'ListenerNotFound', String(target.port));
      }
      return {
        listeners: known.listeners.map((listener) =>
          listener.port === target.port ? { ...listener, policies: target.policies } : listener,
        ),
      };
    });
  }

  setBackendPolicies(name: string, target: PolicyTarget, call: CallContext): Promise<void> {
    const operation = 'SetLoadBalancerPoliciesForBackendServer';
    return this.#change(operation, { name, call }, (known) => {
      this.#refusePolicies(operation, known, target);
      const others = known.backends.filter(({ port }) => port !== target.port);
      return { backends: target.policies.length === 0 ? others : [...others, target] };
    });
  }

  modifyAttributes(name: string, change: AttributeChange, call: CallContext): Promise<void> {
    return this.#change('ModifyLoadBalancerAttributes', { name, call }, ({ attributes }) => {
      const { draining } = change;
      const given = Object.entries(change).filter(([, value]) => value !== undefined);
      const timeoutSeconds = draining?.timeoutSeconds ?? 300;
      return {
        attributes: {
          ...attributes,
          ...Object.fromEntries(given),
          ...(draining === undefined ? {} : { draining: { ...draining, timeoutSeconds } }),
        },
      };
    });
  }

  configureHealthCheck(name: string, check: ClassicHealthCheck, call: CallContext): Promise<void> {
    return this.#change('ConfigureHealthCheck', { name, call }, () => {
      const isFit = /^(TCP|SSL):\d+$|^(HTTP|HTTPS):\d+\/.*$/.test(check.target);
      if (!isFit) refuse('ConfigureHealthCheck', 'Invalid', 'ValidationError', check.target);
      return { healthCheck: check };
    });
  }

  registerInstances(name: string, instanceIDs: readonly string[], call: CallContext): Promise<void> {
    const operation = 'RegisterInstancesWithLoadBalancer';
    return this.#change(operation, { name, call }, (known) => {
      this.#refuseInstances(operation, instanceIDs);
      return { instanceIDs: [...new Set([...known.instanceIDs, ...instanceIDs])] };
    });
  }

  deregisterInstances(name: string, instanceIDs: readonly string[], call: CallContext): Promise<void> {
    return this.#change('DeregisterInstancesFromLoadBalancer', { name, call }, (known) => ({
      instanceIDs: known.instanceIDs.filter((id) => !instanceIDs.includes(id)),
    }));
  }

  #change(
    operation: AwsOperation,
    { name, call }: { readonly name: string; readonly call: CallContext },
    change: (known: StoredClassic) => Partial<StoredClassic>,
  ): Promise<void> {
    return this.#recorder.run(operation, call, () => {
      const known = this.#get(operation, name);
      this.loadBalancers.set(name, { ...known, ...change(known) });
    });
  }

  #get(operation: AwsOperation, name: string): StoredClassic {
    return this.loadBalancers.get(name) ?? refuse(operation, 'NotFound', 'LoadBalancerNotFound', name);
  }

  #refuseSubnets(operation: AwsOperation, ids: readonly string[]): void {
    const subnets = ids.map(
      (id) =>
        this.#ec2.subnets.find((subnet) => subnet.id === id) ?? refuse(operation, 'Invalid', 'SubnetNotFound', id),
    );
    if (new Set(subnets.map(({ zone }) => zone)).size !== subnets.length) {
      refuse(operation, 'Invalid', 'InvalidConfigurationRequest', 'one subnet for each zone');
    }
  }

  #refuseGroups(operation: AwsOperation, ids: readonly string[]): void {
    const unknown = ids.find((id) => !this.#ec2.securityGroups.has(id));
    if (ids.length === 0 || unknown !== undefined) refuse(operation, 'Invalid', 'InvalidSecurityGroup', unknown);
  }

  #refusePolicies(operation: AwsOperation, known: StoredClassic, target: PolicyTarget): void {
    const unknown = target.policies.find((name) => !known.policies.some((policy) => policy.name === name));
    if (unknown !== undefined) refuse(operation, 'NotFound', 'PolicyNotFound', unknown);
  }

  #refuseInstances(operation: AwsOperation, ids: readonly string[]): void {
    const unknown = ids.filter((id) => (this.#ec2.instances.get(id)?.state ?? 'terminated') === 'terminated');
    if (unknown.length > 0) refuse(operation, 'Invalid', 'InvalidInstance', unknown.join(', '));
  }
}

function shown(stored: StoredClassic): ClassicLoadBalancer {
  const { name, dnsName, scheme, vpcID, subnetIDs, securityGroupIDs, instanceIDs, listeners, backends, healthCheck } =
    stored;
  const policies = stored.policies.map((policy) => policy.name);
  const where = { name, dnsName, scheme, vpcID, subnetIDs, securityGroupIDs };
  return { ...where, instanceIDs, listeners, policies, backends, healthCheck };
}

function asAnswered(listener: ClassicListener): StoredClassic['listeners'][number] {
  const { protocol, instanceProtocol } = listener;
  return {
    ...listener,
    protocol: protocol.toUpperCase(),
    instanceProtocol: instanceProtocol.toUpperCase(),
    policies: [],
  };
}
