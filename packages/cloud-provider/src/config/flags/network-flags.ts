import { Duration } from '../../base/duration.ts';
import { notNegative, positive } from './flag-checks.ts';
import type { FlagTable } from './flag.ts';

/** The flags of the route and node IPAM controllers. */
export const networkFlags = {
  'cluster-cidr': {
    kind: 'string',
    default: '',
    group: 'Cloud provider',
    help: 'The range of addresses for pods, or one of IPv4 and one of IPv6 with a comma between. The route and node IPAM controllers need it.',
  },
  'allocate-node-cidrs': {
    kind: 'bool',
    default: false,
    group: 'Cloud provider',
    help: 'Let the node IPAM controller give nodes their ranges of --cluster-cidr. It must be named in --controllers too.',
  },
  'cidr-allocator-type': {
    kind: 'string',
    default: 'RangeAllocator',
    group: 'Cloud provider',
    help: 'Where the ranges of nodes come from: RangeAllocator takes them from --cluster-cidr, CloudAllocator asks the cloud, where the provider has such.',
  },
  'configure-cloud-routes': {
    kind: 'bool',
    default: true,
    group: 'Cloud provider',
    help: 'Run the route controller, where the provider has routes.',
  },
  'route-reconciliation-period': {
    kind: 'duration',
    default: Duration.seconds(10),
    group: 'Route controller',
    help: 'How often routes are compared with the cloud without any cause. Only when set; changes of nodes do not wait for it, and once an hour finds what was changed in the cloud.',
    check: positive,
  },
  'service-cluster-ip-range': {
    kind: 'string',
    default: '',
    group: 'Node IPAM controller',
    help: 'The range of addresses for Services, or one of IPv4 and one of IPv6; no node gets addresses of them.',
  },
  'node-cidr-mask-size': {
    kind: 'int',
    default: 0,
    group: 'Node IPAM controller',
    help: 'The length of the prefix of the range of a node, where pods have addresses of one family; 24 for IPv4 and 64 for IPv6 when not set.',
    check: notNegative,
  },
  'node-cidr-mask-size-ipv4': {
    kind: 'int',
    default: 0,
    group: 'Node IPAM controller',
    help: 'The length of the prefix of the IPv4 range of a node; 24 when not set.',
    check: notNegative,
  },
  'node-cidr-mask-size-ipv6': {
    kind: 'int',
    default: 0,
    group: 'Node IPAM controller',
    help: 'The length of the prefix of the IPv6 range of a node; 64 when not set.',
    check: notNegative,
  },
} as const satisfies FlagTable;
