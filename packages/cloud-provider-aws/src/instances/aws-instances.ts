import {
  type CallContext,
  type Clock,
  CloudError,
  type CloudScope,
  type InstanceMetadata,
  type InstanceNeed,
  type InstanceState,
  type InstanceView,
  type Instances,
  type NodeClaim,
  type NodeName,
  type NodeRef,
  toCloudError,
} from '@ccm-ts/cloud-provider';
import type { Ec2Port, Instance, InstanceQuery } from '../client/ec2-port.ts';
import { clusterTagPrefix, hasClusterTag } from '../cluster-tags.ts';
import type { CloudConfig } from '../config/cloud-config.ts';
import { formatProviderID } from '../provider-id.ts';
import { instanceAddresses } from './addresses.ts';
import { FargateNodes } from './fargate-nodes.ts';
import { chooseLookup } from './instance-lookup.ts';
import { type KnownInstances, valuesPerFilter } from './known-instances.ts';
import { judgeMissingInstances } from './missing-instances.ts';
import { claimByZone } from './node-claim.ts';
import { Topology } from './topology.ts';
import type { Verdict } from './verdict.ts';
import type { Zones } from '../zones.ts';

/** The label that holds the zone's id, which is the same for every account. */
export const zoneIDLabel = 'topology.k8s.aws/zone-id';

export interface AwsInstancesOptions {
  readonly ec2: Ec2Port;
  readonly zones: Zones;
  readonly config: CloudConfig;
  readonly clock: Clock;
  /** Is told what was read. */
  readonly known: KnownInstances;
}

/** As many instances as EC2 lists in one answer. */
const instancesPerPage = 1000;

/** What one request said. */
interface Found {
  readonly instances: readonly Instance[];
  readonly requestID: string;
}

interface Lookup {
  /** What was listed beforehand. */
  readonly listed: Found;
  readonly call: CallContext;
}

/** A machine that is there, with what is known of it so far. */
interface Present {
  readonly node: NodeRef;
  readonly state: InstanceState;
  readonly metadata: InstanceMetadata;
  /** Undefined on Fargate. */
  readonly instance?: Instance;
}

/** The EC2 instances and Fargate machines behind nodes. */
export class AwsInstances implements Instances {
  readonly maxBatch = instancesPerPage;
  readonly #ec2: Ec2Port;
  readonly #config: CloudConfig;
  readonly #zones: Zones;
  readonly #known: KnownInstances;
  readonly #topology: Topology;
  readonly #fargate: FargateNodes;
  /** How many instances the cluster had when they were listed last. */
  #clusterSize = 0;

  constructor(options: AwsInstancesOptions) {
    const { clock, config, ec2 } = options;
    this.#known = options.known;
    this.#topology = new Topology({ ec2, clock, mustHave: config.topologyTypes });
    this.#fargate = new FargateNodes({ ec2, clock, config });
    this.#ec2 = options.ec2;
    this.#config = options.config;
    this.#zones = options.zones;
  }

  scopeOf(): CloudScope {
    return this.#config.scope;
  }

  claim({ providerID }: NodeRef): NodeClaim {
    return claimByZone(providerID, this.#config.scope.region);
  }

  /**
   * One filtered DescribeInstances for 200 that are looked up by id and one for 200 looked up by name, or the list of the
   * cluster's instances, where that takes fewer requests; a request by id for what was missing; one for those on Fargate. For metadata also, once, the zones, and the places in the network that
   * nodes lack, 100 a request.
   */
  async describe(
    nodes: readonly NodeRef[],
    need: InstanceNeed,
    call: CallContext,
  ): Promise<ReadonlyMap<NodeName, InstanceView>> {
    const lookups = nodes.map((node) => ({ node, lookup: chooseLookup(node) }));
    const ids = new Set(lookups.flatMap(({ lookup }) => (lookup.by === 'id' ? [lookup.id] : [])));
    const names = new Set(lookups.flatMap(({ lookup }) => (lookup.by === 'private-dns-name' ? [lookup.name] : [])));
    const listed = await this.#list(ids.size + names.size, call);
    const byID = await this.#lookUpIDs([...ids], { listed, call });
    const byName = await this.#lookUpNames([...names], { listed, call });

    const views = new Map<NodeName, InstanceView>();
    const present: Present[] = [];
    for (const { node, lookup } of lookups) {
      const verdict =
        lookup.by === 'id'
          ? byID.get(lookup.id)
          : lookup.by === 'private-dns-name'
            ? byName.get(lookup.name)
            : undefined;
      const judged = verdict ?? (lookup.by === 'nothing' ? judgeWithoutLookup(node, lookup.why) : undefined);
      if (judged === undefined) continue;
      if (judged.kind !== 'found') {
        views.set(node.name, judged);
        continue;
      }
      const { instance } = judged;
      const state = instanceState(instance);
      if (state instanceof CloudError) views.set(node.name, { kind: 'unknown', reason: state });
      else present.push({ node, state, instance, metadata: this.#metadata(instance) });
    }
    const onFargate = lookups.flatMap(({ node, lookup }) => (lookup.by === 'address' ? [node] : []));
    const byNode = new Map(onFargate.map((node) => [node.name, node]));
    for (const [name, found] of onFargate.length === 0 ? [] : await this.#fargate.find(onFargate, call)) {
      const node = byNode.get(name);
      if (!('metadata' in found)) views.set(name, found);
      else if (node !== undefined) present.push({ node, state: 'running', metadata: found.metadata });
    }

    if (need === 'metadata') await this.#label(present, views, call);
    else for (const { node, state } of present) views.set(node.name, { kind: 'present', state });
    return views;
  }

  async #label(present: readonly Present[], views: Map<NodeName, InstanceView>, call: CallContext): Promise<void> {
    // What a node has already is given as it is, as in the Go manager: it costs nothing, and a label that is left out would go.
    const zones = present.flatMap(({ node, metadata }) => (zoneIDLabel in node.labels ? [] : [metadata.zone]));
    const zoneIDs = await this.#zones.lookUpIDs(new Set(zones), call);
    const placed = present.flatMap(({ node: { name, labels }, instance }) =>
      instance === undefined ? [] : [{ name, labels, instance }],
    );
    const places = await this.#topology.labels(placed, call);
    for (const { node, state, metadata } of present) {
      const zoneID = node.labels[zoneIDLabel] ?? zoneIDs.get(metadata.zone) ?? '';
      const place = places.get(node.name) ?? {};
      if (zoneID instanceof CloudError || place instanceof CloudError) {
        views.set(node.name, { kind: 'unknown', reason: zoneID instanceof CloudError ? zoneID : toCloudError(place) });
        continue;
      }
      const additionalLabels = { ...(zoneID === '' ? {} : { [zoneIDLabel]: zoneID }), ...place };
      views.set(node.name, { kind: 'present', state, metadata: { ...metadata, additionalLabels } });
    }
  }

  #metadata(instance: Instance): InstanceMetadata {
    return {
      providerID: formatProviderID(instance.zone, instance.id),
      instanceType: instance.type,
      addresses: instanceAddresses(instance, this.#config),
      zone: instance.zone,
      region: this.#config.scope.region,
      additionalLabels: {},
    };
  }

  async #lookUpIDs(ids: readonly string[], { listed, call }: Lookup): Promise<ReadonlyMap<string, Verdict>> {
    const verdicts = new Map<string, Verdict>();
    for (const [id, found] of await this.#find('id', ids, { listed, call })) {
      const [instance] = found instanceof CloudError ? [] : found.instances;
      if (found instanceof CloudError) verdicts.set(id, { kind: 'unknown', reason: found });
      else if (instance !== undefined) verdicts.set(id, judgeInstance(instance, found.requestID));
    }
    const missing = ids.filter((id) => !verdicts.has(id));
    for (const [id, verdict] of await judgeMissingInstances(missing, this.#ec2, call)) {
      verdicts.set(id, verdict.kind === 'found' ? judgeInstance(verdict.instance, verdict.requestID) : verdict);
    }
    return verdicts;
  }

  async #lookUpNames(names: readonly string[], lookup: Lookup): Promise<ReadonlyMap<string, Verdict>> {
    const verdicts = new Map<string, Verdict>();
    for (const [name, found] of await this.#find('private-dns-name', names, lookup)) {
      verdicts.set(
        name,
        found instanceof CloudError ? { kind: 'unknown', reason: found } : this.#judgeName(name, found),
      );
    }
    return verdicts;
  }

  /** Names repeat from VPC to VPC; the cluster's tag tells them apart. */
  #judgeName(name: string, found: Found): Verdict {
    const ours = found.instances.filter(({ tags }) => hasClusterTag(tags, this.#config.tagging));
    const [instance, ...others] = ours;
    if (others.length > 0) return { kind: 'ambiguous', ids: ours.map(({ id }) => id).toSorted() };
    if (instance !== undefined) return { kind: 'found', instance, requestID: found.requestID };
    // That nothing has the name today proves nothing about the machine that the node once stood for.
    const message =
      `no instance of the cluster has the private DNS name ${name}: ` +
      'let the kubelet set a providerID, or name the node after its instance';
    return { kind: 'unknown', reason: new CloudError('NotFound', message, { operation: 'DescribeInstances' }) };
  }

  /** The cluster's instances, when that costs fewer requests than asking for so many. Who is missing there is asked for. */
  async #list(wanted: number, call: CallContext): Promise<Found> {
    const nothing: Found = { instances: [], requestID: '' };
    const { id } = this.#config.tagging;
    const pages = Math.ceil(Math.max(wanted, this.#clusterSize) / instancesPerPage);
    if (id === '' || pages >= Math.ceil(wanted / valuesPerFilter)) return nothing;
    try {
      const { value, requestID } = await this.#ec2.listInstances(clusterTagPrefix + id, call);
      this.#clusterSize = value.length;
      this.#known.note(value);
      return { instances: value, requestID };
    } catch (error) {
      if (!(error instanceof CloudError)) throw error;
      // Each is asked for then, and hears for itself what the matter is.
      return nothing;
    }
  }

  /** What each value found. The failure of one request makes only its own values unknown. */
  async #find(
    by: InstanceQuery['by'],
    values: readonly string[],
    { listed, call }: Lookup,
  ): Promise<ReadonlyMap<string, Found | CloudError>> {
    const keyOf = (instance: Instance): string => (by === 'id' ? instance.id : instance.privateDnsName);
    const result = new Map<string, Found | CloudError>();
    const known = Map.groupBy(listed.instances, keyOf);
    for (const value of values) {
      const instances = known.get(value);
      if (instances !== undefined) result.set(value, { instances, requestID: listed.requestID });
    }
    const missing = values.filter((value) => !result.has(value));
    for (let start = 0; start < missing.length; start += valuesPerFilter) {
      const chunk = missing.slice(start, start + valuesPerFilter);
      try {
        const { value, requestID } = await this.#ec2.findInstances({ by, values: chunk }, call);
        this.#known.note(value);
        const found = Map.groupBy(value, keyOf);
        for (const key of chunk) result.set(key, { instances: found.get(key) ?? [], requestID });
      } catch (error) {
        for (const key of chunk) result.set(key, toCloudError(error));
      }
    }
    return result;
  }
}

function judgeWithoutLookup(node: NodeRef, why: 'foreign' | 'malformed'): Verdict {
  switch (why) {
    case 'foreign':
      return { kind: 'foreign' };
    case 'malformed':
      return unusable(`the providerID ${node.providerID} is not of the form aws:///<zone>/<instance id>`);
  }
}

function unusable(message: string): Verdict {
  return { kind: 'unknown', reason: new CloudError('Invalid', message, { field: 'providerID' }) };
}

/** A terminated instance never comes back: EC2 saying so is as good as not knowing the id any more. */
function judgeInstance(instance: Instance, requestID: string): Verdict {
  if (instance.state !== 'terminated') return { kind: 'found', instance, requestID };
  const evidence = { statement: 'state terminated', operation: 'DescribeInstances', requestId: requestID };
  return { kind: 'absent', evidence };
}

function instanceState(instance: Instance): InstanceState | CloudError {
  switch (instance.state) {
    case 'pending':
    case 'running':
    // Not off yet: the Go manager taints a node as shut down only once it is stopped.
    case 'stopping':
      return 'running';
    case 'stopped':
      return 'stopped';
    case 'shutting-down':
    case 'terminated':
      return 'terminating';
    case 'unknown':
      return new CloudError('Unknown', `EC2 does not say in which state ${instance.id} is`, {
        operation: 'DescribeInstances',
      });
  }
}
