import type { Refusal, ServiceRequest } from '@ccm-ts/cloud-provider';
import { BlockList } from 'node:net';
import { refuseAnnotation } from '../../annotations.ts';
import type { Annotations } from '../../annotations/aws-annotations.ts';
import type { SubnetMapping } from '../../client/elbv2-port.ts';
import type { CloudConfig } from '../../config/cloud-config.ts';
import { chooseSubnets } from '../surroundings/choose-subnets.ts';
import type { DesiredSubnets } from './desired.ts';
import type { NetworkFacts, SubnetFact } from '../surroundings/facts.ts';
import type { NetworkSettings } from './settings.ts';

interface NetworkInput {
  readonly facts: NetworkFacts;
  readonly settings: NetworkSettings;
  readonly config: CloudConfig;
}

type ChosenSubnets = { readonly kind: 'subnets'; readonly subnets: readonly SubnetFact[] } | Refusal;

/** Where the load balancer is: the subnets that the user names or that are found, and its address in each. */
export function chooseNetwork(
  { service }: Pick<ServiceRequest, 'service'>,
  input: NetworkInput,
): { readonly kind: 'network'; readonly subnets: DesiredSubnets } | Refusal {
  const { facts, settings } = input;
  const { annotations } = service.metadata;
  if (facts.vpcID === '') {
    const fix = 'say in the cloud-config which VPC, or wait for the first node';
    return { kind: 'refusal', reason: 'UnknownVPC', field: '[Global] VPC', value: '', fix };
  }
  const chosen =
    settings.subnets === undefined ? findSubnets(input) : namedSubnets(settings.subnets, facts, annotations);
  if (chosen.kind === 'refusal') return chosen;
  const { subnets } = chosen;
  const refused = refuseAddresses(subnets, settings, annotations);
  if (refused !== undefined) return refused;
  const mappings = subnets.map(
    ({ id }, index): SubnetMapping => ({
      subnetID: id,
      allocationID: settings.allocationIDs[index] ?? '',
      privateAddress: settings.privateAddresses[index] ?? '',
    }),
  );
  const chosenBy = settings.subnets === undefined ? 'discovery' : 'user';
  return { kind: 'network', subnets: { chosenBy, mappings } };
}

function findSubnets({ facts, settings, config }: NetworkInput): ChosenSubnets {
  const { tagging, fallbackSubnetID } = config;
  const { scheme } = settings;
  const subnets = chooseSubnets(facts.subnets, { scheme, tagging, fallbackSubnetID });
  if (subnets.length > 0) return { kind: 'subnets', subnets };
  const sort = scheme === 'internal' ? 'subnet' : 'public subnet';
  const fix = `it has no ${sort} of this cluster: tag one with kubernetes.io/cluster/${tagging.id || '<ID>'}`;
  return { kind: 'refusal', reason: 'NoSubnets', field: 'VPC', value: facts.vpcID, fix };
}

/** In the order in which they are named. */
function namedSubnets(wanted: readonly string[], facts: NetworkFacts, annotations: Annotations): ChosenSubnets {
  const subnets: SubnetFact[] = [];
  for (const item of wanted) {
    const found = facts.subnets.filter(({ id, tags }) => (item.startsWith('subnet-') ? id : tags.Name) === item);
    const [subnet, other] = found;
    if (subnet === undefined) return refuseAnnotation(annotations, 'subnets', `the VPC ${facts.vpcID} has no ${item}`);
    if (other !== undefined) {
      const ids = found.map(({ id }) => id).join(', ');
      return refuseAnnotation(annotations, 'subnets', `${ids} are all called ${item}: write the id`);
    }
    const rival = subnets.find(({ zone }) => zone === subnet.zone);
    if (rival !== undefined) {
      const fix = `${rival.id} and ${subnet.id} are both in ${subnet.zone}: name one subnet for each zone`;
      return refuseAnnotation(annotations, 'subnets', fix);
    }
    subnets.push(subnet);
  }
  return { kind: 'subnets', subnets };
}

function refuseAddresses(
  subnets: readonly SubnetFact[],
  settings: NetworkSettings,
  annotations: Annotations,
): Refusal | undefined {
  const ids = subnets.map(({ id }) => id).join(', ');
  for (const [suffix, { length }] of [
    ['eip-allocations', settings.allocationIDs],
    ['private-ipv4-addresses', settings.privateAddresses],
  ] as const) {
    if (length === 0 || length === subnets.length) continue;
    return refuseAnnotation(
      annotations,
      suffix,
      `write one for each of the ${subnets.length} subnets (${ids}), not ${length}`,
    );
  }
  for (const [index, address] of settings.privateAddresses.entries()) {
    const subnet = subnets[index];
    if (subnet === undefined || contains(subnet.cidr, address)) continue;
    const fix = `${address} is not in ${subnet.id} (${subnet.cidr}): write the addresses in the order of the subnets (${ids})`;
    return refuseAnnotation(annotations, 'private-ipv4-addresses', fix);
  }
  return undefined;
}

function contains(cidr: string, address: string): boolean {
  const [network = '', bits = ''] = cidr.split('/');
  const list = new BlockList();
  list.addSubnet(network, Number(bits), 'ipv4');
  return list.check(address, 'ipv4');
}
