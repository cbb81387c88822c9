import { describe, expect, it } from '@jest/globals';
import { annotationPrefix, typeAnnotation } from '../../annotations.ts';
import { judgeAwsAnnotations } from '../../annotations/aws-annotations.ts';
import type { HealthCheck } from '../../client/elbv2-port.ts';
import type { ClusterHealthProbe } from '../../config/cloud-config.ts';
import { testService } from '../../testing/services.ts';
import { chooseHealthCheck } from './health-check.ts';

type Written = Readonly<Record<string, string>>;

const nodePort: ClusterHealthProbe = { kind: 'node-port' };
const shared: ClusterHealthProbe = { kind: 'shared', port: 10256, path: '/healthz' };

function choose(written: Written, probe = nodePort, policy: 'Cluster' | 'Local' = 'Cluster') {
  const annotations = Object.fromEntries(
    Object.entries(written).map(([suffix, value]) => [`${annotationPrefix}healthcheck-${suffix}`, value]),
  );
  const spec = policy === 'Local' ? { externalTrafficPolicy: policy, healthCheckNodePort: 31000 } : {};
  annotations[typeAnnotation] = 'nlb';
  const judged = judgeAwsAnnotations(annotations);
  return judged.kind === 'refusal' ? judged : chooseHealthCheck({ service: testService({ annotations, spec }) }, probe);
}

const tcp: HealthCheck = {
  protocol: 'TCP',
  port: 'traffic-port',
  path: '',
  intervalSeconds: 30,
  healthyThreshold: 3,
  unhealthyThreshold: 3,
};
const local: HealthCheck = {
  protocol: 'HTTP',
  port: '31000',
  path: '/healthz',
  intervalSeconds: 10,
  healthyThreshold: 2,
  unhealthyThreshold: 2,
};

describe('health checks', () => {
  it.each<[string, Written, ClusterHealthProbe, 'Cluster' | 'Local', HealthCheck]>([
    ['of all nodes', {}, nodePort, 'Cluster', tcp],
    ['of the nodes with endpoints', {}, nodePort, 'Local', local],
    ['that Services share', {}, shared, 'Cluster', { ...tcp, protocol: 'HTTP', port: '10256', path: '/healthz' }],
    ['of Local are never shared', {}, shared, 'Local', local],
    // The Go manager overrides all three in this mode.
    [
      'whose annotations win over the shared probe',
      { protocol: 'tcp', port: '8080' },
      shared,
      'Cluster',
      { ...tcp, port: '8080' },
    ],
    ['by HTTP without a path', { protocol: 'HTTP' }, nodePort, 'Cluster', { ...tcp, protocol: 'HTTP', path: '/' }],
    [
      'by TCP have no path',
      { protocol: 'TCP', path: '/x' },
      nodePort,
      'Local',
      { ...local, protocol: 'TCP', path: '' },
    ],
    [
      'with everything said',
      {
        protocol: 'https',
        port: '1',
        path: '/p',
        interval: '5',
        timeout: '2',
        'healthy-threshold': '10',
        'unhealthy-threshold': '2',
      },
      nodePort,
      'Cluster',
      {
        protocol: 'HTTPS',
        port: '1',
        path: '/p',
        intervalSeconds: 5,
        timeoutSeconds: 2,
        healthyThreshold: 10,
        unhealthyThreshold: 2,
      },
    ],
  ])('%s', (_name, written, probe, policy, check) => {
    expect(choose(written, probe, policy)).toEqual({ kind: 'health-check', check });
  });

  it.each<[string, string[]]>([
    ['protocol', ['UDP', 'SSL']],
    ['port', ['0', '65536', 'http']],
    ['interval', ['4', '301', '10s', '']],
    ['timeout', ['1', '121', '-1']],
    ['healthy-threshold', ['1', '11', 'x']],
    ['unhealthy-threshold', ['1', '11', '2.5']],
  ])('with a %s of none of %j are refused by name', (suffix, values) => {
    for (const value of values) {
      expect(choose({ [suffix]: value })).toMatchObject({
        kind: 'refusal',
        field: `${annotationPrefix}healthcheck-${suffix}`,
        value,
      });
    }
  });

  it('by HTTP with a path that is none are refused', () => {
    expect(choose({ protocol: 'HTTP', path: 'healthz' })).toMatchObject({ kind: 'refusal', value: 'healthz' });
  });
});
