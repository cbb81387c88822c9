import type { Refusal, Service } from '@ccm-ts/cloud-provider';
import { annotationValue, refuseAnnotation } from '../../annotations.ts';
import type { ClassicHealthCheck } from '../../client/classic-elb-port.ts';
import type { ClusterHealthProbe } from '../../config/cloud-config.ts';

export type ChosenCheck = { readonly kind: 'health-check'; readonly check: ClassicHealthCheck } | Refusal;

type NumberField = Exclude<keyof ClassicHealthCheck, 'target'>;

/** With the limits of ConfigureHealthCheck (API version 2012-06-01). */
const numberFields: readonly (readonly [NumberField, string, number, number])[] = [
  ['healthyThreshold', 'healthcheck-healthy-threshold', 2, 10],
  ['unhealthyThreshold', 'healthcheck-unhealthy-threshold', 2, 10],
  ['timeoutSeconds', 'healthcheck-timeout', 2, 60],
  ['intervalSeconds', 'healthcheck-interval', 5, 300],
];

/** The Go manager's health check (v1.36): defaults for the traffic policy, then what the annotations say. */
export function chooseClassicHealthCheck(
  { metadata, spec }: Pick<Service, 'metadata' | 'spec'>,
  firstNodePort: number,
  probe: ClusterHealthProbe,
): ChosenCheck {
  const { annotations } = metadata;
  const base = chooseDefaults({ metadata, spec }, firstNodePort, probe);
  const protocol = (annotationValue(annotations, 'healthcheck-protocol') ?? base.protocol).trim().toUpperCase();
  if (!['TCP', 'SSL', 'HTTP', 'HTTPS'].includes(protocol)) {
    return refuseAnnotation(annotations, 'healthcheck-protocol', 'write TCP, SSL, HTTP or HTTPS');
  }
  const portText = (annotationValue(annotations, 'healthcheck-port') ?? 'traffic-port').trim();
  if (portText !== 'traffic-port' && !isWithin(portText, 1, 65_535)) {
    return refuseAnnotation(annotations, 'healthcheck-port', 'write a port from 1 to 65535, or traffic-port');
  }
  const port = portText === 'traffic-port' ? base.port : Number(portText);
  const hasPath = protocol === 'HTTP' || protocol === 'HTTPS';
  const path = hasPath ? annotationValue(annotations, 'healthcheck-path') || base.path || '/' : '';
  if (path !== '' && (!path.startsWith('/') || path.length > 1024)) {
    return refuseAnnotation(annotations, 'healthcheck-path', 'write a path that begins with /');
  }
  const numbers = { healthyThreshold: 2, unhealthyThreshold: 6, timeoutSeconds: 5, intervalSeconds: 10 };
  for (const [field, suffix, min, max] of numberFields) {
    const text = annotationValue(annotations, suffix);
    if (text === undefined) continue;
    if (!isWithin(text, min, max)) return refuseAnnotation(annotations, suffix, `write a number from ${min} to ${max}`);
    numbers[field] = Number(text);
  }
  if (numbers.timeoutSeconds >= numbers.intervalSeconds) {
    const fix = `the time-out must be shorter than the interval, which is ${numbers.intervalSeconds} seconds`;
    return refuseAnnotation(annotations, 'healthcheck-timeout', fix);
  }
  return { kind: 'health-check', check: { target: `${protocol}:${port}${path}`, ...numbers } };
}

function chooseDefaults(
  { metadata, spec }: Pick<Service, 'metadata' | 'spec'>,
  firstNodePort: number,
  probe: ClusterHealthProbe,
): { readonly protocol: string; readonly port: number; readonly path: string } {
  const { annotations } = metadata;
  if (spec.externalTrafficPolicy === 'Local') {
    const isTrafficPort = annotationValue(annotations, 'healthcheck-port') === 'traffic-port';
    return { protocol: 'HTTP', port: isTrafficPort ? firstNodePort : spec.healthCheckNodePort, path: '/healthz' };
  }
  if (probe.kind === 'shared') return { protocol: 'HTTP', port: probe.port, path: probe.path };
  const backend = (annotationValue(annotations, 'backend-protocol') ?? '').toLowerCase();
  return { protocol: backend === 'https' || backend === 'ssl' ? 'SSL' : 'TCP', port: firstNodePort, path: '' };
}

function isWithin(text: string, min: number, max: number): boolean {
  return /^\d{1,6}$/.test(text.trim()) && Number(text) >= min && Number(text) <= max;
}
