import type { CallContext } from '@ccm-ts/cloud-provider';
import type {
  AddressType,
  Attributes,
  CreateListener,
  CreateLoadBalancer,
  CreateTargetGroup,
  Elbv2Port,
  HealthCheckChange,
  Listener,
  ListenerChange,
  LoadBalancer,
  SubnetChange,
  Target,
  TargetGroup,
} from '../client/elbv2-port.ts';
import type { Tags } from '../cluster-tags.ts';
import { chunks } from '../load-balancers/network/comparison.ts';
import type { AwsOperation } from '../permissions.ts';
import { type CallRecorder, refuse } from './call-recorder.ts';
import { Elbv2Objects, type StoredTargetGroup } from './elbv2-objects.ts';
import type { InMemoryEc2 } from './in-memory-ec2.ts';

/**
 * Elastic Load Balancing v2 as its API reference documents it: creating the same again gives the existing object, creating
 * another of the same name is refused, a port has one listener, a target group that a listener uses can't be deleted, and
 * targets must be running instances.
 */
export class InMemoryElbv2 extends Elbv2Objects implements Elbv2Port {
  readonly #recorder: CallRecorder;

  constructor(recorder: CallRecorder, ec2: InMemoryEc2) {
    super(ec2);
    this.#recorder = recorder;
  }

  findLoadBalancer(name: string, call: CallContext): Promise<LoadBalancer | undefined> {
    return this.#recorder.run('DescribeLoadBalancers', call, () => this.byName(name));
  }

  listLoadBalancers(call: CallContext): Promise<readonly LoadBalancer[]> {
    return this.#recorder.run('DescribeLoadBalancers', call, () => [...this.loadBalancers.values()]);
  }

  describeListeners(loadBalancerArn: string, call: CallContext): Promise<readonly Listener[]> {
    return this.#recorder.run('DescribeListeners', call, () => {
      this.loadBalancer('DescribeListeners', loadBalancerArn);
      return [...this.listeners.values()].filter((listener) => listener.loadBalancerArn === loadBalancerArn);
    });
  }

  describeTargetGroups(call: CallContext): Promise<readonly TargetGroup[]> {
    return this.#recorder.run('DescribeTargetGroups', call, () =>
      [...this.targetGroups.values()].map((group) => this.shown(group)),
    );
  }

  findTargetGroup(name: string, call: CallContext): Promise<TargetGroup | undefined> {
    return this.#recorder.run('DescribeTargetGroups', call, () => {
      const found = [...this.targetGroups.values()].find((group) => group.name === name);
      return found === undefined ? undefined : this.shown(found);
    });
  }

  describeTargets(targetGroupArn: string, call: CallContext): Promise<readonly Target[]> {
    return this.#recorder.run(
      'DescribeTargetHealth',
      call,
      () => this.targetGroup('DescribeTargetHealth', targetGroupArn).targets,
    );
  }

  async describeTags(arns: readonly string[], call: CallContext): Promise<ReadonlyMap<string, Tags>> {
    const tags = new Map<string, Tags>();
    for (const some of chunks(arns, 20)) {
      await this.#recorder.run('DescribeTags', call, () => {
        const gone = some.find((arn) => !this.exists(arn));
        if (gone !== undefined) refuse('DescribeTags', 'NotFound', 'TargetGroupNotFound', gone);
        for (const arn of some) tags.set(arn, this.tags.get(arn) ?? {});
      });
    }
    return tags;
  }

  createLoadBalancer(input: CreateLoadBalancer, call: CallContext): Promise<LoadBalancer> {
    return this.#recorder.run('CreateLoadBalancer', call, () => {
      if (input.name.length > 32) refuse('CreateLoadBalancer', 'Invalid', 'ValidationError', 'name');
      const subnetIDs = input.subnets.map(({ subnetID }) => subnetID);
      const subnets = subnetIDs.map((id) => this.ec2.subnets.find((subnet) => subnet.id === id));
      if (input.securityGroupIDs.some((id) => !this.ec2.securityGroups.has(id))) {
        refuse('CreateLoadBalancer', 'Invalid', 'InvalidSecurityGroup');
      }
      const vpcID = subnets[0]?.vpcID;
      if (vpcID === undefined || subnets.includes(undefined)) refuse('CreateLoadBalancer', 'Invalid', 'SubnetNotFound');
      if (new Set(subnets.map((subnet) => subnet?.zone)).size !== subnets.length) {
        refuse('CreateLoadBalancer', 'Invalid', 'InvalidConfigurationRequest', 'one subnet for each zone');
      }
      this.checkAddresses('CreateLoadBalancer', subnetIDs, input);
      const existing = this.byName(input.name);
      if (existing !== undefined) {
        const isSame = existing.scheme === input.scheme && existing.subnetIDs.join() === subnetIDs.join();
        return isSame ? existing : refuse('CreateLoadBalancer', 'Conflict', 'DuplicateLoadBalancerName', input.name);
      }
      const arn = this.newArn(`loadbalancer/net/${input.name}`);
      const created: LoadBalancer = {
        arn,
        name: input.name,
        type: 'network',
        scheme: input.scheme,
        state: 'provisioning',
        dnsName: `${input.name}-${this.created}.elb.eu-test-1.amazonaws.com`,
        vpcID,
        subnetIDs,
        allocationIDs: input.subnets.map(({ allocationID }) => allocationID).filter((id) => id !== ''),
        privateAddresses: input.subnets.map(({ privateAddress }) => privateAddress).filter((ip) => ip !== ''),
        securityGroupIDs: input.securityGroupIDs,
        addressType: input.addressType ?? 'ipv4',
        ipv6SourceNat: input.ipv6SourceNat ?? 'off',
      };
      this.attributes.set(arn, { 'access_logs.s3.enabled': 'false', 'load_balancing.cross_zone.enabled': 'false' });
      this.loadBalancers.set(arn, created);
      this.tags.set(arn, input.tags);
      return created;
    });
  }

  deleteLoadBalancer(arn: string, call: CallContext): Promise<void> {
    return this.#recorder.run('DeleteLoadBalancer', call, () => {
      // Deleting one that is gone succeeds.
      this.loadBalancers.delete(arn);
      this.tags.delete(arn);
      this.attributes.delete(arn);
      for (const listener of this.listeners.values()) {
        if (listener.loadBalancerArn === arn) this.drop(listener.arn);
      }
    });
  }

  createTargetGroup(input: CreateTargetGroup, call: CallContext): Promise<TargetGroup> {
    return this.#recorder.run('CreateTargetGroup', call, () => {
      const { name, port, protocol, vpcID, healthCheck, addressType = 'ipv4', tags } = input;
      if (name.length > 32 || !/^[a-zA-Z0-9-]+$/.test(name)) refuse('CreateTargetGroup', 'Invalid', 'ValidationError');
      const existing = [...this.targetGroups.values()].find((group) => group.name === name);
      if (existing !== undefined) {
        const settings = (group: CreateTargetGroup | StoredTargetGroup): string =>
          JSON.stringify([group.port, group.protocol, group.vpcID, { ...group.healthCheck, timeoutSeconds: 0 }]);
        if (settings(existing) !== settings(input)) {
          refuse('CreateTargetGroup', 'Conflict', 'DuplicateTargetGroupName', name);
        }
        return this.shown(existing);
      }
      const arn = this.newArn(`targetgroup/${name}`);
      const check = { ...healthCheck, timeoutSeconds: healthCheck.timeoutSeconds ?? 10 };
      const created = { arn, name, port, protocol, vpcID, healthCheck: check, addressType, targets: [] };
      this.attributes.set(arn, { 'preserve_client_ip.enabled': 'true', 'proxy_protocol_v2.enabled': 'false' });
      this.targetGroups.set(arn, created);
      this.tags.set(arn, tags);
      return this.shown(created);
    });
  }

  modifyHealthCheck(targetGroupArn: string, change: HealthCheckChange, call: CallContext): Promise<void> {
    return this.#recorder.run('ModifyTargetGroup', call, () => {
      const group = this.targetGroup('ModifyTargetGroup', targetGroupArn);
      this.targetGroups.set(targetGroupArn, { ...group, healthCheck: { ...group.healthCheck, ...change } });
    });
  }

  deleteTargetGroup(arn: string, call: CallContext): Promise<void> {
    return this.#recorder.run('DeleteTargetGroup', call, () => {
      const isUsed = [...this.listeners.values()].some((listener) => listener.targetGroupArn === arn);
      if (isUsed) refuse('DeleteTargetGroup', 'Conflict', 'ResourceInUse', arn);
      this.targetGroups.delete(arn);
      this.tags.delete(arn);
      this.attributes.delete(arn);
    });
  }

  registerTargets(targetGroupArn: string, targets: readonly Target[], call: CallContext): Promise<void> {
    return this.#recorder.run('RegisterTargets', call, () => {
      const group = this.targetGroup('RegisterTargets', targetGroupArn);
      this.#limitTargets('RegisterTargets', targets);
      const unusable = targets.filter(({ id }) => this.ec2.instances.get(id)?.state !== 'running');
      if (unusable.length > 0) {
        const named = unusable.map(({ id }) => `'${id}'`).join(', ');
        refuse(
          'RegisterTargets',
          'Invalid',
          'InvalidTarget',
          `The following targets are not in a running state: ${named}`,
        );
      }
      const others = group.targets.filter((known) => !targets.some((target) => isSameTarget(known, target)));
      this.targetGroups.set(targetGroupArn, { ...group, targets: [...others, ...targets] });
    });
  }

  deregisterTargets(targetGroupArn: string, targets: readonly Target[], call: CallContext): Promise<void> {
    return this.#recorder.run('DeregisterTargets', call, () => {
      const group = this.targetGroup('DeregisterTargets', targetGroupArn);
      this.#limitTargets('DeregisterTargets', targets);
      const rest = group.targets.filter((known) => !targets.some((target) => isSameTarget(known, target)));
      this.targetGroups.set(targetGroupArn, { ...group, targets: rest });
    });
  }

  createListener(input: CreateListener, call: CallContext): Promise<Listener> {
    return this.#recorder.run('CreateListener', call, () => {
      const { loadBalancerArn, port, protocol, targetGroupArn, tls, tags } = input;
      const { addressType, ipv6SourceNat } = this.loadBalancer('CreateListener', loadBalancerArn);
      const group = this.targetGroup('CreateListener', targetGroupArn);
      const isFit = protocol === 'TLS' ? ['TCP', 'TLS'].includes(group.protocol) : group.protocol === protocol;
      if (!isFit) refuse('CreateListener', 'Invalid', 'IncompatibleProtocols');
      if (addressType !== 'dualstack' && group.addressType === 'ipv6') {
        refuse('CreateListener', 'Invalid', 'InvalidConfigurationRequest', 'IPv6 targets behind IPv4 addresses');
      }
      if (addressType === 'dualstack' && ipv6SourceNat !== 'on' && protocol.includes('UDP')) {
        refuse('CreateListener', 'Invalid', 'InvalidConfigurationRequest', 'UDP without prefixes for source NAT');
      }
      if ((protocol === 'TLS') !== (tls !== undefined)) refuse('CreateListener', 'Invalid', 'ValidationError', 'tls');
      const isTaken = [...this.listeners.values()].some(
        (listener) => listener.loadBalancerArn === loadBalancerArn && listener.port === port,
      );
      if (isTaken) refuse('CreateListener', 'Conflict', 'DuplicateListener', String(port));
      this.refuseSecondLoadBalancer('CreateListener', loadBalancerArn, targetGroupArn);
      const arn = this.newArn(`listener/net/${port}`);
      const shown = tls === undefined ? undefined : { ...tls, policy: tls.policy || 'ELBSecurityPolicy-2016-08' };
      const created = { arn, port, protocol, targetGroupArn, loadBalancerArn, tls: shown };
      this.listeners.set(arn, created);
      this.tags.set(arn, tags);
      return created;
    });
  }

  modifyListener(listenerArn: string, change: ListenerChange, call: CallContext): Promise<void> {
    return this.#recorder.run('ModifyListener', call, () => {
      const listener = this.listeners.get(listenerArn);
      if (listener === undefined) refuse('ModifyListener', 'NotFound', 'ListenerNotFound', listenerArn);
      const { targetGroupArn = listener.targetGroupArn } = change;
      this.targetGroup('ModifyListener', targetGroupArn);
      this.refuseSecondLoadBalancer('ModifyListener', listener.loadBalancerArn, targetGroupArn);
      const before = listener.tls;
      if (change.tls !== undefined && before === undefined)
        refuse('ModifyListener', 'Invalid', 'ValidationError', 'tls');
      const tls =
        change.tls === undefined ? before : { ...change.tls, policy: change.tls.policy || (before?.policy ?? '') };
      this.listeners.set(listenerArn, { ...listener, targetGroupArn, tls });
    });
  }

  deleteListener(arn: string, call: CallContext): Promise<void> {
    return this.#recorder.run('DeleteListener', call, () => {
      if (!this.listeners.has(arn)) refuse('DeleteListener', 'NotFound', 'ListenerNotFound', arn);
      this.drop(arn);
    });
  }

  describeLoadBalancerAttributes(arn: string, call: CallContext): Promise<Attributes> {
    return this.#recorder.run('DescribeLoadBalancerAttributes', call, () => {
      this.loadBalancer('DescribeLoadBalancerAttributes', arn);
      return this.attributes.get(arn) ?? {};
    });
  }

  modifyLoadBalancerAttributes(arn: string, attributes: Attributes, call: CallContext): Promise<void> {
    return this.#recorder.run('ModifyLoadBalancerAttributes', call, () => {
      this.loadBalancer('ModifyLoadBalancerAttributes', arn);
      this.attributes.set(arn, { ...this.attributes.get(arn), ...attributes });
    });
  }

  describeTargetGroupAttributes(arn: string, call: CallContext): Promise<Attributes> {
    return this.#recorder.run('DescribeTargetGroupAttributes', call, () => {
      this.targetGroup('DescribeTargetGroupAttributes', arn);
      return this.attributes.get(arn) ?? {};
    });
  }

  modifyTargetGroupAttributes(arn: string, attributes: Attributes, call: CallContext): Promise<void> {
    return this.#recorder.run('ModifyTargetGroupAttributes', call, () => {
      this.targetGroup('ModifyTargetGroupAttributes', arn);
      this.attributes.set(arn, { ...this.attributes.get(arn), ...attributes });
    });
  }

  addTags(arns: readonly string[], tags: Tags, call: CallContext): Promise<void> {
    return this.#recorder.run('AddTags', call, () => {
      if (arns.length === 0 || arns.length > 20) refuse('AddTags', 'Invalid', 'ValidationError', 'ResourceArns');
      const gone = arns.find((arn) => !this.exists(arn));
      if (gone !== undefined) refuse('AddTags', 'NotFound', 'LoadBalancerNotFound', gone);
      for (const arn of arns) this.tags.set(arn, { ...this.tags.get(arn), ...tags });
    });
  }

  setSecurityGroups(arn: string, securityGroupIDs: readonly string[], call: CallContext): Promise<void> {
    return this.#recorder.run('SetSecurityGroups', call, () => {
      const loadBalancer = this.loadBalancer('SetSecurityGroups', arn);
      if (loadBalancer.securityGroupIDs.length === 0 || securityGroupIDs.length === 0) {
        refuse('SetSecurityGroups', 'Invalid', 'InvalidConfigurationRequest', 'it was made without security groups');
      }
      if (securityGroupIDs.some((id) => !this.ec2.securityGroups.has(id))) {
        refuse('SetSecurityGroups', 'Invalid', 'InvalidSecurityGroup');
      }
      this.loadBalancers.set(arn, { ...loadBalancer, securityGroupIDs });
    });
  }

  setAddressType(arn: string, addressType: AddressType, call: CallContext): Promise<void> {
    return this.#recorder.run('SetIpAddressType', call, () => {
      const loadBalancer = this.loadBalancer('SetIpAddressType', arn);
      const after = { ...loadBalancer, addressType };
      this.checkAddresses('SetIpAddressType', loadBalancer.subnetIDs, after);
      this.refuseUntranslated('SetIpAddressType', after);
      this.loadBalancers.set(arn, after);
    });
  }

  setSubnets(arn: string, { subnets, ...addresses }: SubnetChange, call: CallContext): Promise<void> {
    return this.#recorder.run('SetSubnets', call, () => {
      const subnetIDs = subnets.map(({ subnetID }) => subnetID);
      const after = { ...this.loadBalancer('SetSubnets', arn), ...addresses, subnetIDs };
      this.checkAddresses('SetSubnets', subnetIDs, after);
      this.refuseUntranslated('SetSubnets', after);
      this.loadBalancers.set(arn, after);
    });
  }

  #limitTargets(operation: AwsOperation, targets: readonly Target[]): void {
    if (targets.length === 0 || targets.length > 100) refuse(operation, 'Invalid', 'ValidationError', 'targets');
  }
}

function isSameTarget(a: Target, b: Target): boolean {
  return a.id === b.id && a.port === b.port;
}
