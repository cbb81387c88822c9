import {
  type AnnotationDeclaration,
  type AnnotationFormat,
  freeText,
  listOf,
  oneOf,
  pairsOf,
  refusedThere,
  sourceRangesAnnotation,
  withoutEffect,
} from '@ccm-ts/cloud-provider';
import { splitTags } from '../annotations.ts';
import type { Tags } from '../cluster-tags.ts';
import type { LoadBalancerKindName } from './kind-names.ts';

const since = '1.36.0';
const go = 'the Go manager, release 1.36';

/** Any value but none and `false` means internal, as in the Go manager. */
const internal: AnnotationFormat<boolean> = {
  name: 'true or false',
  fix: 'anything but false means internal: write true or false',
  patterns: [String.raw`^(?:true|false|0\.0\.0\.0/0)?$`],
  parse: (text) => text !== '' && text !== 'false',
};

const tags: AnnotationFormat<Tags> = {
  name: 'key=value, with commas between',
  fix: 'write key=value, with commas between',
  patterns: [],
  parse: splitTags,
};

const octet = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';

/** Which load balancer it is, where it stands and what may reach it. */
export const placementAnnotations = {
  type: {
    format: oneOf(['nlb', 'external', 'nlb-ip'], {
      empty: 'allowed',
      fix: 'it asks for a classic load balancer: write nlb for a network load balancer, or remove it',
    }),
    misfit: 'warned',
    default: 'a classic load balancer',
    since,
    change: 'followed',
    sets: 'the kind of load balancer',
    example: 'nlb',
    description:
      'nlb asks for a network load balancer; external and nlb-ip leave the Service to the AWS Load Balancer Controller. A change makes a new load balancer, with another name.',
    source: go,
  },
  internal: {
    format: internal,
    misfit: 'warned',
    default: 'false',
    since,
    change: 'atCreation',
    sets: 'Scheme',
    example: 'true',
    description: 'Whether only the VPC reaches the load balancer.',
    source: go,
  },
  subnets: {
    format: listOf({ name: 'ids or names of subnets', fix: 'name subnets or remove the annotation' }),
    default: 'one subnet of each zone, by their tags',
    since,
    change: 'followed',
    sets: 'Subnets, SubnetMappings',
    example: 'subnet-0123456789abcdef0, public-b',
    description: 'Where the load balancer stands: ids, or values of the tag Name. All must exist, one for each zone.',
    source: go,
  },
  'security-groups': {
    format: listOf({
      item: String.raw`sg-[^, \t\r\n]*`,
      name: 'ids of security groups',
      fix: 'write ids such as sg-0123456789abcdef0',
      empty: 'allowed',
    }),
    default: 'a group of its own',
    since,
    change: 'followed',
    sets: 'SecurityGroups',
    example: 'sg-0123456789abcdef0',
    description:
      'Groups that you look after yourself, instead of a managed one. On network load balancers only with NLBSecurityGroupMode = Managed in the cloud-config.',
    source: go,
  },
  'extra-security-groups': {
    format: listOf({
      item: String.raw`sg-[^, \t\r\n]*`,
      name: 'ids of security groups',
      fix: 'write ids such as sg-0123456789abcdef0',
      empty: 'allowed',
    }),
    on: { network: refusedThere('a network load balancer has no extra groups: remove the annotation') },
    default: 'none',
    since,
    change: 'followed',
    sets: 'SecurityGroups',
    example: 'sg-0123456789abcdef0',
    description: 'Groups beside the managed one or those of security-groups.',
    source: go,
  },
  'eip-allocations': {
    format: listOf({
      item: String.raw`eipalloc-[^, \t\r\n]*`,
      name: 'allocation ids',
      fix: 'write allocation ids such as eipalloc-0123456789abcdef0',
      empty: 'allowed',
    }),
    on: { classic: withoutEffect('only network load balancers have elastic addresses: remove it') },
    default: 'addresses that AWS chooses',
    since,
    change: 'atCreation',
    sets: 'SubnetMappings.AllocationId',
    example: 'eipalloc-0123456789abcdef0, eipalloc-0123456789abcdef1',
    description: 'Elastic addresses, one for each subnet, in the order of the subnets.',
    source: go,
  },
  'private-ipv4-addresses': {
    format: listOf({
      item: String.raw`${octet}(?:\.${octet}){3}`,
      name: 'IPv4 addresses',
      fix: 'write IPv4 addresses such as 10.0.0.10',
      empty: 'allowed',
    }),
    on: { classic: withoutEffect('only network load balancers can be given addresses: remove it') },
    default: 'addresses that AWS chooses',
    since,
    change: 'atCreation',
    sets: 'SubnetMappings.PrivateIPv4Address',
    example: '10.0.0.10, 10.0.1.10',
    description: 'Addresses of an internal load balancer, one for each subnet, in the order of the subnets.',
    source: go,
  },
  'additional-resource-tags': {
    format: tags,
    default: 'none',
    since,
    change: 'followed',
    sets: 'Tags',
    example: 'team=web,cost-centre=7',
    description: 'Tags of everything that is made for the Service, beside those that mark it as the cluster’s.',
    source: go,
  },
  'target-node-labels': {
    format: pairsOf({ name: 'key=value', fix: 'write key=value, with commas between' }),
    default: 'all nodes',
    since,
    change: 'followed',
    sets: 'instances, targets',
    example: 'role=web,zone=',
    description: 'Only nodes that have all of these labels get traffic; a key without a value matches any.',
    source: go,
  },
  [sourceRangesAnnotation]: {
    // The API server refuses what is no range before anybody else sees it.
    format: freeText('ranges such as 192.0.2.0/24, with commas between'),
    default: '0.0.0.0/0',
    since,
    change: 'followed',
    sets: 'rules of security groups',
    example: '192.0.2.0/24, 2001:db8::/32',
    description: 'Who may reach the load balancer. spec.loadBalancerSourceRanges is newer, and wins.',
    source: 'Kubernetes',
  },
} as const satisfies Readonly<Record<string, AnnotationDeclaration<LoadBalancerKindName, unknown>>>;
