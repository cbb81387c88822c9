import type { Refusal, Service } from '@ccm-ts/cloud-provider';
import { refuseAnnotation } from '../../annotations.ts';
import { awsAnnotations } from '../../annotations/aws-annotations.ts';
import type { ClassicHealthCheck } from '../../client/classic-elb-port.ts';
import type { ClusterHealthProbe } from '../../config/cloud-config.ts';

export type ChosenCheck = { readonly kind: 'health-check'; readonly check: ClassicHealthCheck } | Refusal;

type NumberField = Exclude<keyof ClassicHealthCheck, 'target'>;

const numberFields = [
  ['healthyThreshold', 'healthcheck-healthy-threshold'],
  ['unhealthyThreshold', 'healthcheck-unhealthy-threshold'],
  ['timeoutSeconds', 'healthcheck-timeout'],
  ['intervalSeconds', 'healthcheck-interval'],
] as const satisfies readonly (readonly [NumberField, string])[];

/** The Go manager's health check (v1.36): defaults for the traffic policy, then what annotations that fit say. */
export function chooseClassicHealthCheck(
  { metadata, spec }: Pick<Service, 'metadata' | 'spec'>,
  firstNodePort: number,
  probe: ClusterHealthProbe,
): ChosenCheck {
  const { annotations } = metadata;
  const base = chooseDefaults({ metadata, spec }, firstNodePort, probe);
  const protocol = awsAnnotations.read(annotations, 'healthcheck-protocol') ?? base.protocol;
  const portText = awsAnnotations.read(annotations, 'healthcheck-port') ?? 'traffic-port';
  const port = portText === 'traffic-port' ? base.port : Number(portText);
  const hasPath = protocol === 'HTTP' || protocol === 'HTTPS';
  const path = hasPath ? awsAnnotations.read(annotations, 'healthcheck-path') || base.path || '/' : '';
  if (path !== '' && (!path.startsWith('/') || path.length > 1024)) {
    return refuseAnnotation(annotations, 'healthcheck-path', 'write a path that begins with /');
  }
  const numbers = { healthyThreshold: 2, unhealthyThreshold: 6, timeoutSeconds: 5, intervalSeconds: 10 };
  for (const [field, name] of numberFields) numbers[field] = awsAnnotations.read(annotations, name) ?? numbers[field];
  return { kind: 'health-check', check: { target: `${protocol}:${port}${path}`, ...numbers } };
}

function chooseDefaults(
  { metadata, spec }: Pick<Service, 'metadata' | 'spec'>,
  firstNodePort: number,
  probe: ClusterHealthProbe,
): { readonly protocol: string; readonly port: number; readonly path: string } {
  const { annotations } = metadata;
  if (spec.externalTrafficPolicy === 'Local') {
    const isTrafficPort = awsAnnotations.read(annotations, 'healthcheck-port') === 'traffic-port';
    return { protocol: 'HTTP', port: isTrafficPort ? firstNodePort : spec.healthCheckNodePort, path: '/healthz' };
  }
  if (probe.kind === 'shared') return { protocol: 'HTTP', port: probe.port, path: probe.path };
  const backend = (annotations[awsAnnotations.keyOf('backend-protocol')] ?? '').toLowerCase();
  return { protocol: backend === 'https' || backend === 'ssl' ? 'SSL' : 'TCP', port: firstNodePort, path: '' };
}
