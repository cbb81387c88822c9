import { describe, expect, it } from '@jest/globals';
import type { InstanceRecord, LoadBalancerRecord } from '../memory-cloud/cloud/api.ts';
import type { NodeState, ServiceState } from './cluster-state.ts';
import { type Testimony, judge } from './judge.ts';

const machine: InstanceRecord = {
  id: 'm-1',
  name: 'n1',
  zone: 'memory-1a',
  type: 'standard-2',
  state: 'running',
  privateIP: '10.0.0.1',
  publicIP: '',
  privateDNS: 'n1.internal',
  host: 'host-1',
  tags: {},
};
const node: NodeState = {
  name: 'n1',
  providerID: 'memory:///memory-1a/m-1',
  labels: { 'node.kubernetes.io/instance-type': 'standard-2', 'topology.kubernetes.io/zone': 'memory-1a' },
  taints: [],
  addresses: [
    { type: 'Hostname', address: 'n1' },
    { type: 'InternalIP', address: '10.0.0.1' },
  ],
};
const balancer: LoadBalancerRecord = {
  id: 'lb-1',
  name: 'a1',
  networkID: 'net-main',
  scheme: 'public',
  address: '198.18.0.1',
  status: 'ACTIVE',
  allowedRanges: [],
  healthCheck: { protocol: 'tcp', port: 80, path: '' },
  listeners: [{ protocol: 'TCP', port: 80, backendPort: 30_080, affinity: 'none' }],
  backends: ['m-1'],
  tags: { stamp: 'blue', service: 'uid-1' },
  revision: 1,
};
const service: ServiceState = {
  name: 'default/web',
  uid: 'uid-1',
  isBeingDeleted: false,
  ports: [{ protocol: 'TCP', port: 80, nodePort: 30_080 }],
  ingress: ['198.18.0.1'],
};

interface Parts {
  readonly nodes?: readonly NodeState[];
  readonly services?: readonly ServiceState[];
  readonly instances?: readonly InstanceRecord[];
  readonly loadBalancers?: readonly LoadBalancerRecord[];
  readonly foreignWrites?: Testimony['foreignWrites'];
}

function problemsOf(parts: Parts): readonly string[] {
  return judge(testimony(parts)).problems;
}

function testimony(parts: Parts): Testimony {
  const { nodes = [node], services = [service], instances = [machine], loadBalancers = [balancer] } = parts;
  return {
    cluster: { nodes, services },
    cloud: { instances, loadBalancers, forwarders: [], routes: [] },
    foreignWrites: parts.foreignWrites ?? [],
    clusterUID: 'blue',
    stampTag: 'stamp',
    serviceTag: 'service',
  };
}

describe('judge', () => {
  it('finds nothing wrong where nothing is', () => {
    const { problems, initialised, ready } = judge(testimony({}));
    expect(problems).toEqual([]);
    expect([...initialised, ...ready]).toEqual(['n1', 'default/web']);
  });

  it.each<[string, Parts, string]>([
    [
      'a taint that is still there',
      { nodes: [{ ...node, taints: ['node.cloudprovider.kubernetes.io/uninitialized'] }] },
      'Node n1: it is not initialised',
    ],
    [
      'a wrong providerID',
      { nodes: [{ ...node, providerID: 'memory:///x/m-9' }] },
      'Node n1: its providerID is memory:///x/m-9',
    ],
    ['a missing address', { nodes: [{ ...node, addresses: [] }] }, 'Node n1: its InternalIP is , not 10.0.0.1'],
    [
      'a missing label',
      { nodes: [{ ...node, labels: {} }] },
      'Node n1: its label node.kubernetes.io/instance-type is missing',
    ],
    [
      'a Node whose machine is gone',
      { instances: [{ ...machine, state: 'terminated' }] },
      'Node n1: it has no machine',
    ],
    ['a Service without load balancer', { loadBalancers: [] }, 'Service default/web: it has no load balancer'],
    ['a Service with two', { loadBalancers: [balancer, { ...balancer, name: 'a2' }] }, 'it has 2 load balancers'],
    ['a busy load balancer', { loadBalancers: [{ ...balancer, status: 'PENDING_UPDATE' }] }, 'is PENDING_UPDATE'],
    ['a status that says nothing', { services: [{ ...service, ingress: [] }] }, 'its status says nothing'],
    [
      'a port that nobody listens on',
      { loadBalancers: [{ ...balancer, listeners: [] }] },
      'listens on , not TCP/80→30080',
    ],
    ['a missing backend', { loadBalancers: [{ ...balancer, backends: [] }] }, 'lacks 1 backends and has 0'],
    [
      'a backend too many',
      { loadBalancers: [{ ...balancer, backends: ['m-1', 'm-9'] }] },
      'lacks 0 backends and has 1',
    ],
    ['a deletion that does not end', { services: [{ ...service, isBeingDeleted: true }] }, 'it is still being deleted'],
    ['a load balancer without Service', { services: [] }, 'load balancer a1 is left over'],
    [
      'a foreign write',
      {
        foreignWrites: [
          {
            requestID: 'r',
            operation: 'DeleteLoadBalancer',
            object: 'load-balancer/mail',
            owner: 'a person',
            cluster: 'blue',
          },
        ],
      },
      'DeleteLoadBalancer wrote load-balancer/mail, which belongs to a person',
    ],
  ])('finds %s', (_, parts, problem) => {
    expect(problemsOf(parts).join('\n')).toContain(problem);
  });

  it('does not mind load balancers of others', () => {
    const others = [
      { ...balancer, name: 'mail', tags: {} },
      { ...balancer, name: 'a2', tags: { stamp: 'green', service: 'uid-9' } },
    ];
    expect(problemsOf({ loadBalancers: [balancer, ...others] })).toEqual([]);
  });
});
