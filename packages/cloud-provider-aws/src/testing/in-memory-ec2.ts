import type { CallContext } from '@ccm-ts/cloud-provider';
import type {
  Answer,
  AvailabilityZone,
  CreateSecurityGroup,
  Ec2Port,
  IngressRule,
  Instance,
  InstanceQuery,
  RouteTable,
  SecurityGroup,
  Subnet,
} from '../client/ec2-port.ts';
import { isWellFormedInstanceID } from '../provider-id.ts';
import { type CallRecorder, refuse } from './call-recorder.ts';

interface StoredSubnet extends Subnet {
  readonly vpcID: string;
}

interface StoredRouteTable extends RouteTable {
  readonly vpcID: string;
}

/**
 * EC2 as far as the provider uses it, strict where AWS documents it to be: filters leave unknown ids out while looking up by
 * id refuses them all, rules are told apart without their descriptions, and a request is done wholly or not at all.
 */
export class InMemoryEc2 implements Ec2Port {
  readonly instances = new Map<string, Instance>();
  readonly zones: AvailabilityZone[] = [];
  readonly subnets: StoredSubnet[] = [];
  readonly routeTables: StoredRouteTable[] = [];
  readonly securityGroups = new Map<string, SecurityGroup>();
  readonly #recorder: CallRecorder;

  constructor(recorder: CallRecorder) {
    this.#recorder = recorder;
  }

  findInstances(query: InstanceQuery, call: CallContext): Promise<Answer<readonly Instance[]>> {
    return this.#recorder.run('DescribeInstances', call, () => {
      if (query.values.length > 200) refuse('DescribeInstances', 'Invalid', 'FilterLimitExceeded');
      const value = [...this.instances.values()].filter((instance) =>
        query.by === 'id'
          ? query.values.includes(instance.id)
          : query.values.includes(instance.privateDnsName) && instance.state !== 'terminated',
      );
      return { value, requestID: 'req-find' };
    });
  }

  getInstances(ids: readonly string[], call: CallContext): Promise<Answer<readonly Instance[]>> {
    return this.#recorder.run('DescribeInstances', call, () => {
      const malformed = ids.find((id) => !isWellFormedInstanceID(id));
      if (malformed !== undefined) {
        refuse('DescribeInstances', 'Invalid', 'InvalidInstanceID.Malformed', `Invalid id: "${malformed}"`);
      }
      const unknown = ids.filter((id) => !this.instances.has(id));
      if (unknown.length === 1) {
        refuse(
          'DescribeInstances',
          'NotFound',
          'InvalidInstanceID.NotFound',
          `The instance ID '${unknown[0]}' does not exist`,
        );
      }
      if (unknown.length > 1) {
        const named = `The instance IDs '${unknown.join(', ')}' do not exist`;
        refuse('DescribeInstances', 'NotFound', 'InvalidInstanceID.NotFound', named);
      }
      const value = [...this.instances.values()].filter(({ id }) => ids.includes(id));
      return { value, requestID: 'req-get' };
    });
  }

  describeAvailabilityZones(call: CallContext): Promise<readonly AvailabilityZone[]> {
    return this.#recorder.run('DescribeAvailabilityZones', call, () => [...this.zones]);
  }

  describeSubnets(vpcID: string, call: CallContext): Promise<readonly Subnet[]> {
    return this.#recorder.run('DescribeSubnets', call, () => this.subnets.filter((subnet) => subnet.vpcID === vpcID));
  }

  describeRouteTables(vpcID: string, call: CallContext): Promise<readonly RouteTable[]> {
    return this.#recorder.run('DescribeRouteTables', call, () =>
      this.routeTables.filter((table) => table.vpcID === vpcID),
    );
  }

  describeSecurityGroups(vpcID: string | undefined, call: CallContext): Promise<readonly SecurityGroup[]> {
    return this.#recorder.run('DescribeSecurityGroups', call, () =>
      [...this.securityGroups.values()].filter((group) => vpcID === undefined || group.vpcID === vpcID),
    );
  }

  /** The groups that load balancers are in: EC2 refuses to delete those. */
  usedSecurityGroups: () => readonly string[] = () => [];
  #createdGroups = 0;

  createSecurityGroup(input: CreateSecurityGroup, call: CallContext): Promise<SecurityGroup> {
    return this.#recorder.run('CreateSecurityGroup', call, () => {
      const { name, vpcID, tags } = input;
      if ([...this.securityGroups.values()].some((group) => group.name === name && group.vpcID === vpcID)) {
        refuse('CreateSecurityGroup', 'Conflict', 'InvalidGroup.Duplicate', name);
      }
      this.#createdGroups += 1;
      const created = { id: `sg-created-${this.#createdGroups}`, name, vpcID, tags, rules: [] };
      this.securityGroups.set(created.id, created);
      return created;
    });
  }

  deleteSecurityGroup(groupID: string, call: CallContext): Promise<void> {
    return this.#recorder.run('DeleteSecurityGroup', call, () => {
      this.#group('DeleteSecurityGroup', groupID);
      const isReferredTo = [...this.securityGroups.values()].some(
        (group) => group.id !== groupID && group.rules.some(({ cidr }) => cidr === groupID),
      );
      if (isReferredTo || this.usedSecurityGroups().includes(groupID)) {
        refuse('DeleteSecurityGroup', 'Conflict', 'DependencyViolation', groupID);
      }
      this.securityGroups.delete(groupID);
    });
  }

  authorizeIngress(groupID: string, rules: readonly IngressRule[], call: CallContext): Promise<void> {
    return this.#recorder.run('AuthorizeSecurityGroupIngress', call, () => {
      const group = this.#group('AuthorizeSecurityGroupIngress', groupID);
      const taken = new Set(group.rules.map(identity));
      for (const rule of rules) {
        if (!['tcp', 'udp', 'icmp', 'icmpv6', '-1'].includes(rule.protocol)) {
          refuse('AuthorizeSecurityGroupIngress', 'Invalid', 'InvalidParameterValue', `protocol ${rule.protocol}`);
        }
        if (taken.has(identity(rule))) {
          refuse('AuthorizeSecurityGroupIngress', 'Conflict', 'InvalidPermission.Duplicate', identity(rule));
        }
        taken.add(identity(rule));
      }
      if (taken.size > 60) refuse('AuthorizeSecurityGroupIngress', 'Quota', 'RulesPerSecurityGroupLimitExceeded');
      this.securityGroups.set(groupID, { ...group, rules: [...group.rules, ...rules] });
    });
  }

  revokeIngress(groupID: string, rules: readonly IngressRule[], call: CallContext): Promise<void> {
    return this.#recorder.run('RevokeSecurityGroupIngress', call, () => {
      const group = this.#group('RevokeSecurityGroupIngress', groupID);
      const present = new Set(group.rules.map(identity));
      const missing = rules.find((rule) => !present.has(identity(rule)));
      if (missing !== undefined) {
        refuse('RevokeSecurityGroupIngress', 'NotFound', 'InvalidPermission.NotFound', identity(missing));
      }
      const gone = new Set(rules.map(identity));
      this.securityGroups.set(groupID, { ...group, rules: group.rules.filter((rule) => !gone.has(identity(rule))) });
    });
  }

  #group(
    operation: 'AuthorizeSecurityGroupIngress' | 'RevokeSecurityGroupIngress' | 'DeleteSecurityGroup',
    id: string,
  ): SecurityGroup {
    return this.securityGroups.get(id) ?? refuse(operation, 'NotFound', 'InvalidGroup.NotFound', id);
  }
}

function identity(rule: IngressRule): string {
  return `${rule.protocol} ${rule.fromPort}-${rule.toPort} ${rule.cidr}`;
}
