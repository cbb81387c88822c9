import type { Refusal, Service } from '@ccm-ts/cloud-provider';

/** What no classic load balancer can do. */
export function refuseClassicService({ spec }: Pick<Service, 'spec'>): Refusal | undefined {
  if (spec.ports.length === 0) {
    return refuse({ reason: 'NoPorts', field: 'spec.ports', value: '', fix: 'give at least one port' });
  }
  const other = spec.ports.find(({ protocol }) => protocol !== 'TCP');
  if (other !== undefined) {
    const field = `spec.ports[${other.port}].protocol`;
    const fix = 'classic load balancers serve only TCP: use TCP on every port, or ask for a network load balancer';
    return refuse({ reason: 'UnsupportedProtocol', field, value: other.protocol, fix });
  }
  if (spec.ports.every(({ nodePort }) => nodePort === 0)) {
    const fix = 'instances are reached through node ports: remove it or set it to true';
    return refuse({ reason: 'NoNodePorts', field: 'spec.allocateLoadBalancerNodePorts', value: 'false', fix });
  }
  if (spec.sessionAffinity !== '' && spec.sessionAffinity !== 'None') {
    const field = 'spec.sessionAffinity';
    return refuse({ reason: 'UnsupportedAffinity', field, value: spec.sessionAffinity, fix: 'only None is possible' });
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
