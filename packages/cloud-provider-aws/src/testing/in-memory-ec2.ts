import type { CallContext } from '@ccm-ts/cloud-provider';
import type {
  Answer,
  AvailabilityZone,
  CreateSecurityGroup,
  Ec2Port,
  IngressRule,
  Instance,
  InstanceQuery,
  NetworkInterfaceQuery,
  RouteEntry,
  RouteInput,
  RouteTable,
  RouteTableQuery,
  RoutingTable,
  SecurityGroup,
  StandaloneInterface,
  Subnet,
  Volume,
} from '../client/ec2-port.ts';
import type { Tags } from '../cluster-tags.ts';
import { isWellFormedInstanceID } from '../provider-id.ts';
import { type CallRecorder, refuse } from './call-recorder.ts';

interface StoredSubnet extends Subnet {
  readonly vpcID: string;
}

/** The interface of something that is not an instance of the account. */
interface StoredInterface extends StandaloneInterface {
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
  /** The network nodes above each instance. */
  readonly topology = new Map<string, readonly string[]>();
  readonly interfaces: StoredInterface[] = [];
  readonly volumes = new Map<string, Volume>();
  /** The tables that hold routes of pods. */
  readonly routingTables = new Map<string, RoutingTable>();
  readonly #recorder: CallRecorder;

  constructor(recorder: CallRecorder) {
    this.#recorder = recorder;
  }

  getVolume(id: string, call: CallContext): Promise<Volume> {
    return this.#recorder.run('DescribeVolumes', call, () => {
      const volume = this.volumes.get(id);
      if (volume) return volume;
      return /^vol-[0-9a-f]+$/.test(id)
        ? refuse('DescribeVolumes', 'NotFound', 'InvalidVolume.NotFound', `The volume '${id}' does not exist.`)
        : refuse(
            'DescribeVolumes',
            'Invalid',
            'InvalidParameterValue',
            `Value (${id}) for parameter volumes is invalid.`,
          );
    });
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

  async listInstances(tagKey: string, call: CallContext): Promise<Answer<readonly Instance[]>> {
    const value: Instance[] = [];
    let isComplete = false;
    while (!isComplete) {
      await this.#recorder.run('DescribeInstances', call, () => {
        const all = [...this.instances.values()].filter(({ tags, state }) => tagKey in tags && state !== 'terminated');
        value.push(...all.slice(value.length, value.length + 1000));
        isComplete = value.length >= all.length;
      });
    }
    return { value, requestID: 'req-list' };
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

  describeTopology(ids: readonly string[], call: CallContext): Promise<ReadonlyMap<string, readonly string[]>> {
    return this.#recorder.run('DescribeInstanceTopology', call, () => {
      if (ids.length > 100) refuse('DescribeInstanceTopology', 'Invalid', 'InvalidParameterValue', 'instanceIds');
      const unknown = ids.find((id) => !this.instances.has(id));
      if (unknown !== undefined) {
        refuse('DescribeInstanceTopology', 'NotFound', 'InvalidInstanceID.NotFound', unknown);
      }
      return new Map([...this.topology].filter(([id]) => ids.includes(id)));
    });
  }

  findNetworkInterfaces(query: NetworkInterfaceQuery, call: CallContext): Promise<readonly StandaloneInterface[]> {
    return this.#recorder.run('DescribeNetworkInterfaces', call, () => {
      if (query.privateIPs.length > 200) refuse('DescribeNetworkInterfaces', 'Invalid', 'FilterLimitExceeded');
      return this.interfaces.filter(
        ({ privateIPs, vpcID }) =>
          (query.vpcID === undefined || query.vpcID === vpcID) &&
          privateIPs.some((address) => query.privateIPs.includes(address)),
      );
    });
  }

  disableSourceDestCheck(instanceID: string, call: CallContext): Promise<void> {
    return this.#recorder.run('ModifyInstanceAttribute', call, () => {
      const instance =
        this.instances.get(instanceID) ??
        refuse('ModifyInstanceAttribute', 'NotFound', 'InvalidInstanceID.NotFound', instanceID);
      this.instances.set(instanceID, { ...instance, sourceDestCheck: false });
    });
  }

  describeRoutes(query: RouteTableQuery, call: CallContext): Promise<readonly RoutingTable[]> {
    return this.#recorder.run('DescribeRouteTables', call, () =>
      [...this.routingTables.values()]
        .filter(({ id, tags }) => (query.by === 'id' ? id === query.id : query.key in tags))
        .map((table) => ({ ...table, routes: table.routes.map((route) => this.#shownRoute(route)) })),
    );
  }

  createRoute(route: RouteInput, call: CallContext): Promise<void> {
    return this.#recorder.run('CreateRoute', call, () => {
      const table = this.#table('CreateRoute', route.tableID);
      const entry = this.#newRoute('CreateRoute', route);
      if (table.routes.some(({ cidr }) => cidr === route.cidr)) {
        refuse('CreateRoute', 'Conflict', 'RouteAlreadyExists', route.cidr);
      }
      if (table.routes.length >= 500) refuse('CreateRoute', 'Quota', 'RouteLimitExceeded');
      this.routingTables.set(table.id, { ...table, routes: [...table.routes, entry] });
    });
  }

  replaceRoute(route: RouteInput, call: CallContext): Promise<void> {
    return this.#recorder.run('ReplaceRoute', call, () => {
      const table = this.#table('ReplaceRoute', route.tableID);
      const entry = this.#newRoute('ReplaceRoute', route);
      const rest = this.#without('ReplaceRoute', table, route.cidr);
      this.routingTables.set(table.id, { ...table, routes: [...rest, entry] });
    });
  }

  deleteRoute(route: Pick<RouteInput, 'tableID' | 'cidr'>, call: CallContext): Promise<void> {
    return this.#recorder.run('DeleteRoute', call, () => {
      const table = this.#table('DeleteRoute', route.tableID);
      this.routingTables.set(table.id, { ...table, routes: this.#without('DeleteRoute', table, route.cidr) });
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

  createTags(ids: readonly string[], tags: Tags, call: CallContext): Promise<void> {
    return this.#recorder.run('CreateTags', call, () => {
      for (const instance of this.#all('CreateTags', ids)) {
        this.instances.set(instance.id, { ...instance, tags: { ...instance.tags, ...tags } });
      }
    });
  }

  deleteTags(ids: readonly string[], tags: Tags, call: CallContext): Promise<void> {
    return this.#recorder.run('DeleteTags', call, () => {
      for (const instance of this.#all('DeleteTags', ids)) {
        const kept = Object.entries(instance.tags).filter(([key, value]) => tags[key] !== value);
        this.instances.set(instance.id, { ...instance, tags: Object.fromEntries(kept) });
      }
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

  #all(operation: 'CreateTags' | 'DeleteTags', ids: readonly string[]): readonly Instance[] {
    const unknown = ids.filter((id) => !this.instances.has(id));
    if (unknown.length > 0) refuse(operation, 'NotFound', 'InvalidInstanceID.NotFound', unknown.join(', '));
    return ids.flatMap((id) => this.instances.get(id) ?? []);
  }

  #group(
    operation: 'AuthorizeSecurityGroupIngress' | 'RevokeSecurityGroupIngress' | 'DeleteSecurityGroup',
    id: string,
  ): SecurityGroup {
    return this.securityGroups.get(id) ?? refuse(operation, 'NotFound', 'InvalidGroup.NotFound', id);
  }

  #table(operation: 'CreateRoute' | 'ReplaceRoute' | 'DeleteRoute', id: string): RoutingTable {
    return this.routingTables.get(id) ?? refuse(operation, 'NotFound', 'InvalidRouteTableID.NotFound', id);
  }

  #without(operation: 'ReplaceRoute' | 'DeleteRoute', table: RoutingTable, cidr: string): readonly RouteEntry[] {
    const rest = table.routes.filter((route) => route.cidr !== cidr);
    if (rest.length === table.routes.length) refuse(operation, 'NotFound', 'InvalidRoute.NotFound', cidr);
    return rest;
  }

  /** A route that leads to an interface of an instance shows the instance; one to an instance needs its only interface. */
  #newRoute(operation: 'CreateRoute' | 'ReplaceRoute', route: RouteInput): RouteEntry {
    const { cidr, target } = route;
    const instance = [...this.instances.values()].find(({ id, networkInterfaces }) =>
      target.kind === 'instance' ? id === target.id : networkInterfaces.some((each) => each.id === target.id),
    );
    if (instance === undefined) refuse(operation, 'NotFound', 'InvalidInstanceID.NotFound', target.id);
    if (target.kind === 'instance' && instance.networkInterfaces.length !== 1) {
      refuse(operation, 'Invalid', 'InvalidInstanceID', `There are multiple interfaces attached to ${target.id}`);
    }
    if (target.kind === 'instance' && cidr.includes(':')) refuse(operation, 'Invalid', 'InvalidParameterValue', cidr);
    return { cidr, target: { kind: 'instance', id: instance.id }, state: 'active' };
  }

  /** What is off or gone takes no packets. */
  #shownRoute(route: RouteEntry): RouteEntry {
    if (route.target.kind !== 'instance') return route;
    const isOn = this.instances.get(route.target.id)?.state === 'running';
    return isOn ? route : { ...route, state: 'blackhole' };
  }
}

function identity(rule: IngressRule): string {
  return `${rule.protocol} ${rule.fromPort}-${rule.toPort} ${rule.cidr}`;
}
