import type { Play, Scenario, ServicePort } from './play.ts';

/** A Service as it is created, and what AWS has to hold then. */
interface Creation {
  readonly title: string;
  readonly kind: 'classic' | 'network';
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ports?: readonly ServicePort[];
  readonly spec?: object | ((play: Play) => object);
  readonly expects: object | ((play: Play) => object);
  readonly targetGroups?: (play: Play) => readonly object[];
}

const certificate = '{{cert:1}}';
const tls = 'ELBSecurityPolicy-TLS13-1-2-2021-06';
const two: readonly ServicePort[] = [
  { name: 'http', port: 80 },
  { name: 'https', port: 443 },
];
const publicSubnets = ['{{subnet:public-a}}', '{{subnet:public-b}}', '{{subnet:public-c}}'];
const privateSubnets = ['{{subnet:private-a}}', '{{subnet:private-b}}', '{{subnet:private-c}}'];

const network: readonly Omit<Creation, 'kind'>[] = [
  {
    title: 'nothing said',
    expects: {
      scheme: 'internet-facing',
      subnets: publicSubnets.map((subnet) => ({ subnet })),
      listeners: [{ port: 80, protocol: 'TCP' }],
      securityGroups: [],
    },
    targetGroups: (play) => [
      { port: play.nodePort(0), protocol: 'TCP', healthCheck: { Protocol: 'TCP', Port: 'traffic-port' } },
    ],
  },
  {
    title: 'internal',
    annotations: { internal: 'true' },
    expects: { scheme: 'internal', subnets: privateSubnets.map((subnet) => ({ subnet })) },
  },
  {
    title: 'two subnets, one by its name',
    annotations: { subnets: '{{subnet:public-a}},public-c' },
    expects: { subnets: [{ subnet: '{{subnet:public-a}}' }, { subnet: '{{subnet:public-c}}' }] },
  },
  {
    title: 'addresses of its own',
    annotations: { subnets: 'public-a', 'eip-allocations': '{{eip:a}}' },
    expects: { subnets: [{ subnet: '{{subnet:public-a}}', addresses: [{ AllocationId: '{{eip:a}}' }] }] },
  },
  {
    title: 'internal with private addresses',
    annotations: {
      internal: 'true',
      subnets: 'private-a,private-b',
      'private-ipv4-addresses': '10.0.10.99,10.0.11.99',
    },
    expects: {
      subnets: [
        { addresses: [{ PrivateIPv4Address: '10.0.10.99' }] },
        { addresses: [{ PrivateIPv4Address: '10.0.11.99' }] },
      ],
    },
  },
  {
    title: 'a certificate on every port',
    annotations: { 'ssl-cert': certificate },
    ports: two,
    expects: {
      listeners: [
        { port: 80, protocol: 'TLS' },
        { port: 443, protocol: 'TLS', certificates: [certificate] },
      ],
    },
  },
  {
    title: 'a certificate on one port, by name',
    annotations: { 'ssl-cert': certificate, 'ssl-ports': 'https' },
    ports: two,
    expects: {
      listeners: [
        { port: 80, protocol: 'TCP' },
        { port: 443, protocol: 'TLS' },
      ],
    },
    targetGroups: () => [{ protocol: 'TCP' }, { protocol: 'TCP' }],
  },
  {
    title: 'a certificate and a policy of ciphers',
    annotations: { 'ssl-cert': certificate, 'ssl-negotiation-policy': tls },
    expects: { listeners: [{ protocol: 'TLS', sslPolicy: tls }] },
  },
  {
    title: 'encryption up to the nodes',
    annotations: { 'ssl-cert': certificate, 'backend-protocol': 'ssl' },
    expects: { listeners: [{ protocol: 'TLS' }] },
    targetGroups: () => [{ protocol: 'TLS' }],
  },
  {
    title: 'UDP',
    ports: [{ port: 53, protocol: 'UDP' }],
    expects: { listeners: [{ port: 53, protocol: 'UDP' }] },
    targetGroups: () => [{ protocol: 'UDP' }],
  },
  {
    title: 'TCP and UDP on two ports',
    ports: [
      { port: 80, protocol: 'TCP' },
      { port: 53, protocol: 'UDP' },
    ],
    expects: {
      listeners: [
        { port: 53, protocol: 'UDP' },
        { port: 80, protocol: 'TCP' },
      ],
    },
  },
  {
    title: 'TCP and UDP on one port',
    ports: [
      { port: 53, protocol: 'TCP', name: 'tcp' },
      { port: 53, protocol: 'UDP', name: 'udp' },
    ],
    spec: (play) => ({
      ports: [
        { name: 'tcp', port: 53, protocol: 'TCP', nodePort: play.nodePort(0) },
        { name: 'udp', port: 53, protocol: 'UDP', nodePort: play.nodePort(0) },
      ],
    }),
    expects: { listeners: [{ port: 53, protocol: 'TCP_UDP' }] },
    targetGroups: () => [{ protocol: 'TCP_UDP' }],
  },
  {
    title: 'traffic that stays on its node',
    spec: (play) => ({ externalTrafficPolicy: 'Local', healthCheckNodePort: play.healthPort }),
    expects: {},
    targetGroups: (play) => [
      { healthCheck: { Protocol: 'HTTP', Port: String(play.healthPort), Path: '/healthz', IntervalSeconds: 10 } },
    ],
  },
  {
    title: 'a health check by HTTP',
    annotations: { 'healthcheck-protocol': 'HTTP', 'healthcheck-port': '8080', 'healthcheck-path': '/ready' },
    expects: {},
    targetGroups: () => [{ healthCheck: { Protocol: 'HTTP', Port: '8080', Path: '/ready' } }],
  },
  {
    title: 'numbers of a health check',
    annotations: {
      'healthcheck-interval': '10',
      'healthcheck-healthy-threshold': '2',
      'healthcheck-unhealthy-threshold': '4',
    },
    expects: {},
    targetGroups: () => [
      { healthCheck: { IntervalSeconds: 10, HealthyThresholdCount: 2, UnhealthyThresholdCount: 4 } },
    ],
  },
  {
    title: 'load balancing across zones',
    annotations: { 'cross-zone-load-balancing-enabled': 'true' },
    expects: { attributes: { 'load_balancing.cross_zone.enabled': 'true' } },
  },
  {
    title: 'access logs and zones',
    annotations: {
      'cross-zone-load-balancing-enabled': 'true',
      'access-log-enabled': 'true',
      'access-log-s3-bucket-name': 'logs',
      'access-log-s3-bucket-prefix': 'web',
    },
    expects: {
      attributes: {
        'load_balancing.cross_zone.enabled': 'true',
        'access_logs.s3.enabled': 'true',
        'access_logs.s3.bucket': 'logs',
        'access_logs.s3.prefix': 'web',
      },
    },
  },
  {
    title: 'attributes of target groups',
    annotations: { 'target-group-attributes': 'preserve_client_ip.enabled=false,proxy_protocol_v2.enabled=true' },
    expects: {},
    targetGroups: () => [
      { attributes: { 'preserve_client_ip.enabled': 'false', 'proxy_protocol_v2.enabled': 'true' } },
    ],
  },
  {
    title: 'tags of users',
    annotations: { 'additional-resource-tags': 'team=web,cost=7' },
    expects: (play) => ({
      tags: {
        team: 'web',
        cost: '7',
        'kubernetes.io/service-name': play.serviceTag,
        'kubernetes.io/cluster/judge': 'owned',
      },
    }),
    targetGroups: () => [{ tags: { team: 'web' } }],
  },
  {
    title: 'nodes by their label',
    annotations: { 'target-node-labels': 'role=web' },
    expects: {},
    targetGroups: (play) => [
      {
        targets: ['n1', 'n2']
          .map((name) => ({ id: play.ground.cloud.id(`i:${name}`), port: play.nodePort(0) }))
          .sort((a, b) => (a.id < b.id ? -1 : 1)),
      },
    ],
  },
  {
    title: 'internal with a certificate on one port',
    annotations: { internal: 'true', 'ssl-cert': certificate, 'ssl-ports': '443' },
    ports: two,
    expects: {
      scheme: 'internal',
      listeners: [
        { port: 80, protocol: 'TCP' },
        { port: 443, protocol: 'TLS' },
      ],
    },
  },
  {
    title: 'a certificate and a health check by HTTP',
    annotations: { 'ssl-cert': certificate, 'healthcheck-protocol': 'HTTP', 'healthcheck-path': '/up' },
    expects: { listeners: [{ protocol: 'TLS' }] },
    targetGroups: () => [{ protocol: 'TCP', healthCheck: { Protocol: 'HTTP', Path: '/up' } }],
  },
];

const classic: readonly Omit<Creation, 'kind'>[] = [
  {
    title: 'nothing said',
    expects: (play) => ({
      scheme: 'internet-facing',
      subnets: publicSubnets,
      listeners: [{ LoadBalancerPort: 80, Protocol: 'TCP', InstanceProtocol: 'TCP', InstancePort: play.nodePort(0) }],
      healthCheck: { Target: `TCP:${play.nodePort(0)}` },
    }),
  },
  { title: 'internal', annotations: { internal: 'true' }, expects: { scheme: 'internal', subnets: privateSubnets } },
  {
    title: 'a certificate on one port',
    annotations: { 'ssl-cert': certificate, 'ssl-ports': '443' },
    ports: two,
    expects: {
      listeners: [
        { LoadBalancerPort: 80, Protocol: 'TCP' },
        { LoadBalancerPort: 443, Protocol: 'SSL', SSLCertificateId: certificate },
      ],
    },
  },
  {
    title: 'HTTPS that is decrypted',
    annotations: {
      'ssl-cert': certificate,
      'backend-protocol': 'http',
      'ssl-negotiation-policy': 'ELBSecurityPolicy-2016-08',
    },
    expects: {
      listeners: [{ Protocol: 'HTTPS', policies: ['k8s-SSLNegotiationPolicy-ELBSecurityPolicy-2016-08'] }],
    },
  },
  {
    title: 'the proxy protocol',
    annotations: { 'proxy-protocol': '*' },
    expects: { backends: [{ policies: ['k8s-proxyprotocol-enabled'] }] },
  },
  {
    title: 'idle and draining connections',
    annotations: {
      'connection-idle-timeout': '120',
      'connection-draining-enabled': 'true',
      'connection-draining-timeout': '30',
    },
    expects: {
      attributes: {
        ConnectionSettings: { IdleTimeout: 120 },
        ConnectionDraining: { Enabled: true, Timeout: 30 },
      },
    },
  },
  {
    title: 'a group of users',
    annotations: { 'security-groups': '{{sg:byo-1}}' },
    expects: { securityGroups: ['{{sg:byo-1}}'] },
  },
  {
    title: 'a health check by HTTP',
    annotations: { 'healthcheck-protocol': 'HTTP', 'healthcheck-port': '8080', 'healthcheck-path': '/up' },
    expects: { healthCheck: { Target: 'HTTP:8080/up' } },
  },
  {
    title: 'tags and zones',
    annotations: { 'additional-resource-tags': 'team=web', 'cross-zone-load-balancing-enabled': 'true' },
    expects: { tags: { team: 'web' }, attributes: { CrossZoneLoadBalancing: { Enabled: true } } },
  },
  {
    title: 'traffic that stays on its node',
    spec: (play) => ({ externalTrafficPolicy: 'Local', healthCheckNodePort: play.healthPort }),
    expects: (play) => ({ healthCheck: { Target: `HTTP:${play.healthPort}/healthz` } }),
  },
];

/** Annotations alone and together: created, found, deleted, nothing left. */
export const creations: readonly Scenario[] = [
  ...network.map((each): Scenario => scenarioOf({ ...each, kind: 'network' })),
  ...classic.map((each): Scenario => scenarioOf({ ...each, kind: 'classic' })),
];

function scenarioOf({ annotations, expects, kind, ports, spec, targetGroups, title }: Creation): Scenario {
  return {
    title: `${kind}: ${title}`,
    play: async (play) => {
      const given = <Value>(value: Value | ((play: Play) => Value)): Value =>
        typeof value === 'function' ? (value as (play: Play) => Value)(play) : value;
      await play.create({
        annotations: { ...(kind === 'network' ? { type: 'nlb' } : {}), ...annotations },
        ...(ports === undefined ? {} : { ports }),
        spec: given(spec ?? {}),
      });
      await play.untilThere(kind, given(expects), targetGroups?.(play));
      await play.delete();
    },
  };
}
