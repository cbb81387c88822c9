import {
  type AnnotationDeclaration,
  type AnnotationFormat,
  goBoolean,
  oneOf,
  pairsOf,
  refusedThere,
  verbatimText,
  wholeNumber,
  withoutEffect,
} from '@ccm-ts/cloud-provider';
import type { LoadBalancerKindName } from './kind-names.ts';

const since = '1.36.0';
const go = 'the Go manager, release 1.36';
const elb = 'Elastic Load Balancing, API version 2012-06-01';
const onlyClassic = { network: withoutEffect('only classic load balancers have it: remove it') } as const;
const followed = { since, change: 'followed' } as const;

const emitInterval: AnnotationFormat<number | undefined> = {
  ...wholeNumber({ min: 5, max: 60, unit: 'minutes', empty: 'allowed' }),
  name: '5 or 60 minutes',
  fix: 'write 5 or 60 minutes',
  patterns: [String.raw`^[ \t\r\n]*(?:\+?0*(?:5|60)[ \t\r\n]*)?$`],
};

const truth = goBoolean('false');
/** Without a value it is an error on network load balancers, as in the Go manager. */
const strictOnNetwork = { network: goBoolean('refused') } as const;

/** What else can be set of load balancers. */
export const attributeAnnotations = {
  'proxy-protocol': {
    ...followed,
    format: oneOf(['*'], { empty: 'allowed', fix: 'write * for all ports, or remove the annotation' }),
    on: {
      network: withoutEffect('on network load balancers it is target-group-attributes: proxy_protocol_v2.enabled=true'),
    },
    default: 'off',
    sets: 'ProxyProtocolPolicyType',
    example: '*',
    description: 'Tells the nodes the addresses of clients by the proxy protocol.',
    source: go,
  },
  'access-log-enabled': {
    ...followed,
    format: truth,
    on: strictOnNetwork,
    default: 'false',
    sets: 'AccessLog.Enabled, access_logs.s3.enabled',
    example: 'true',
    description: 'Whether requests are logged.',
    source: go,
  },
  'access-log-emit-interval': {
    ...followed,
    format: emitInterval,
    on: onlyClassic,
    default: 'what AWS chooses',
    sets: 'AccessLog.EmitInterval',
    example: '5',
    description: 'Minutes between two logs.',
    source: elb,
  },
  'access-log-s3-bucket-name': {
    ...followed,
    format: verbatimText('the name of a bucket'),
    default: 'none',
    sets: 'AccessLog.S3BucketName, access_logs.s3.bucket',
    example: 'my-logs',
    description: 'Where the logs go.',
    source: go,
  },
  'access-log-s3-bucket-prefix': {
    ...followed,
    format: verbatimText('a prefix'),
    default: 'none',
    sets: 'AccessLog.S3BucketPrefix, access_logs.s3.prefix',
    example: 'web',
    description: 'What the names of the logs in the bucket begin with.',
    source: go,
  },
  'connection-draining-enabled': {
    ...followed,
    format: truth,
    on: onlyClassic,
    default: 'false',
    sets: 'ConnectionDraining.Enabled',
    example: 'true',
    description: 'Whether connections to a node that leaves may end by themselves.',
    source: go,
  },
  'connection-draining-timeout': {
    ...followed,
    format: wholeNumber({ min: 1, max: 3600, unit: 'seconds', empty: 'allowed', plus: 'yes' }),
    on: onlyClassic,
    default: '300',
    sets: 'ConnectionDraining.Timeout',
    example: '120',
    description: 'Seconds that connections get for that.',
    source: elb,
  },
  'connection-idle-timeout': {
    ...followed,
    format: wholeNumber({ min: 1, max: 4000, unit: 'seconds', empty: 'allowed', plus: 'yes' }),
    on: onlyClassic,
    default: '60',
    sets: 'ConnectionSettings.IdleTimeout',
    example: '120',
    description: 'Seconds after which a silent connection is closed.',
    source: elb,
  },
  'cross-zone-load-balancing-enabled': {
    ...followed,
    format: truth,
    on: strictOnNetwork,
    default: 'false',
    sets: 'CrossZoneLoadBalancing.Enabled, load_balancing.cross_zone.enabled',
    example: 'true',
    description: 'Whether a zone’s part of the load balancer sends to nodes of other zones.',
    source: go,
  },
  'target-group-attributes': {
    ...followed,
    format: pairsOf({
      of: { key: String.raw`(?:preserve_client_ip|proxy_protocol_v2)\.enabled`, value: 'true|false' },
      name: 'preserve_client_ip.enabled=true|false and proxy_protocol_v2.enabled=true|false',
      fix: 'write preserve_client_ip.enabled=true|false and proxy_protocol_v2.enabled=true|false, or one of them',
      empty: 'refused',
    }),
    on: { classic: refusedThere('only network load balancers have target groups: remove the annotation') },
    default: 'what the target groups have',
    sets: 'attributes of target groups',
    example: 'preserve_client_ip.enabled=false',
    description:
      'Whether nodes see the addresses of clients, and by the proxy protocol. Removing the annotation changes nothing.',
    source: go,
  },
} as const satisfies Readonly<Record<string, AnnotationDeclaration<LoadBalancerKindName, unknown>>>;
