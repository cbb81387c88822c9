import type { Scenario } from './play.ts';

/** A Service that can not be had, what has to be named in its Event, and what mends it. */
interface Refusal {
  readonly title: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: object;
  /** The field, its value, or the code of AWS. */
  readonly tells: readonly string[];
  readonly mend: { readonly annotations?: Readonly<Record<string, string | undefined>>; readonly spec?: object };
  readonly kind: 'classic' | 'network';
}

const missing = 'subnet-0123456789abcdef0';

const refused: readonly Refusal[] = [
  {
    title: 'an unknown subnet',
    kind: 'network',
    annotations: { subnets: missing },
    tells: ['aws-load-balancer-subnets', missing],
    mend: { annotations: { subnets: 'public-a' } },
  },
  {
    title: 'two subnets of one zone',
    kind: 'network',
    annotations: { subnets: 'public-a,private-a' },
    tells: ['aws-load-balancer-subnets', 'one subnet for each zone'],
    mend: { annotations: { subnets: 'public-a,public-b' } },
  },
  {
    title: 'fewer addresses than subnets',
    kind: 'network',
    annotations: { subnets: 'public-a,public-b', 'eip-allocations': '{{eip:b}}' },
    tells: ['aws-load-balancer-eip-allocations', 'one for each of the 2 subnets'],
    mend: { annotations: { subnets: 'public-b' } },
  },
  {
    title: 'a private address of another subnet',
    kind: 'network',
    annotations: { internal: 'true', subnets: 'private-a', 'private-ipv4-addresses': '10.0.11.98' },
    tells: ['private-ipv4-addresses', '10.0.11.98'],
    mend: { annotations: { 'private-ipv4-addresses': '10.0.10.98' } },
  },
  {
    title: 'an interval of health checks beyond its limit',
    kind: 'network',
    annotations: { 'healthcheck-interval': '301' },
    tells: ['healthcheck-interval', '301'],
    mend: { annotations: { 'healthcheck-interval': '300' } },
  },
  {
    title: 'an unknown attribute of target groups',
    kind: 'network',
    annotations: { 'target-group-attributes': 'stickiness.enabled=true' },
    tells: ['target-group-attributes', 'stickiness.enabled'],
    mend: { annotations: { 'target-group-attributes': undefined } },
  },
  {
    title: 'a port of TLS that there is not',
    kind: 'network',
    annotations: { 'ssl-cert': '{{cert:1}}', 'ssl-ports': '8443' },
    tells: ['ssl-ports', '8443'],
    mend: { annotations: { 'ssl-ports': '80' } },
  },
  {
    title: 'extra groups on a network load balancer',
    kind: 'network',
    annotations: { 'extra-security-groups': '{{sg:extra-1}}' },
    tells: ['extra-security-groups'],
    mend: { annotations: { 'extra-security-groups': undefined } },
  },
  {
    title: 'affinity of sessions',
    kind: 'network',
    spec: { sessionAffinity: 'ClientIP' },
    tells: ['sessionAffinity', 'ClientIP'],
    mend: { spec: { sessionAffinity: 'None' } },
  },
  {
    title: 'an address that AWS can not give',
    kind: 'classic',
    spec: { loadBalancerIP: '192.0.2.7' },
    tells: ['loadBalancerIP', '192.0.2.7'],
    mend: { spec: { loadBalancerIP: null } },
  },
  {
    title: 'attributes of target groups on a classic load balancer',
    kind: 'classic',
    annotations: { 'target-group-attributes': 'preserve_client_ip.enabled=false' },
    tells: ['target-group-attributes'],
    mend: { annotations: { 'target-group-attributes': undefined } },
  },
  {
    title: 'an unknown security group',
    kind: 'classic',
    annotations: { 'security-groups': 'sg-0123456789abcdef0' },
    tells: ['sg-0123456789abcdef0', 'aws-load-balancer-security-groups'],
    mend: { annotations: { 'security-groups': '{{sg:byo-2}}' } },
  },
  {
    title: 'a healthy threshold of garbage',
    kind: 'classic',
    annotations: { 'healthcheck-healthy-threshold': 'often' },
    tells: ['healthcheck-healthy-threshold', 'often'],
    mend: { annotations: { 'healthcheck-healthy-threshold': '2' } },
  },
  {
    title: 'UDP on a classic load balancer',
    kind: 'classic',
    spec: { ports: [{ name: 'p0', port: 53, protocol: 'UDP' }] },
    tells: ['UDP'],
    mend: { annotations: { type: 'nlb' } },
  },
];

/** Wishes that are refused by an Event, and granted when they are mended. */
export const refusals: readonly Scenario[] = refused.map(({ annotations, kind, mend, spec, tells, title }) => ({
  title: `refused: ${title}`,
  play: async (play) => {
    const type: Readonly<Record<string, string>> = kind === 'network' ? { type: 'nlb' } : {};
    await play.create({ annotations: { ...type, ...annotations }, spec: spec ?? {} });
    await play.untilTold('Warning', ...tells);
    if (mend.annotations !== undefined) await play.annotate(mend.annotations);
    if (mend.spec !== undefined) await play.edit({ spec: mend.spec });
    await play.untilThere(mend.annotations?.['type'] === 'nlb' ? 'network' : kind, {});
    await play.delete();
  },
}));
