import { type CallContext, type Clock, Duration, type Freshness, type ServiceRequest } from '@ccm-ts/cloud-provider';
import { AgedRead } from '../../aged.ts';
import type { Ec2Port, Ec2InstanceState, RouteTable, Subnet } from '../../client/ec2-port.ts';
import { type Tags, hasClusterTag } from '../../cluster-tags.ts';
import type { CloudConfig } from '../../config/cloud-config.ts';
import { parseProviderID } from '../../provider-id.ts';
import type { Zones } from '../../zones.ts';
import type { SecurityGroupLedger } from './security-group-ledger.ts';

/** What the load balancers depend on and few things change. */
export interface NetworkFacts {
  /** Empty when neither the configuration nor an instance tells. */
  readonly vpcID: string;
  readonly subnets: readonly SubnetFact[];
  /** The backends that EC2 knows, by instance id. */
  readonly instances: ReadonlyMap<string, InstanceFact>;
  /** The security groups that carry the cluster's tag. */
  readonly taggedSecurityGroups: ReadonlySet<string>;
}

export interface SubnetFact {
  readonly id: string;
  readonly zone: string;
  readonly cidr: string;
  /** @default none */
  readonly ipv6Cidr?: string;
  readonly tags: Tags;
  /** Local and wavelength zones can't hold a network load balancer next to those of the region. */
  readonly zoneType: string;
  /** Undefined when no route table says so. */
  readonly isPublic: boolean | undefined;
}

export interface InstanceFact {
  readonly state: Ec2InstanceState;
  readonly securityGroupIDs: readonly string[];
}

/** Subnets, their routes and the zones change by hand, a few times a year. */
const networkMaxAge = Duration.minutes(10);
/** Which groups an instance is in changes by hand as well; new instances are read when they come up. */
const instanceMaxAge = Duration.minutes(10);
/** A node whose machine EC2 does not know must not make every look at a Service ask for it again. */
const unknownInstanceMaxAge = Duration.seconds(30);
const valuesPerFilter = 200;

interface VpcReads {
  readonly subnets: AgedRead<readonly Subnet[]>;
  readonly routeTables: AgedRead<readonly RouteTable[]>;
}

interface KnownInstance extends InstanceFact {
  /** Monotonic milliseconds. */
  readonly expiresAt: number;
  readonly vpcID: string;
  readonly isOurs: boolean;
}

export interface NetworkFactsOptions {
  readonly ec2: Ec2Port;
  readonly config: CloudConfig;
  readonly clock: Clock;
  readonly securityGroups: SecurityGroupLedger;
  readonly zones: Zones;
}

/** Reads facts and keeps them for as long as they may be old. */
export class NetworkFactsReader {
  readonly #ec2: Ec2Port;
  readonly #config: CloudConfig;
  readonly #clock: Clock;
  readonly #securityGroups: SecurityGroupLedger;
  readonly #zones: Zones;
  #vpcID = '';
  readonly #vpcs = new Map<string, VpcReads>();
  readonly #instances = new Map<string, KnownInstance>();
  readonly #reading = new Map<string, Promise<void>>();

  constructor(options: NetworkFactsOptions) {
    this.#ec2 = options.ec2;
    this.#config = options.config;
    this.#clock = options.clock;
    this.#securityGroups = options.securityGroups;
    this.#zones = options.zones;
  }

  /** The VPC that the facts were last about; empty before that, and when the configuration does not tell. */
  get vpcID(): string {
    return this.#vpcID;
  }

  async read(request: Pick<ServiceRequest, 'backends'>, call: CallContext): Promise<NetworkFacts> {
    const instances = await this.#readInstances(backendIDs(request), call);
    const vpcID = this.#config.vpcID || firstVpc(instances);
    this.#vpcID = vpcID;
    const ours = new Map([...instances].filter(([, instance]) => instance.isOurs));
    if (vpcID === '') return { vpcID, subnets: [], instances: ours, taggedSecurityGroups: new Set() };
    const freshness = atMost(networkMaxAge, call.freshness);
    const [subnets, taggedSecurityGroups] = await Promise.all([
      this.#readSubnets(vpcID, freshness, call),
      this.#readTaggedGroups({ vpcID, instances: ours, freshness }, call),
    ]);
    return { vpcID, subnets, instances: ours, taggedSecurityGroups };
  }

  /** These instances are not what they were when they were read: they are read again the next time. */
  forget(ids: Iterable<string>): void {
    for (const id of ids) this.#instances.delete(id);
  }

  /** Asks for those alone that are not known or were read too long ago; Services that ask at the same time share a read. */
  async #readInstances(ids: readonly string[], call: CallContext): Promise<ReadonlyMap<string, KnownInstance>> {
    const now = this.#clock.monotonic();
    for (const [id, known] of this.#instances) if (known.expiresAt < now) this.#instances.delete(id);
    const missing = ids.filter((id) => !this.#instances.has(id) && !this.#reading.has(id));
    for (let start = 0; start < missing.length; start += valuesPerFilter) {
      const values = missing.slice(start, start + valuesPerFilter);
      const reading = this.#askForInstances(values, call).finally(() => {
        for (const id of values) this.#reading.delete(id);
      });
      for (const id of values) this.#reading.set(id, reading);
    }
    await Promise.all(new Set(ids.flatMap((id) => this.#reading.get(id) ?? [])));
    return new Map(
      ids.flatMap((id) => {
        const known = this.#instances.get(id);
        return known === undefined ? [] : [[id, known] as const];
      }),
    );
  }

  async #askForInstances(ids: readonly string[], call: CallContext): Promise<void> {
    const now = this.#clock.monotonic();
    const { value } = await this.#ec2.findInstances({ by: 'id', values: ids }, call);
    const found = new Map(value.map((instance) => [instance.id, instance]));
    for (const id of ids) {
      const instance = found.get(id);
      if (instance === undefined) {
        const expiresAt = now + unknownInstanceMaxAge.milliseconds;
        this.#instances.set(id, { state: 'unknown', vpcID: '', securityGroupIDs: [], isOurs: false, expiresAt });
        continue;
      }
      const { state, vpcID, securityGroupIDs, tags } = instance;
      const isOurs = hasClusterTag(tags, this.#config.tagging) && state !== 'terminated' && state !== 'shutting-down';
      const expiresAt = now + instanceMaxAge.milliseconds;
      this.#instances.set(id, { state, vpcID, securityGroupIDs, isOurs, expiresAt });
    }
  }

  async #readSubnets(vpcID: string, freshness: Freshness, call: CallContext): Promise<readonly SubnetFact[]> {
    const reads = this.#readsOf(vpcID);
    const [subnets, routeTables, zones] = await Promise.all([
      reads.subnets.get(freshness, call),
      reads.routeTables.get(freshness, call),
      this.#zones.list(call),
    ]);
    const zoneTypes = new Map(zones.map(({ name, type }) => [name, type]));
    return subnets.map((subnet) => {
      const isPublic = leadsToInternet(subnet.id, routeTables);
      return { ...subnet, zoneType: zoneTypes.get(subnet.zone) ?? '', isPublic };
    });
  }

  /** Groups that were made after the last read are looked for at once. */
  async #readTaggedGroups(
    wanted: {
      readonly vpcID: string;
      readonly instances: ReadonlyMap<string, InstanceFact>;
      readonly freshness: Freshness;
    },
    call: CallContext,
  ): Promise<ReadonlySet<string>> {
    if (this.#config.nodeSecurityGroups === 'left-alone') return new Set();
    let groups = await this.#securityGroups.read(wanted.vpcID, wanted.freshness, call);
    const used = [...wanted.instances.values()].flatMap(({ securityGroupIDs }) => securityGroupIDs);
    if (used.some((id) => !groups.has(id))) groups = await this.#securityGroups.read(wanted.vpcID, 'live', call);
    const tagged = [...groups.values()].filter(({ tags }) => hasClusterTag(tags, this.#config.tagging));
    return new Set(tagged.map(({ id }) => id));
  }

  #readsOf(vpcID: string): VpcReads {
    const known = this.#vpcs.get(vpcID);
    if (known !== undefined) return known;
    const clock = this.#clock;
    const reads = {
      subnets: new AgedRead({ clock, read: (call) => this.#ec2.describeSubnets(vpcID, call) }),
      routeTables: new AgedRead({ clock, read: (call) => this.#ec2.describeRouteTables(vpcID, call) }),
    };
    this.#vpcs.set(vpcID, reads);
    return reads;
  }
}

/** The instances of the backends; those whose providerID is not an instance's are left out, as in the Go manager. */
export function backendIDs(request: Pick<ServiceRequest, 'backends'>): string[] {
  return request.backends.flatMap(({ providerID }) => {
    const parsed = parseProviderID(providerID);
    return providerID !== '' && parsed.kind === 'instance' ? [parsed.instanceID] : [];
  });
}

function atMost(maxAge: Duration, freshness: Freshness): Freshness {
  return freshness === 'live' ? 'live' : { maxAge: freshness.maxAge.min(maxAge) };
}

function firstVpc(instances: ReadonlyMap<string, KnownInstance>): string {
  for (const { vpcID } of instances.values()) if (vpcID !== '') return vpcID;
  return '';
}

/** Through its own route table, or through the VPC's main one when it has none. */
function leadsToInternet(subnetID: string, tables: readonly RouteTable[]): boolean | undefined {
  const table = tables.find(({ subnetIDs }) => subnetIDs.includes(subnetID)) ?? tables.find(({ isMain }) => isMain);
  return table?.gatewayIDs.some((gateway) => gateway.startsWith('igw'));
}
