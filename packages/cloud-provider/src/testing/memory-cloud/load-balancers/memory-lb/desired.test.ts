import { describe, expect, it } from '@jest/globals';
import { balancerName, desire, internalAnnotation } from './desired.ts';
import { testBackend, testPort, testRequest, testService, testServiceUID } from './test-services.ts';

const facts = { networkID: 'net-main' };
const rangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges';

describe('balancerName', () => {
  it('is the letter a and the UID without dashes, cut to 32', () => {
    expect(balancerName(testServiceUID)).toBe('a0b9d2f1e5a7c4d3b9e8f11223344556');
    expect(balancerName(testServiceUID)).toHaveLength(32);
  });
});

describe('desire', () => {
  it('puts a Service into the terms of the cloud', () => {
    const service = testService({ ports: [testPort(), testPort({ protocol: 'UDP', port: 53, nodePort: 30_053 })] });
    const backends = [
      testBackend('n2', 'm-b'),
      testBackend('n1', 'm-a'),
      { ...testBackend('n3', 'x'), providerID: 'other://x' },
    ];
    expect(desire(testRequest({ service, backends }), facts)).toEqual({
      kind: 'desired',
      desired: {
        name: 'a0b9d2f1e5a7c4d3b9e8f11223344556',
        networkID: 'net-main',
        scheme: 'public',
        allowedRanges: ['0.0.0.0/0'],
        healthCheck: { protocol: 'http', port: 10_256, path: '/healthz' },
        listeners: [
          { protocol: 'TCP', port: 80, nodePort: 30_080, affinity: 'none' },
          { protocol: 'UDP', port: 53, nodePort: 30_053, affinity: 'none' },
        ],
        backends: ['m-a', 'm-b'],
        tags: {
          'ccm-ts/cluster-uid': 'cluster-blue',
          'kubernetes.io/service-uid': testServiceUID,
          'kubernetes.io/service-name': 'default/web',
        },
      },
    });
  });

  it.each([
    ['internal', {}, { annotations: { [internalAnnotation]: 'true' } }, { scheme: 'internal' }],
    ['client affinity', { sessionAffinity: 'ClientIP' }, {}, { listeners: [{ affinity: 'client-ip' }] }],
    [
      'local traffic',
      { externalTrafficPolicy: 'Local', healthCheckNodePort: 31_000 },
      {},
      { healthCheck: { port: 31_000 } },
    ],
    [
      'source ranges, canonical and each once',
      { loadBalancerSourceRanges: ['10.1.2.3/8', '10.0.0.0/8', '2001:db8::1/32'] },
      {},
      { allowedRanges: ['10.0.0.0/8', '2001:db8::/32'] },
    ],
    [
      'source ranges of the annotation',
      {},
      { annotations: { [rangesAnnotation]: ' 192.168.0.0/16 , 10.0.0.0/8' } },
      { allowedRanges: ['10.0.0.0/8', '192.168.0.0/16'] },
    ],
    [
      'source ranges of the spec before those of the annotation',
      { loadBalancerSourceRanges: ['10.0.0.0/8'] },
      { annotations: { [rangesAnnotation]: 'nonsense' } },
      { allowedRanges: ['10.0.0.0/8'] },
    ],
  ])('understands %s', (_, spec, metadata, expected) => {
    const answer = desire(testRequest({ service: testService(spec, metadata) }), facts);
    expect(answer).toMatchObject({ kind: 'desired', desired: expected });
  });

  it.each([
    ['SCTP', { ports: [testPort({ protocol: 'SCTP' })] }, {}, 'spec.ports[].protocol'],
    ['no node port', { ports: [testPort({ nodePort: 0 })] }, {}, 'spec.ports[].nodePort'],
    ['a bare address', { loadBalancerSourceRanges: ['10.0.0.1'] }, {}, 'spec.loadBalancerSourceRanges'],
    ['a trailing comma', {}, { annotations: { [rangesAnnotation]: '10.0.0.0/8,' } }, rangesAnnotation],
    ['a scheme that is none', {}, { annotations: { [internalAnnotation]: 'yes' } }, internalAnnotation],
  ])('refuses %s and names the field', (_, spec, metadata, field) => {
    const answer = desire(testRequest({ service: testService(spec, metadata) }), facts);
    expect(answer).toMatchObject({ kind: 'refusal', field });
  });
});
