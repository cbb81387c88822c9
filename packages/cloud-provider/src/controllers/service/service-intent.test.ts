import { describe, expect, it } from '@jest/globals';
import type { Service, ServiceSpec } from '../../api/service.ts';
import { groupAnnotation } from './group-record.ts';
import { type ServiceIntent, decideIntent, inputsFingerprint, unnamedClass } from './service-intent.ts';
import { testPort, testService } from './test-kind.ts';

const finalizer = 'service.kubernetes.io/load-balancer-cleanup';

function deleting(service: Service): Service {
  return { ...service, metadata: { ...service.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
}

describe('decideIntent', () => {
  const rows: readonly (readonly [string, Service, 'known' | 'unknown', ServiceIntent])[] = [
    ['LoadBalancer', testService('a'), 'unknown', 'wanted'],
    ['LoadBalancer with finalizer', testService('a', { finalizers: [finalizer] }), 'unknown', 'wanted'],
    ['ClusterIP', testService('a', { type: 'ClusterIP' }), 'unknown', 'ignored'],
    ['ClusterIP that was one of ours', testService('a', { type: 'ClusterIP' }), 'known', 'gone'],
    ['NodePort with finalizer', testService('a', { type: 'NodePort', finalizers: [finalizer] }), 'unknown', 'gone'],
    [
      'NodePort with another finalizer',
      testService('a', { type: 'NodePort', finalizers: ['other'] }),
      'unknown',
      'ignored',
    ],
    ['being deleted, with finalizer', deleting(testService('a', { finalizers: [finalizer] })), 'unknown', 'gone'],
    ['being deleted, without finalizer', deleting(testService('a', { finalizers: ['other'] })), 'unknown', 'ignored'],
    ['being deleted, known', deleting(testService('a', { finalizers: ['other'] })), 'known', 'gone'],
    ['another class', testService('a', { loadBalancerClass: 'x/y' }), 'unknown', 'ignored'],
    [
      'another class with the finalizer',
      testService('a', { loadBalancerClass: 'x/y', finalizers: [finalizer] }),
      'unknown',
      'ignored',
    ],
    ['a class of ours', testService('a', { loadBalancerClass: 'our/class' }), 'unknown', 'wanted'],
    ['another class that was ours', testService('a', { loadBalancerClass: 'x/y' }), 'known', 'gone'],
    [
      'another class, being deleted',
      deleting(testService('a', { loadBalancerClass: 'x/y', finalizers: [finalizer] })),
      'unknown',
      'ignored',
    ],
  ];
  it.each(rows)('%s (%#)', (_name, service, memory, expected) => {
    expect(
      decideIntent(service, {
        classes: { ...unnamedClass, names: ['our/class'] },
        finalizers: new Set([finalizer]),
        memory,
      }),
    ).toBe(expected);
  });
});

it('leaves Services without a class to others when told so', () => {
  const context = { finalizers: new Set([finalizer]), memory: 'unknown' as const };
  const classes = { names: ['our/class'], unnamed: 'others' as const };
  expect(decideIntent(testService('a', { finalizers: [finalizer] }), { ...context, classes })).toBe('ignored');
  expect(decideIntent(testService('a', { loadBalancerClass: 'our/class' }), { ...context, classes })).toBe('wanted');
});

describe('inputsFingerprint', () => {
  const base = testService('a', { annotations: { some: 'thing' } });
  const withSpec = (spec: Partial<ServiceSpec>): Service => ({ ...base, spec: { ...base.spec, ...spec } });
  const port = testPort(80);
  const relevant: readonly (readonly [string, Service])[] = [
    ['type', withSpec({ type: 'ClusterIP' })],
    ['ports', withSpec({ ports: [testPort(443)] })],
    ['one more port', withSpec({ ports: [port, testPort(443)] })],
    ['port name', withSpec({ ports: [{ ...port, name: 'x' }] })],
    ['protocol', withSpec({ ports: [{ ...port, protocol: 'UDP' }] })],
    ['node port', withSpec({ ports: [{ ...port, nodePort: 1 }] })],
    ['target port', withSpec({ ports: [{ ...port, targetPort: '8443' }] })],
    ['target port name', withSpec({ ports: [{ ...port, targetPort: 'https' }] })],
    ['application protocol', withSpec({ ports: [{ ...port, appProtocol: 'http' }] })],
    ['number of external addresses', withSpec({ externalIPs: ['1.1.1.1'] })],
    ['session affinity', withSpec({ sessionAffinity: 'ClientIP' })],
    ['session affinity time', withSpec({ sessionAffinityTimeout: 5 })],
    ['load balancer IP', withSpec({ loadBalancerIP: '1.1.1.1' })],
    ['source ranges', withSpec({ loadBalancerSourceRanges: ['10.0.0.0/8'] })],
    ['traffic policy', withSpec({ externalTrafficPolicy: 'Local' })],
    ['health check port', withSpec({ healthCheckNodePort: 1 })],
    ['one family more', withSpec({ ipFamilies: ['IPv4', 'IPv6'] })],
    ['class', withSpec({ loadBalancerClass: 'x/y' })],
    ['UID', { ...base, metadata: { ...base.metadata, uid: 'other' } }],
    ['an annotation', { ...base, metadata: { ...base.metadata, annotations: { some: 'other thing' } } }],
    ['one annotation more', { ...base, metadata: { ...base.metadata, annotations: { some: 'thing', more: '' } } }],
  ];
  it.each(relevant)('tells a change of %s', (_name, service) => {
    expect(inputsFingerprint(service, {})).not.toBe(inputsFingerprint(base, {}));
  });

  const irrelevant: readonly (readonly [string, Service])[] = [
    ['nothing', { ...base, metadata: { ...base.metadata } }],
    ['labels', { ...base, metadata: { ...base.metadata, labels: { a: 'b' } } }],
    ['finalizers', { ...base, metadata: { ...base.metadata, finalizers: ['x'] } }],
    ['resource version', { ...base, metadata: { ...base.metadata, resourceVersion: '7' } }],
    ['cluster IPs', withSpec({ clusterIPs: ['10.96.0.7'] })],
    [
      'status',
      { ...base, status: { conditions: [], loadBalancer: { ingress: [{ ip: '1.1.1.1', hostname: '', ipMode: '' }] } } },
    ],
    [
      'where the Service was written last',
      {
        ...base,
        metadata: {
          ...base.metadata,
          annotations: { some: 'thing', [groupAnnotation]: 'uid-of-a:test/shared' },
        },
      },
    ],
  ];
  it.each(irrelevant)('does not tell a change of %s', (_name, service) => {
    expect(inputsFingerprint(service, {})).toBe(inputsFingerprint(base, {}));
  });

  it('overlooks annotations of our own as long as they have our value', () => {
    const annotated = { ...base, metadata: { ...base.metadata, annotations: { some: 'thing', ours: '1' } } };
    expect(inputsFingerprint(annotated, { ours: '1' })).toBe(inputsFingerprint(base, { ours: '1' }));
    expect(inputsFingerprint(annotated, { ours: '2' })).not.toBe(inputsFingerprint(base, { ours: '2' }));
  });
});
