import type { Refusal, Service, ServicePort } from '@ccm-ts/cloud-provider';
import { refuseAnnotation } from '../../annotations.ts';
import type { HealthCheck, TargetAddressType } from '../../client/elbv2-port.ts';
import type { DesiredPort, ListenerProtocol } from './desired.ts';
import { targetGroupName, targetTypes } from './names.ts';
import type { NetworkSettings, TlsSettings } from './settings.ts';

interface PortInput {
  readonly settings: NetworkSettings;
  readonly healthCheck: HealthCheck;
  /** By which addresses nodes are reached. */
  readonly targets: TargetAddressType;
  /** Of the tags. */
  readonly clusterID: string;
}

/** The ports that have a node port; the others can't be reached. */
export function usablePorts({ spec }: Pick<Service, 'spec'>): readonly ServicePort[] {
  return spec.ports.filter(({ nodePort }) => nodePort !== 0);
}

/** One listener for each port number: TCP and UDP of one number share it, as AWS gives a port but one. */
export function choosePorts(
  service: Service,
  input: PortInput,
): { readonly kind: 'ports'; readonly ports: readonly DesiredPort[] } | Refusal {
  const { tls, targetGroupAttributes } = input.settings;
  const { annotations } = service.metadata;
  const usable = usablePorts(service);
  if (tls?.ports !== undefined && !usable.some((port) => isEncrypted(port, tls))) {
    return refuseAnnotation(annotations, 'ssl-ports', 'name a TCP port of the Service, by its name or number, or *');
  }
  const ports: DesiredPort[] = [];
  for (const group of Map.groupBy(usable, ({ port }) => port).values()) {
    const [first, ...others] = group;
    if (first === undefined) continue;
    const refused = refuseSharing(first, others, tls);
    if (refused !== undefined) return refused;
    ports.push(desirePort(service, first, { ...input, isShared: others.length > 0 }));
  }
  const udp = ports.find(({ protocol }) => protocol === 'UDP' || protocol === 'TCP_UDP');
  if (udp !== undefined && targetGroupAttributes['preserve_client_ip.enabled'] === 'false') {
    const fix = `AWS always preserves the addresses of clients for ${udp.protocol} (port ${udp.port}): leave preserve_client_ip.enabled out`;
    return refuseAnnotation(annotations, 'target-group-attributes', fix);
  }
  return { kind: 'ports', ports };
}

function refuseSharing(
  first: ServicePort,
  others: readonly ServicePort[],
  tls: TlsSettings | undefined,
): Refusal | undefined {
  const other = others.find(({ nodePort }) => nodePort !== first.nodePort);
  const field = `spec.ports[${first.port}]`;
  if (other !== undefined) {
    const value = `${first.protocol}:${first.nodePort}, ${other.protocol}:${other.nodePort}`;
    const fix = 'TCP and UDP of one port share a target group: give both the same nodePort';
    return { kind: 'refusal', reason: 'DifferentNodePorts', field: `${field}.nodePort`, value, fix };
  }
  if (others.length > 0 && [first, ...others].some((port) => isEncrypted(port, tls))) {
    const fix =
      'AWS can not serve UDP on a port that it decrypts: take the port out of ssl-ports, or move UDP to another';
    return { kind: 'refusal', reason: 'UnsupportedProtocol', field: `${field}.protocol`, value: 'TCP, UDP', fix };
  }
  return undefined;
}

function desirePort(
  service: Service,
  servicePort: ServicePort,
  { settings, healthCheck, targets, clusterID, isShared }: PortInput & { readonly isShared: boolean },
): DesiredPort {
  const { port, nodePort } = servicePort;
  const { namespace, name } = service.metadata;
  const encrypted = isEncrypted(servicePort, settings.tls) ? settings.tls : undefined;
  const plain: ListenerProtocol = isShared ? 'TCP_UDP' : servicePort.protocol === 'UDP' ? 'UDP' : 'TCP';
  const targetProtocol = encrypted?.backend ?? plain;
  return {
    port,
    nodePort,
    protocol: encrypted === undefined ? plain : 'TLS',
    tls: encrypted === undefined ? undefined : { certificateArn: encrypted.certificateArn, policy: encrypted.policy },
    targetProtocol,
    targets,
    targetGroup: targetGroupName({
      clusterID,
      namespace,
      name,
      port,
      nodePort,
      protocol: targetProtocol,
      targetType: targetTypes[targets],
      healthCheckProtocol: healthCheck.protocol,
      healthCheckIntervalSeconds: healthCheck.intervalSeconds,
    }),
    healthCheck,
  };
}

function isEncrypted({ protocol, name, port }: ServicePort, tls: TlsSettings | undefined): boolean {
  if (tls === undefined || protocol === 'UDP') return false;
  return tls.ports === undefined || tls.ports.includes(String(port)) || tls.ports.includes(name.toLowerCase());
}
