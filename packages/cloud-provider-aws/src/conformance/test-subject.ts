import type { ConformanceSubject, KindJourney } from '@ccm-ts/cloud-provider/conformance';
import { annotationPrefix, internalAnnotation, typeAnnotation } from '../annotations.ts';
import { awsCapabilities } from '../capabilities.ts';
import { permissions } from '../permissions.ts';
import { openAwsWorld } from './test-world.ts';

const internalAnnotations = { [internalAnnotation]: 'true' };

/** The annotations that AWS's load balancers have alone, by what follows the prefix. */
function annotated(values: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).map(([suffix, value]) => [annotationPrefix + suffix, value]));
}

function journey(name: string, ...steps: readonly Readonly<Record<string, string>>[]): KindJourney {
  return { name, steps: steps.map(annotated) };
}

const certificate = 'arn:aws:acm:eu-test-1:123456789012:certificate/one';
const oneSubnet = 'subnet-public-a';
const otherSubnets = 'subnet-public-b,subnet-public-c';

/** What both kinds have under the same annotations. */
const commonJourneys: readonly KindJourney[] = [
  journey('tags', { 'additional-resource-tags': 'team=one' }, { 'additional-resource-tags': 'team=two,more=yes' }),
  journey('attributes', {}, { 'cross-zone-load-balancing-enabled': 'true' }),
  journey('health check', {}, { 'healthcheck-healthy-threshold': '5', 'healthcheck-unhealthy-threshold': '5' }),
];

const networkJourneys: readonly KindJourney[] = [
  ...commonJourneys,
  journey('subnets', { subnets: oneSubnet }, { subnets: `${oneSubnet},${otherSubnets}` }),
  journey('target groups', {}, { 'target-group-attributes': 'preserve_client_ip.enabled=false' }),
  journey('tls', {}, { 'ssl-cert': certificate }),
];

const classicJourneys: readonly KindJourney[] = [
  ...commonJourneys,
  journey('subnets', { subnets: oneSubnet }, { subnets: otherSubnets }),
  journey('proxy protocol', {}, { 'proxy-protocol': '*' }, {}),
  journey('tls policy', { 'ssl-cert': certificate, 'ssl-negotiation-policy': 'ELBSecurityPolicy-TLS-1-2-2017-01' }),
  journey('security groups', {}, { 'extra-security-groups': 'sg-extra' }),
];

/** AWS on the in-memory account, as the conformance suite takes it. */
export const awsSubject: ConformanceSubject = {
  name: 'cloud-provider-aws',
  capabilities: awsCapabilities,
  permissions,
  unseenPermissions: {
    'ec2:CreateTags': 'nodes are tagged only where the flags of the tagging controller ask for it',
    'ec2:DeleteTags': 'nodes are tagged only where the flags of the tagging controller ask for it',
    'sts:AssumeRole': 'the in-memory account asks for no credentials',
    'ec2:DescribeNetworkInterfaces': 'only nodes on Fargate are looked up by address',
    'elasticloadbalancing:SetIpAddressType': 'the families of a Service are not changed',
    'elasticloadbalancing:SetSecurityGroups': 'only clusters with NLBSecurityGroupMode = Managed have them',
  },
  loadBalancers: [
    {
      name: 'network',
      annotations: { [typeAnnotation]: 'nlb' },
      internalAnnotations,
      journeys: networkJourneys,
      capabilities: awsCapabilities.loadBalancers,
    },
    {
      name: 'classic',
      annotations: {},
      internalAnnotations,
      journeys: classicJourneys,
      capabilities: ['tcp', 'internal', 'source-ranges'],
    },
  ],
  open: async () => openAwsWorld().world,
};
