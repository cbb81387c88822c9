import type { SeededRandom } from '../seeded-random.ts';

/** The Node object that a kubelet registers when it was told that the cloud provider is external: no more than it knows by itself. */
export function kubeletNode(name: string, now: Date): object {
  const time = `${now.toISOString().slice(0, 19)}Z`;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'beta.kubernetes.io/arch': 'amd64',
      },
    },
    spec: {
      taints: [{ key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' }],
    },
    status: {
      addresses: [{ type: 'Hostname', address: name }],
      capacity: { cpu: '2', memory: '8Gi', pods: '110' },
      allocatable: { cpu: '2', memory: '7Gi', pods: '110' },
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'KubeletReady',
          message: 'kubelet is posting ready status',
          lastHeartbeatTime: time,
          lastTransitionTime: time,
        },
      ],
      nodeInfo: {
        machineID: '',
        systemUUID: '',
        bootID: '',
        kernelVersion: '6.12.0',
        osImage: 'Memory OS 1',
        containerRuntimeVersion: 'containerd://2.1.0',
        kubeletVersion: 'v1.36.3',
        kubeProxyVersion: '',
        operatingSystem: 'linux',
        architecture: 'amd64',
      },
    },
  };
}

/** What the node monitor of the control plane writes onto a Node whose kubelet has fallen silent. */
export function silentKubeletStatus(now: Date): object {
  const time = `${now.toISOString().slice(0, 19)}Z`;
  const condition = {
    type: 'Ready',
    status: 'Unknown',
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting node status.',
    lastTransitionTime: time,
  };
  return { status: { conditions: [condition] } };
}

/** A Service of the type LoadBalancer; which one it is follows from the random numbers. */
export function loadBalancerService(name: string, random: SeededRandom): object {
  const ports = [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 8080 }];
  if (random.integer(3) === 0) ports.push({ name: 'https', protocol: 'TCP', port: 443, targetPort: 8443 });
  if (random.integer(5) === 0) ports.push({ name: 'dns', protocol: 'UDP', port: 53, targetPort: 5353 });
  const isInternal = random.integer(4) === 0;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name,
      namespace: 'default',
      labels: { app: name },
      ...(isInternal && { annotations: { 'service.beta.kubernetes.io/memory-lb-internal': 'true' } }),
    },
    spec: {
      type: 'LoadBalancer',
      selector: { app: name },
      ports,
      ...(random.integer(4) === 0 && { externalTrafficPolicy: 'Local' }),
      ...(random.integer(4) === 0 && { loadBalancerSourceRanges: ['10.0.0.0/8', '192.0.2.0/24'] }),
    },
  };
}
