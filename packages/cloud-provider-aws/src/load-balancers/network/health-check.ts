import type { Refusal, ServiceRequest } from '@ccm-ts/cloud-provider';
import { annotationValue, refuseAnnotation } from '../../annotations.ts';
import type { HealthCheck } from '../../client/elbv2-port.ts';
import type { ClusterHealthProbe } from '../../config/cloud-config.ts';

export type ChosenHealthCheck = { readonly kind: 'health-check'; readonly check: HealthCheck } | Refusal;

/**
 * How the targets are checked: the Go manager's defaults (v1.36) for the traffic policy, then what the annotations say. They
 * have the last word over the shared probe too, which overrides them in the Go manager. The limits are those of
 * CreateTargetGroup (API version 2015-12-01).
 */
export function chooseHealthCheck(
  request: Pick<ServiceRequest, 'service'>,
  probe: ClusterHealthProbe,
): ChosenHealthCheck {
  const { metadata, spec } = request.service;
  const { annotations } = metadata;
  const defaults = defaultHealthCheck(spec, probe);

  const protocol = (annotationValue(annotations, 'healthcheck-protocol') || defaults.protocol).trim().toUpperCase();
  if (!['TCP', 'HTTP', 'HTTPS'].includes(protocol)) {
    return refuseAnnotation(annotations, 'healthcheck-protocol', 'write TCP, HTTP or HTTPS');
  }
  const port = (annotationValue(annotations, 'healthcheck-port') || defaults.port).trim();
  if (port !== 'traffic-port' && !isWithin(port, 1, 65_535)) {
    return refuseAnnotation(annotations, 'healthcheck-port', 'write a port from 1 to 65535, or traffic-port');
  }
  const path = protocol === 'TCP' ? '' : annotationValue(annotations, 'healthcheck-path') || defaults.path || '/';
  if (path !== '' && (!path.startsWith('/') || path.length > 1024)) {
    return refuseAnnotation(annotations, 'healthcheck-path', 'write a path that begins with /');
  }
  const numbers: Partial<Record<NumberField, number>> = {};
  for (const [field, suffix, min, max] of numberFields) {
    const text = annotationValue(annotations, suffix);
    if (text === undefined) continue;
    if (!isWithin(text, min, max)) return refuseAnnotation(annotations, suffix, `write a number from ${min} to ${max}`);
    numbers[field] = Number(text);
  }
  return { kind: 'health-check', check: { ...defaults, ...numbers, protocol, port, path } };
}

type NumberField = 'intervalSeconds' | 'timeoutSeconds' | 'healthyThreshold' | 'unhealthyThreshold';

const numberFields: readonly (readonly [NumberField, string, number, number])[] = [
  ['intervalSeconds', 'healthcheck-interval', 5, 300],
  ['timeoutSeconds', 'healthcheck-timeout', 2, 120],
  ['healthyThreshold', 'healthcheck-healthy-threshold', 2, 10],
  ['unhealthyThreshold', 'healthcheck-unhealthy-threshold', 2, 10],
];

/** The time-out is left to AWS unless it is asked for: the Go manager never sends it. */
function defaultHealthCheck(spec: ServiceRequest['service']['spec'], probe: ClusterHealthProbe): HealthCheck {
  if (spec.externalTrafficPolicy === 'Local') {
    const port = String(spec.healthCheckNodePort);
    return {
      protocol: 'HTTP',
      port,
      path: '/healthz',
      intervalSeconds: 10,
      healthyThreshold: 2,
      unhealthyThreshold: 2,
    };
  }
  const timing = { intervalSeconds: 30, healthyThreshold: 3, unhealthyThreshold: 3 };
  switch (probe.kind) {
    case 'node-port':
      return { protocol: 'TCP', port: 'traffic-port', path: '', ...timing };
    case 'shared':
      return { protocol: 'HTTP', port: String(probe.port), path: probe.path, ...timing };
  }
}

function isWithin(text: string, min: number, max: number): boolean {
  return /^\d{1,6}$/.test(text.trim()) && Number(text) >= min && Number(text) <= max;
}
