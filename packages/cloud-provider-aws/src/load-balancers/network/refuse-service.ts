import type { Refusal, ServiceRequest } from '@ccm-ts/cloud-provider';
import { usablePorts } from './choose-ports.ts';

/** What no load balancer of this kind can do. */
export function refuseService(request: Pick<ServiceRequest, 'service'>): Refusal | undefined {
  const { spec } = request.service;
  if (spec.ports.length === 0)
    return refuse({ reason: 'NoPorts', field: 'spec.ports', value: '', fix: 'give at least one port' });
  const other = spec.ports.find(({ protocol }) => protocol !== 'TCP' && protocol !== 'UDP');
  if (other !== undefined) {
    const fix = 'network load balancers serve TCP and UDP';
    return refuse({
      reason: 'UnsupportedProtocol',
      field: `spec.ports[${other.port}].protocol`,
      value: other.protocol,
      fix,
    });
  }
  if (usablePorts(request.service).length === 0) {
    const fix = 'targets are reached through node ports: remove it or set it to true';
    return refuse({ reason: 'NoNodePorts', field: 'spec.allocateLoadBalancerNodePorts', value: 'false', fix });
  }
  if (spec.sessionAffinity !== '' && spec.sessionAffinity !== 'None') {
    return refuse({
      reason: 'UnsupportedAffinity',
      field: 'spec.sessionAffinity',
      value: spec.sessionAffinity,
      fix: 'only None is possible',
    });
  }
  if (spec.loadBalancerIP !== '') {
    const fix = 'AWS gives load balancers names, not addresses that can be chosen: remove it';
    return refuse({ reason: 'UnsupportedAddress', field: 'spec.loadBalancerIP', value: spec.loadBalancerIP, fix });
  }
  if (spec.externalTrafficPolicy === 'Local' && spec.healthCheckNodePort === 0) {
    const fix = 'the API server has not given a health check port: save the Service again';
    return refuse({ reason: 'NoHealthCheckPort', field: 'spec.healthCheckNodePort', value: '0', fix });
  }
  return undefined;
}

function refuse(refusal: Omit<Refusal, 'kind'>): Refusal {
  return { kind: 'refusal', ...refusal };
}
