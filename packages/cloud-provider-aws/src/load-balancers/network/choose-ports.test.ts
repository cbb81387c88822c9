import type { ServicePort } from '@ccm-ts/cloud-provider';
import { describe, expect, it } from '@jest/globals';
import { annotationPrefix } from '../../annotations.ts';
import { tcpPort, testService } from '../../testing/services.ts';
import { choosePorts } from './choose-ports.ts';
import { readNetworkSettings } from './settings.ts';

const healthCheck = {
  protocol: 'TCP',
  port: 'traffic-port',
  path: '',
  intervalSeconds: 30,
  healthyThreshold: 3,
  unhealthyThreshold: 3,
};

function choose(ports: readonly ServicePort[], written: Readonly<Record<string, string>> = {}) {
  const annotations = Object.fromEntries(
    Object.entries({ type: 'nlb', ...written }).map(([suffix, value]) => [annotationPrefix + suffix, value]),
  );
  const settings = readNetworkSettings(annotations);
  const service = testService({ annotations, spec: { ports: [...ports] } });
  return choosePorts(service, { settings, healthCheck, targets: 'ipv4', clusterID: 'judge' });
}

const udpPort = (port: number, nodePort: number): ServicePort => ({ ...tcpPort(port, nodePort), protocol: 'UDP' });
const tls = { 'ssl-cert': 'arn:1' };

describe('listeners and target groups', () => {
  // The names are those of the Go manager, from runs of it.
  it.each<[string, readonly ServicePort[], Readonly<Record<string, string>>, readonly object[]]>([
    [
      'TCP',
      [tcpPort(80, 30080)],
      {},
      [{ protocol: 'TCP', targetProtocol: 'TCP', targetGroup: 'k8s-default-web-c527315ba2' }],
    ],
    [
      'UDP',
      [udpPort(53, 30053)],
      {},
      [{ protocol: 'UDP', targetProtocol: 'UDP', targetGroup: 'k8s-default-web-aef7fe549c' }],
    ],
    [
      'UDP and TCP of different ports',
      [udpPort(53, 30053), tcpPort(80, 30080)],
      {},
      [
        { port: 53, protocol: 'UDP' },
        { port: 80, protocol: 'TCP' },
      ],
    ],
    [
      'UDP and TCP of one port',
      [udpPort(53, 30053), tcpPort(53, 30053)],
      {},
      [{ port: 53, protocol: 'TCP_UDP', targetProtocol: 'TCP_UDP' }],
    ],
    [
      'TLS on all TCP ports',
      [tcpPort(443, 30443), udpPort(53, 30053)],
      tls,
      [
        {
          protocol: 'TLS',
          targetProtocol: 'TCP',
          targetGroup: 'k8s-default-web-b5fed2a81a',
          tls: { certificateArn: 'arn:1', policy: '' },
        },
        { protocol: 'UDP', tls: undefined },
      ],
    ],
    [
      // The Go manager serves these in clear.
      'TLS on a port whose name is written with blanks and in upper case',
      [tcpPort(80, 30080), tcpPort(443, 30443)],
      { ...tls, 'ssl-ports': ' 8443 , P443' },
      [{ protocol: 'TCP' }, { protocol: 'TLS' }],
    ],
    [
      'TLS to the nodes as well',
      [tcpPort(443, 30443)],
      { ...tls, 'backend-protocol': 'ssl' },
      [{ protocol: 'TLS', targetProtocol: 'TLS' }],
    ],
  ])('%s', (_name, ports, written, expected) => {
    expect(choose(ports, written)).toMatchObject({ kind: 'ports', ports: expected });
  });

  it.each<[string, readonly ServicePort[], Readonly<Record<string, string>>, object]>([
    [
      'ports to encrypt that the Service does not have',
      [tcpPort(80, 30080)],
      { ...tls, 'ssl-ports': 'https' },
      { field: `${annotationPrefix}ssl-ports`, value: 'https' },
    ],
    [
      'UDP next to TLS',
      [tcpPort(443, 30443), udpPort(443, 30443)],
      tls,
      { reason: 'UnsupportedProtocol', field: 'spec.ports[443].protocol' },
    ],
    [
      'UDP next to TCP at another node port',
      [tcpPort(53, 30053), udpPort(53, 30054)],
      {},
      { reason: 'DifferentNodePorts', value: 'TCP:30053, UDP:30054' },
    ],
    [
      'hiding the clients of UDP',
      [udpPort(53, 30053)],
      { 'target-group-attributes': 'preserve_client_ip.enabled=false' },
      { field: `${annotationPrefix}target-group-attributes` },
    ],
  ])('refuse %s', (_name, ports, written, refusal) => {
    expect(choose(ports, written)).toMatchObject({ kind: 'refusal', ...refusal });
  });
});
