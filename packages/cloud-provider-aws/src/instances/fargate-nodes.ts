import {
  type CallContext,
  type Clock,
  CloudError,
  Duration,
  type InstanceMetadata,
  type InstanceView,
  type NodeAddress,
  type NodeName,
  type NodeRef,
  toCloudError,
} from '@ccm-ts/cloud-provider';
import type { Ec2Port, StandaloneInterface } from '../client/ec2-port.ts';
import type { CloudConfig } from '../config/cloud-config.ts';
import { parseProviderID } from '../provider-id.ts';
import { valuesPerFilter } from './known-instances.ts';

/**
 * A list in which the interface is missing may lag behind; there is no id that EC2 could be asked about instead. So a machine
 * only counts as gone once it has been missing from every answer for so long.
 */
const goneAfter = Duration.minutes(5);

/** A Fargate node whose machine was found, with its zone, for labels that need it. */
export interface FargateMachine {
  readonly zone: string;
  readonly metadata: InstanceMetadata;
}

export interface FargateNodesOptions {
  readonly ec2: Ec2Port;
  readonly clock: Clock;
  readonly config: CloudConfig;
}

/**
 * Nodes that Fargate runs: EC2 knows no instance of them, only a network interface with their address. Source:
 * kubernetes/cloud-provider-aws v1.36, pkg/providers/v1/variant/fargate.
 */
export class FargateNodes {
  readonly #options: FargateNodesOptions;
  /** By address: since when it has been missing, in monotonic milliseconds. */
  readonly #missing = new Map<string, number>();

  constructor(options: FargateNodesOptions) {
    this.#options = options;
  }

  /** One request for 200 of them. Machines that are there are always on. */
  async find(
    nodes: readonly NodeRef[],
    call: CallContext,
  ): Promise<ReadonlyMap<NodeName, FargateMachine | Exclude<InstanceView, { kind: 'present' }>>> {
    const result = new Map<NodeName, FargateMachine | Exclude<InstanceView, { kind: 'present' }>>();
    const addresses = new Map(nodes.map((node) => [node.name, addressOf(node.providerID)]));
    const wanted = [...new Set(addresses.values())].filter((address) => address !== '');
    const found = await this.#read(wanted, call);
    for (const node of nodes) {
      const address = addresses.get(node.name) ?? '';
      const answer = found.get(address);
      if (address === '') result.set(node.name, malformed(node));
      else if (answer instanceof CloudError) result.set(node.name, { kind: 'unknown', reason: answer });
      else result.set(node.name, this.#judge(node, address, answer ?? []));
    }
    return result;
  }

  #judge(
    node: NodeRef,
    address: string,
    interfaces: readonly StandaloneInterface[],
  ): FargateMachine | Exclude<InstanceView, { kind: 'present' }> {
    const [only, ...others] = interfaces;
    if (only === undefined) return this.#judgeMissing(address);
    this.#missing.delete(address);
    if (others.length > 0) return { kind: 'ambiguous', ids: interfaces.map(({ id }) => id).toSorted() };
    const { region } = this.#options.config.scope;
    const metadata: InstanceMetadata = {
      providerID: node.providerID,
      instanceType: '',
      zone: only.zone,
      region,
      addresses: interfaceAddresses(only, this.#options.config),
      additionalLabels: {},
    };
    return { zone: only.zone, metadata };
  }

  #judgeMissing(address: string): Exclude<InstanceView, { kind: 'present' }> {
    const now = this.#options.clock.monotonic();
    const since = this.#missing.get(address) ?? now;
    this.#missing.set(address, since);
    const operation = 'DescribeNetworkInterfaces';
    const statement = `no attached network interface has the address ${address}`;
    if (now - since < goneAfter.milliseconds) {
      return { kind: 'unknown', reason: new CloudError('NotFound', statement, { operation }) };
    }
    return { kind: 'absent', evidence: { statement, operation, requestId: '' } };
  }

  async #read(
    addresses: readonly string[],
    call: CallContext,
  ): Promise<ReadonlyMap<string, readonly StandaloneInterface[] | CloudError>> {
    const { config, ec2 } = this.#options;
    const vpcID = config.vpcID === '' ? undefined : config.vpcID;
    const result = new Map<string, readonly StandaloneInterface[] | CloudError>();
    for (let start = 0; start < addresses.length; start += valuesPerFilter) {
      const chunk = addresses.slice(start, start + valuesPerFilter);
      try {
        const found = await ec2.findNetworkInterfaces({ privateIPs: chunk, vpcID }, call);
        for (const address of chunk) {
          const fitting = found.filter(({ privateIPs }) => privateIPs.includes(address));
          result.set(address, fitting);
        }
      } catch (error) {
        for (const address of chunk) result.set(address, toCloudError(error));
      }
    }
    return result;
  }
}

/** The address in `fargate-10.0.0.1` or `fargate-ip-10-0-0-1.eu-west-1.compute.internal`; empty when there is none. */
function addressOf(providerID: string): string {
  const parsed = parseProviderID(providerID);
  if (parsed.kind !== 'fargate') return '';
  const rest = parsed.id.slice('fargate-'.length);
  const [, address] = /^ip-(\d+-\d+-\d+-\d+)(?:\.|$)/.exec(rest) ?? [];
  const text = address === undefined ? rest : address.replaceAll('-', '.');
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) ? text : '';
}

function malformed(node: NodeRef): Exclude<InstanceView, { kind: 'present' }> {
  const message = `the providerID ${node.providerID} holds no address, as in fargate-ip-10-0-0-1.ec2.internal`;
  return { kind: 'unknown', reason: new CloudError('Invalid', message, { field: 'providerID' }) };
}

function interfaceAddresses(found: StandaloneInterface, config: CloudConfig): NodeAddress[] {
  const addresses = config.nodeIPFamilies.flatMap((family) =>
    (family === 'ipv4' ? found.privateIPs : found.ipv6s.slice(0, 1)).map(
      (address): NodeAddress => ({ type: 'InternalIP', address }),
    ),
  );
  if (found.privateDnsName !== '') addresses.push({ type: 'InternalDNS', address: found.privateDnsName });
  return addresses;
}
