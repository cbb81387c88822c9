import type { BackendNode, CallContext, Clock, CloudFinding } from '@ccm-ts/cloud-provider';
import type { Instance } from '../client/ec2-port.ts';
import type { Scheme } from '../client/elbv2-port.ts';
import type { AwsClients } from '../client/sdk-clients.ts';
import { clusterTagPrefix, hasClusterTag } from '../cluster-tags.ts';
import type { CloudConfig } from '../config/cloud-config.ts';
import { candidateSubnets, chooseSubnets, roleTags } from '../load-balancers/surroundings/choose-subnets.ts';
import { type NetworkFacts, NetworkFactsReader, backendIDs } from '../load-balancers/surroundings/facts.ts';
import { chooseNodeGroups } from '../load-balancers/surroundings/node-groups.ts';
import type { SecurityGroupLedger } from '../load-balancers/surroundings/security-group-ledger.ts';
import type { Zones } from '../zones.ts';

export interface LayoutOptions {
  readonly ec2: AwsClients['ec2'];
  readonly config: CloudConfig;
  readonly clock: Clock;
  readonly zones: Zones;
  readonly securityGroups: SecurityGroupLedger;
}

const valuesPerFilter = 200;
const shown = 3;
const zoneLabel = 'topology.kubernetes.io/zone';
const check = 'tags';

/**
 * Whether instances, subnets and security groups carry the tags by which they are found, and each tag that is missing with the
 * command that sets it. @throws CloudError
 */
export async function examineLayout(
  nodes: readonly BackendNode[],
  options: LayoutOptions,
  call: CallContext,
): Promise<readonly CloudFinding[]> {
  const { config } = options;
  const ids = backendIDs({ backends: nodes });
  const facts = await new NetworkFactsReader(options).read({ backends: nodes }, call);
  const instances = await findInstances(ids, options, call);
  const findings = [
    ...untaggedCluster(config),
    ...untaggedInstances(instances, config),
    ...ambiguousGroups(ids, facts, config),
    ...(facts.vpcID === '' ? [] : schemes.flatMap((scheme) => subnetFindings(scheme, { nodes, facts, config }))),
  ];
  if (findings.length > 0) return findings;
  if (facts.vpcID === '') {
    const fix = 'say in the cloud-config which VPC, or wait for the first node';
    return [{ check, state: 'warn', text: 'neither the cloud-config nor a node says which VPC it is', fix }];
  }
  const text = `${ids.length} instances, their security groups and ${facts.subnets.length} subnets of ${facts.vpcID} are tagged as they need to be`;
  return [{ check, state: 'good', text, fix: '' }];
}

function untaggedCluster({ tagging }: CloudConfig): readonly CloudFinding[] {
  if (tagging.id !== '') return [];
  const text = "no cluster ID is known, so every instance and subnet of the account is taken for the cluster's";
  return [
    { check, state: 'warn', text, fix: 'write KubernetesClusterID into the section [Global] of the cloud-config' },
  ];
}

function untaggedInstances(instances: readonly Instance[], { tagging }: CloudConfig): readonly CloudFinding[] {
  const untagged = instances.filter(({ state, tags }) => state !== 'terminated' && !hasClusterTag(tags, tagging));
  if (untagged.length === 0) return [];
  const ids = untagged.map(({ id }) => id);
  const tag = `${clusterTagPrefix}${tagging.id}`;
  return [
    {
      check,
      state: 'bad',
      text: `the machines of ${ids.length} nodes lack the tag ${tag}, so they get neither traffic nor routes: ${listed(ids)}`,
      fix: setTag(ids, tag, 'owned'),
    },
  ];
}

function ambiguousGroups(ids: readonly string[], facts: NetworkFacts, config: CloudConfig): readonly CloudFinding[] {
  const chosen = chooseNodeGroups(ids, facts, config);
  if (chosen.kind === 'groups') return [];
  const { field, fix, value } = chosen;
  return [{ check, state: 'bad', text: `${field}: ${value}: nobody can tell which of them is the nodes'`, fix }];
}

const schemes: readonly Scheme[] = ['internal', 'internet-facing'];

interface Layout {
  readonly nodes: readonly BackendNode[];
  readonly facts: NetworkFacts;
  readonly config: CloudConfig;
}

function subnetFindings(scheme: Scheme, { config, facts, nodes }: Layout): readonly CloudFinding[] {
  const { fallbackSubnetID, tagging } = config;
  const wish = { scheme, tagging, fallbackSubnetID };
  const candidates = candidateSubnets(facts.subnets, wish);
  const chosen = chooseSubnets(facts.subnets, wish);
  const sort = scheme === 'internal' ? 'internal' : 'public';
  const article = scheme === 'internal' ? 'an' : 'a';
  const tag = `${clusterTagPrefix}${tagging.id || 'ID'}`;
  if (chosen.length === 0) {
    const why = scheme === 'internal' ? '' : ', of those that lead to an internet gateway,';
    const fitting = facts.subnets.filter(({ isPublic }) => scheme === 'internal' || isPublic === true);
    const all = fitting.map(({ id }) => id);
    // A network that does not lead to the internet is meant so.
    if (scheme === 'internet-facing' && all.length === 0) return [];
    return [
      {
        check,
        state: scheme === 'internal' ? 'bad' : 'warn',
        text: `no subnet of ${facts.vpcID}${why} can hold ${article} ${sort} load balancer: none is the cluster's`,
        fix: setTag(all.length === 0 ? ['SUBNET'] : all.slice(0, 1), tag, 'shared'),
      },
    ];
  }
  const served = new Set(chosen.map(({ zone }) => zone));
  const zones = new Set(nodes.map(({ labels }) => labels[zoneLabel] ?? '').filter((zone) => zone !== ''));
  const unserved = [...zones].filter((zone) => !served.has(zone)).toSorted();
  const role = roleTags[scheme];
  const drawn = chosen.flatMap(({ id, tags, zone }) => {
    const others = candidates.filter((subnet) => subnet.zone === zone && subnet.id !== id && !(role in subnet.tags));
    // What a tag decides is meant, whatever else there is.
    return role in tags || others.length === 0 ? [] : [{ id, zone, others: others.map((subnet) => subnet.id) }];
  });
  const [first] = drawn;
  return [
    ...unserved.map((zone): CloudFinding => {
      const subnet = facts.subnets.find((each) => each.zone === zone)?.id ?? 'SUBNET';
      return {
        check,
        state: 'warn',
        text: `nodes are in the zone ${zone}, where ${sort} load balancers have no subnet`,
        fix: setTag([subnet], tag, 'shared'),
      };
    }),
    ...(first === undefined
      ? []
      : [
          {
            check,
            state: 'warn' as const,
            text: `only its id makes ${first.id} the subnet of ${sort} load balancers in ${first.zone}, beside ${listed(first.others)}`,
            fix: setTag(
              drawn.map(({ id }) => id),
              role,
              '1',
            ),
          },
        ]),
  ];
}

async function findInstances(
  ids: readonly string[],
  { ec2 }: LayoutOptions,
  call: CallContext,
): Promise<readonly Instance[]> {
  const found: Instance[] = [];
  for (let start = 0; start < ids.length; start += valuesPerFilter) {
    const values = ids.slice(start, start + valuesPerFilter);
    found.push(...(await ec2.findInstances({ by: 'id', values }, call)).value);
  }
  return found;
}

function setTag(ids: readonly string[], key: string, value: string): string {
  const more = ids.length > shown ? ' …' : '';
  return `aws ec2 create-tags --resources ${ids.slice(0, shown).join(' ')}${more} --tags Key=${key},Value=${value}`;
}

function listed(ids: readonly string[]): string {
  return ids.slice(0, shown).join(', ') + (ids.length > shown ? `, … (${ids.length})` : '');
}
