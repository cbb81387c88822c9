import type { Refusal, ServiceRequest } from '@ccm-ts/cloud-provider';
import { refuseAnnotation } from '../../annotations.ts';
import { awsAnnotations } from '../../annotations/aws-annotations.ts';
import type { HealthCheck } from '../../client/elbv2-port.ts';
import type { ClusterHealthProbe } from '../../config/cloud-config.ts';

export type ChosenHealthCheck = { readonly kind: 'health-check'; readonly check: HealthCheck } | Refusal;

/**
 * How the targets are checked: the Go manager's defaults (v1.36) for the traffic policy, then what annotations that fit say.
 * They have the last word over the shared probe too, which overrides them in the Go manager.
 */
export function chooseHealthCheck(
  request: Pick<ServiceRequest, 'service'>,
  probe: ClusterHealthProbe,
): ChosenHealthCheck {
  const { metadata, spec } = request.service;
  const { annotations } = metadata;
  const defaults = defaultHealthCheck(spec, probe);

  const protocol = awsAnnotations.read(annotations, 'healthcheck-protocol') || defaults.protocol;
  const port = awsAnnotations.read(annotations, 'healthcheck-port') || defaults.port;
  const path = protocol === 'TCP' ? '' : awsAnnotations.read(annotations, 'healthcheck-path') || defaults.path || '/';
  if (path !== '' && (!path.startsWith('/') || path.length > 1024)) {
    return refuseAnnotation(annotations, 'healthcheck-path', 'write a path that begins with /');
  }
  const numbers: Partial<Record<NumberField, number>> = {};
  for (const [field, name] of numberFields) {
    const number = awsAnnotations.read(annotations, name);
    if (number !== undefined) numbers[field] = number;
  }
  return { kind: 'health-check', check: { ...defaults, ...numbers, protocol, port, path } };
}

/** The port of the health check that load balancers share; undefined when each has its own. */
export function sharedHealthPort(probe: ClusterHealthProbe): number | undefined {
  return probe.kind === 'shared' ? probe.port : undefined;
}

type NumberField = 'intervalSeconds' | 'timeoutSeconds' | 'healthyThreshold' | 'unhealthyThreshold';

const numberFields = [
  ['intervalSeconds', 'healthcheck-interval'],
  ['timeoutSeconds', 'healthcheck-timeout'],
  ['healthyThreshold', 'healthcheck-healthy-threshold'],
  ['unhealthyThreshold', 'healthcheck-unhealthy-threshold'],
] as const satisfies readonly (readonly [NumberField, string])[];

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
