import {
  type AnnotationCondition,
  type AnnotationRule,
  type Annotations,
  type Refusal,
  type Remark,
  defineAnnotations,
  goTruthPattern,
  notBlank,
  notEmpty,
  refusalOfFindings,
  remarksOf,
} from '@ccm-ts/cloud-provider';
import { annotationPrefix } from '../annotations.ts';
import { attributeAnnotations } from './attribute-annotations.ts';
import type { LoadBalancerKindName } from './kind-names.ts';
import { placementAnnotations } from './placement-annotations.ts';
import { trafficAnnotations } from './traffic-annotations.ts';

export type { Annotations };

const annotations = { ...placementAnnotations, ...trafficAnnotations, ...attributeAnnotations };

type Name = keyof typeof annotations;
type Condition = AnnotationCondition<Name>;

const matches = (annotation: Name, pattern: string): Condition => ({ kind: 'matches', annotation, pattern });
const isGiven = (annotation: Name): Condition => matches(annotation, String.raw`[^, \t\r\n]`);
const isAbsent = (annotation: Name): Condition => ({ kind: 'absent', annotation });
const not = (condition: Condition): Condition => ({ kind: 'not', condition });
const all = (...conditions: readonly Condition[]): Condition => ({ kind: 'all', conditions });
const isInternal = all(matches('internal', notEmpty), not(matches('internal', '^false$')));

const both: readonly LoadBalancerKindName[] = ['classic', 'network'];
const classic: readonly LoadBalancerKindName[] = ['classic'];
const network: readonly LoadBalancerKindName[] = ['network'];

/** An annotation that only counts beside another one. */
function needs(about: Name, kinds: readonly LoadBalancerKindName[], other: Name, condition: Condition): Rule {
  const fix = `it only counts with ${annotationPrefix}${other}: add that, or remove it`;
  return { about, kinds, finding: 'ignored', effect: 'warned', when: all(isGiven(about), condition), fix };
}

type Rule = AnnotationRule<LoadBalancerKindName, Name>;

const rules: readonly Rule[] = [
  {
    about: 'access-log-s3-bucket-name',
    kinds: both,
    finding: 'contradictory',
    effect: 'refused',
    when: all(matches('access-log-enabled', goTruthPattern), not(matches('access-log-s3-bucket-name', notEmpty))),
    fix: 'name the bucket that the logs go to',
  },
  {
    about: 'eip-allocations',
    kinds: network,
    finding: 'contradictory',
    effect: 'refused',
    when: all(isGiven('eip-allocations'), isInternal),
    fix: 'an internal load balancer has no public addresses: remove it, or make the load balancer public',
  },
  {
    about: 'private-ipv4-addresses',
    kinds: network,
    finding: 'contradictory',
    effect: 'refused',
    when: all(isGiven('private-ipv4-addresses'), not(isInternal)),
    fix: 'only internal load balancers can be given their private addresses: remove it, or add the annotation for internal',
  },
  {
    about: 'healthcheck-timeout',
    kinds: classic,
    finding: 'contradictory',
    effect: 'refused',
    when: {
      kind: 'atLeast',
      left: { annotation: 'healthcheck-timeout', otherwise: 5 },
      right: { annotation: 'healthcheck-interval', otherwise: 10 },
    },
    fix: 'the time-out (5 seconds where none is written) must be shorter than the interval (10 seconds where none is written)',
  },
  {
    about: 'additional-resource-tags',
    kinds: both,
    finding: 'invalid',
    effect: 'refused',
    when: matches('additional-resource-tags', String.raw`(?:^|,)[ \t\r\n]*[Aa][Ww][Ss]:`),
    fix: 'AWS keeps keys that begin with aws: to itself: choose another key',
  },
  {
    about: 'healthcheck-path',
    kinds: both,
    finding: 'ignored',
    effect: 'warned',
    when: all(
      matches('healthcheck-path', notEmpty),
      matches('healthcheck-protocol', String.raw`^[ \t\r\n]*(?:[Tt][Cc][Pp]|[Ss][Ss][Ll])[ \t\r\n]*$`),
    ),
    fix: 'only HTTP and HTTPS checks have a path: remove it, or choose another protocol',
  },
  needs('ssl-ports', both, 'ssl-cert', not(matches('ssl-cert', notBlank))),
  needs('ssl-negotiation-policy', both, 'ssl-cert', not(matches('ssl-cert', notBlank))),
  needs(
    'backend-protocol',
    network,
    'ssl-cert',
    all(matches('backend-protocol', '^ssl$'), not(matches('ssl-cert', notBlank))),
  ),
  // Who writes that it is off keeps the rest for later.
  needs('access-log-s3-bucket-name', both, 'access-log-enabled', isAbsent('access-log-enabled')),
  needs('access-log-emit-interval', classic, 'access-log-enabled', isAbsent('access-log-enabled')),
  needs('connection-draining-timeout', classic, 'connection-draining-enabled', isAbsent('connection-draining-enabled')),
];

/** Annotations of the AWS Load Balancer Controller, for which this manager has no use. */
const elsewhere = [
  'alpn-policy',
  'attributes',
  'healthcheck-success-codes',
  'inbound-sg-rules-on-private-link-traffic',
  'ip-address-type',
  'ipv6-addresses',
  'manage-backend-security-group-rules',
  'multi-cluster-target-group',
  'name',
  'nlb-target-type',
  'scheme',
  'security-group-prefix-lists',
];

/** Everything that the provider reads from annotations of Services. */
export const awsAnnotations = defineAnnotations({
  owner: 'aws',
  prefix: annotationPrefix,
  territory: String.raw`^(?:[a-z0-9-]+\.)*kubernetes\.io/aws-`,
  kinds: ['classic', 'network'],
  kindChoice: {
    by: 'type',
    values: { nlb: 'network', external: undefined, 'nlb-ip': undefined },
    otherwise: 'classic',
  },
  annotations,
  rules,
  elsewhere: {
    names: elsewhere,
    fix: 'the AWS Load Balancer Controller reads it, and this manager does not: remove it, or leave the Service to that controller',
  },
});

/** What the annotations of a Service amount to: a refusal, or what its user should know. Pure. */
export function judgeAwsAnnotations(
  written: Annotations,
): Refusal | { readonly kind: 'fit'; readonly remarks: readonly Remark[] } {
  const findings = awsAnnotations.judge(written);
  return refusalOfFindings(findings) ?? { kind: 'fit', remarks: remarksOf(findings) };
}
