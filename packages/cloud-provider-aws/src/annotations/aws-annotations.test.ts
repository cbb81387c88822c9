import { describe, expect, it } from '@jest/globals';
import { type AnyAnnotationRegistry, describeAnnotationFinding } from '@ccm-ts/cloud-provider';
import { annotationPrefix } from '../annotations.ts';
import { awsAnnotations, judgeAwsAnnotations } from './aws-annotations.ts';

type Written = Readonly<Record<string, string>>;

const registry: AnyAnnotationRegistry = awsAnnotations;
const keyed = (written: Written): Record<string, string> =>
  Object.fromEntries(Object.entries(written).map(([name, value]) => [registry.keyOf(name), value]));
const findings = (written: Written, former?: Written): string[] =>
  awsAnnotations
    .judge(keyed(written), former && keyed(former))
    .map(({ kind, effect, annotation }) => `${effect} ${kind} ${annotation.replace(annotationPrefix, '')}`);

describe('annotations of AWS load balancers', () => {
  it.each([
    ['nlb', 'network'],
    ['external', undefined],
    ['nlb-ip', undefined],
    // Anything but the known words means a classic load balancer, as in the Go manager.
    ['NLB', 'classic'],
    ['', 'classic'],
  ])('of the type %j ask for %s', (type, kind) => {
    expect(awsAnnotations.kindOf(keyed({ type }))).toBe(kind);
  });

  it.each([
    ['true', true, []],
    ['0.0.0.0/0', true, []],
    ['False', true, ['warned invalid internal']],
    ['false', false, []],
    ['', false, []],
  ])('internal %j: %s', (internal, expected, told) => {
    expect(awsAnnotations.read(keyed({ internal }), 'internal')).toBe(expected);
    expect(findings({ internal })).toEqual(told);
  });

  it.each<[string, Written, string[]]>([
    ['examples on classic load balancers', examples('classic'), []],
    ['examples on network load balancers', examples('network'), []],
    ['another controller', { type: 'external', scheme: 'x', intrnal: 'x', internal: 'False' }, []],
    ['its annotations here', { scheme: 'internal' }, ['warned unsupported scheme']],
    ['a typo', { intrnal: 'true' }, ['warned unknown intrnal']],
    [
      'a typo in the prefix',
      { 'service.beta.kubernetes.io/aws-loadbalancer-internal': 'true' },
      ['warned unknown service.beta.kubernetes.io/aws-loadbalancer-internal'],
    ],
    [
      'what only the other kind has',
      { type: 'nlb', 'connection-idle-timeout': 'x' },
      ['warned unsupported connection-idle-timeout'],
    ],
    ['what AWS refuses', { 'connection-idle-timeout': '4001' }, ['refused invalid connection-idle-timeout']],
    ['limits of the kind', { type: 'nlb', 'healthcheck-timeout': '61' }, []],
    [
      'limits of the other kind',
      { 'healthcheck-timeout': '61', 'healthcheck-interval': '100' },
      ['refused invalid healthcheck-timeout'],
    ],
    [
      'a time-out as long as the interval',
      { 'healthcheck-timeout': '10' },
      ['refused contradictory healthcheck-timeout'],
    ],
    ['TLS without a certificate', { 'ssl-ports': '443' }, ['warned ignored ssl-ports']],
    ['a certificate that is none', { 'ssl-cert': 'mine' }, ['warned invalid ssl-cert']],
    ['a bucket and no logs', { 'access-log-s3-bucket-name': 'b' }, ['warned ignored access-log-s3-bucket-name']],
    ['a bucket for later', { 'access-log-s3-bucket-name': 'b', 'access-log-enabled': 'false' }, []],
    ['logs and no bucket', { 'access-log-enabled': '1' }, ['refused contradictory access-log-s3-bucket-name']],
    ['keys of AWS', { 'additional-resource-tags': 'a=b, AWS:x=y' }, ['refused invalid additional-resource-tags']],
    [
      'an HTTP backend of a network load balancer',
      { type: 'nlb', 'backend-protocol': 'http' },
      ['warned invalid backend-protocol'],
    ],
    ['a path of TCP', { 'healthcheck-protocol': 'tcp', 'healthcheck-path': '/' }, ['warned ignored healthcheck-path']],
    ['a path that is none', { 'healthcheck-path': 'ready' }, ['warned invalid healthcheck-path']],
    ['a path without end', { 'healthcheck-path': `/${'x'.repeat(1024)}` }, ['warned invalid healthcheck-path']],
    ['the port of the traffic', { 'healthcheck-port': ' traffic-port ' }, []],
    ['a port beyond', { 'healthcheck-port': '65536' }, ['refused invalid healthcheck-port']],
    ['no port', { 'healthcheck-port': '' }, ['refused invalid healthcheck-port']],
    ['no port, of a network load balancer', { type: 'nlb', 'healthcheck-port': '' }, []],
    [
      '5 or 60',
      { 'access-log-enabled': 'false', 'access-log-emit-interval': '6' },
      ['refused invalid access-log-emit-interval'],
    ],
  ])('are judged: %s', (_name, written, expected) => {
    expect(findings(written)).toEqual(expected);
  });

  it('tell of changes that come too late', () => {
    expect(findings({ type: 'nlb', internal: 'true' }, { type: 'nlb' })).toEqual(['warned late internal']);
    expect(findings({ type: 'nlb', internal: 'true' }, {})).toEqual([]);
  });

  it('say what was probably meant', () => {
    const [typo] = awsAnnotations.judge(keyed({ 'heathcheck-intervall': '7' }));
    expect(typo && describeAnnotationFinding(typo)).toBe(
      `${annotationPrefix}heathcheck-intervall: "7" has no effect, as there is no such annotation: did you mean ${annotationPrefix}healthcheck-interval?`,
    );
  });

  it('are refused for the first that can not be had, and otherwise give what users should know', () => {
    expect(judgeAwsAnnotations(keyed({ intrnal: 'x', 'proxy-protocol': 'v2' }))).toMatchObject({
      kind: 'refusal',
      field: `${annotationPrefix}proxy-protocol`,
      value: 'v2',
    });
    expect(judgeAwsAnnotations(keyed({ intrnal: 'x' }))).toMatchObject({
      kind: 'fit',
      remarks: [{ reason: 'UnknownAnnotation' }],
    });
  });
});

/** All examples that a kind has a place for, as far as they go together. */
function examples(kind: 'classic' | 'network'): Written {
  const all = Object.entries(registry.definition.annotations).filter(
    ([, { format, on }]) => !('kind' in (on?.[kind] ?? format)),
  );
  const written: Record<string, string> = Object.fromEntries(all.map(([name, { example }]) => [name, example]));
  if (kind === 'classic') delete written.type;
  // Those of internal load balancers and public ones.
  else delete written['eip-allocations'];
  if (kind === 'network') written['backend-protocol'] = 'ssl';
  return written;
}
