import {
  type AnnotationDeclaration,
  type AnnotationFormat,
  freeText,
  listOf,
  oneOf,
  verbatimText,
  wholeNumber,
} from '@ccm-ts/cloud-provider';
import type { LoadBalancerKindName } from './kind-names.ts';

const since = '1.36.0';
const go = 'the Go manager, release 1.36';
const elb = 'Elastic Load Balancing, API versions 2012-06-01 and 2015-12-01';

const certificate: AnnotationFormat<string> = {
  ...freeText('the ARN of one certificate'),
  patterns: [String.raw`^[ \t\r\n]*(?:arn:[^, \t\r\n]*[ \t\r\n]*)?$`],
};

/** Numbers of ports and names of ports; case and blanks do not count. */
const ports: AnnotationFormat<readonly string[]> = {
  ...listOf({
    item: String.raw`\*|[A-Za-z0-9][A-Za-z0-9-]{0,62}`,
    name: 'numbers or names of ports, or *',
    fix: 'write numbers or names of ports of the Service, or *',
    empty: 'allowed',
  }),
};

const path: AnnotationFormat<string> = {
  ...verbatimText('a path that begins with /'),
  patterns: ['^(?:/|$)'],
  maxLength: 1024,
};

const checkPort: AnnotationFormat<string> = {
  ...wholeNumber({ min: 1, max: 65_535 }),
  name: 'a port from 1 to 65535, or traffic-port',
  fix: 'write a port from 1 to 65535, or traffic-port',
  patterns: wholeNumber({ min: 1, max: 65_535 }).patterns.map((pattern) => orWord(pattern, 'traffic-port')),
  parse: (text) => text.trim(),
};

const thresholds = {
  format: wholeNumber({ min: 2, max: 10 }),
  since,
  change: 'followed',
  example: '3',
  source: elb,
} as const;

/** Encryption of the traffic and checks of the nodes' health. */
export const trafficAnnotations = {
  'ssl-cert': {
    format: certificate,
    misfit: 'warned',
    default: 'no encryption',
    since,
    change: 'followed',
    sets: 'Certificates, SSLCertificateId',
    example: 'arn:aws:acm:eu-west-1:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef',
    description: 'The certificate with which the load balancer decrypts, in ACM or IAM.',
    source: go,
  },
  'ssl-ports': {
    format: ports,
    misfit: 'warned',
    default: 'all TCP ports',
    since,
    change: 'followed',
    sets: 'protocols of listeners',
    example: '443,https',
    description: 'The ports that are decrypted, with ssl-cert.',
    source: go,
  },
  'ssl-negotiation-policy': {
    format: freeText('the name of a predefined policy'),
    default: 'the one that AWS chooses',
    since,
    change: 'followed',
    sets: 'SslPolicy, SSLNegotiationPolicyType',
    example: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
    description: 'Versions and ciphers of TLS, with ssl-cert.',
    source: go,
  },
  'backend-protocol': {
    format: oneOf(['http', 'https', 'ssl', 'tcp'], { empty: 'allowed' }),
    on: {
      network: oneOf(['ssl', 'tcp'], {
        empty: 'allowed',
        fix: 'network load balancers speak TCP with the nodes for anything but ssl: write ssl, or remove it',
      }),
    },
    misfit: 'warned',
    default: 'tcp',
    since,
    change: 'followed',
    sets: 'InstanceProtocol, protocol of target groups',
    example: 'http',
    description: 'What the nodes speak.',
    source: go,
  },
  'healthcheck-protocol': {
    format: oneOf(['TCP', 'SSL', 'HTTP', 'HTTPS'], { spelling: 'any' }),
    on: { network: oneOf(['TCP', 'HTTP', 'HTTPS'], { spelling: 'any', empty: 'allowed' }) },
    default: 'TCP; HTTP with externalTrafficPolicy: Local',
    since,
    change: 'followed',
    sets: 'HealthCheckProtocol, HealthCheck.Target',
    example: 'HTTP',
    description: 'How nodes are checked.',
    source: go,
  },
  'healthcheck-port': {
    format: checkPort,
    on: { network: { ...checkPort, patterns: checkPort.patterns.map((pattern) => orWord(pattern, '')) } },
    default: 'traffic-port; the health check port of the Service with externalTrafficPolicy: Local',
    since,
    change: 'followed',
    sets: 'HealthCheckPort, HealthCheck.Target',
    example: '8080',
    description: 'The port of the nodes that is asked; traffic-port is the node port.',
    source: go,
  },
  'healthcheck-path': {
    format: path,
    misfit: 'warned',
    default: '/; /healthz with externalTrafficPolicy: Local',
    since,
    change: 'followed',
    sets: 'HealthCheckPath, HealthCheck.Target',
    example: '/ready',
    description: 'What HTTP and HTTPS checks ask for.',
    source: elb,
  },
  'healthcheck-healthy-threshold': {
    ...thresholds,
    default: '2 on classic, 3 on network load balancers, 2 there with externalTrafficPolicy: Local',
    sets: 'HealthyThreshold',
    description: 'So many good checks make a node healthy.',
  },
  'healthcheck-unhealthy-threshold': {
    ...thresholds,
    default: '6 on classic, 3 on network load balancers, 2 there with externalTrafficPolicy: Local',
    sets: 'UnhealthyThreshold',
    description: 'So many bad checks make a node unhealthy.',
  },
  'healthcheck-interval': {
    ...thresholds,
    format: wholeNumber({ min: 5, max: 300 }),
    example: '15',
    default: '10 on classic, 30 on network load balancers, 10 there with externalTrafficPolicy: Local',
    sets: 'Interval, HealthCheckIntervalSeconds',
    description: 'Seconds between two checks.',
  },
  'healthcheck-timeout': {
    ...thresholds,
    format: wholeNumber({ min: 2, max: 60 }),
    on: { network: wholeNumber({ min: 2, max: 120 }) },
    default: '5 on classic load balancers, what AWS chooses on network load balancers',
    sets: 'Timeout, HealthCheckTimeoutSeconds',
    description: 'Seconds to wait for an answer.',
  },
} as const satisfies Readonly<Record<string, AnnotationDeclaration<LoadBalancerKindName, unknown>>>;

function orWord(pattern: string, word: string): string {
  return `${pattern}|^[ \\t\\r\\n]*${word === '' ? '' : `${word}[ \\t\\r\\n]*`}$`;
}
