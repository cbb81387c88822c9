import { bool, field, int, list, mapOf, quantity, string, struct, time } from '../schema.ts';
import { objectMeta } from './meta.ts';

// Source: k8s.io/api core/v1, v0.36.

export const taint = struct('Taint', {
  key: field(1, string, { required: true }),
  value: field(2, string),
  effect: field(3, string, { required: true }),
  timeAdded: field(4, time, { pointer: true }),
});

export const configMapNodeConfigSource = struct('ConfigMapNodeConfigSource', {
  namespace: field(1, string, { required: true }),
  name: field(2, string, { required: true }),
  uid: field(3, string),
  resourceVersion: field(4, string),
  kubeletConfigKey: field(5, string, { required: true }),
});

export const nodeConfigSource = struct('NodeConfigSource', {
  configMap: field(2, configMapNodeConfigSource, { pointer: true }),
});

export const nodeSpec = struct('NodeSpec', {
  podCIDR: field(1, string),
  podCIDRs: field(7, list(string), { patch: ['merge'] }),
  providerID: field(3, string),
  unschedulable: field(4, bool),
  taints: field(5, list(taint)),
  configSource: field(6, nodeConfigSource, { pointer: true }),
  externalID: field(2, string),
});

export const nodeCondition = struct('NodeCondition', {
  type: field(1, string, { required: true }),
  status: field(2, string, { required: true }),
  lastHeartbeatTime: field(3, time, { required: true }),
  lastTransitionTime: field(4, time, { required: true }),
  reason: field(5, string),
  message: field(6, string),
});

export const nodeAddress = struct('NodeAddress', {
  type: field(1, string, { required: true }),
  address: field(2, string, { required: true }),
});

export const daemonEndpoint = struct('DaemonEndpoint', {
  Port: field(1, int, { required: true }),
});

export const nodeDaemonEndpoints = struct('NodeDaemonEndpoints', {
  kubeletEndpoint: field(1, daemonEndpoint, { required: true }),
});

export const nodeSwapStatus = struct('NodeSwapStatus', {
  capacity: field(1, int, { pointer: true }),
});

export const nodeSystemInfo = struct('NodeSystemInfo', {
  machineID: field(1, string, { required: true }),
  systemUUID: field(2, string, { required: true }),
  bootID: field(3, string, { required: true }),
  kernelVersion: field(4, string, { required: true }),
  osImage: field(5, string, { required: true }),
  containerRuntimeVersion: field(6, string, { required: true }),
  kubeletVersion: field(7, string, { required: true }),
  kubeProxyVersion: field(8, string, { required: true }),
  operatingSystem: field(9, string, { required: true }),
  architecture: field(10, string, { required: true }),
  swap: field(11, nodeSwapStatus, { pointer: true }),
});

export const containerImage = struct('ContainerImage', {
  names: field(1, list(string), { required: true }),
  sizeBytes: field(2, int),
});

export const attachedVolume = struct('AttachedVolume', {
  name: field(1, string, { required: true }),
  devicePath: field(2, string, { required: true }),
});

export const nodeConfigStatus = struct('NodeConfigStatus', {
  assigned: field(1, nodeConfigSource, { pointer: true }),
  active: field(2, nodeConfigSource, { pointer: true }),
  lastKnownGood: field(3, nodeConfigSource, { pointer: true }),
  error: field(4, string),
});

export const nodeRuntimeHandlerFeatures = struct('NodeRuntimeHandlerFeatures', {
  recursiveReadOnlyMounts: field(1, bool, { pointer: true }),
  userNamespaces: field(2, bool, { pointer: true }),
});

export const nodeRuntimeHandler = struct('NodeRuntimeHandler', {
  name: field(1, string, { required: true }),
  features: field(2, nodeRuntimeHandlerFeatures, { pointer: true }),
});

export const nodeFeatures = struct('NodeFeatures', {
  supplementalGroupsPolicy: field(1, bool, { pointer: true }),
});

export const nodeStatus = struct('NodeStatus', {
  capacity: field(1, mapOf(quantity)),
  allocatable: field(2, mapOf(quantity)),
  phase: field(3, string),
  conditions: field(4, list(nodeCondition), { patch: ['merge'], mergeKey: 'type' }),
  addresses: field(5, list(nodeAddress), { patch: ['merge'], mergeKey: 'type' }),
  daemonEndpoints: field(6, nodeDaemonEndpoints, { required: true }),
  nodeInfo: field(7, nodeSystemInfo, { required: true }),
  images: field(8, list(containerImage)),
  volumesInUse: field(9, list(string)),
  volumesAttached: field(10, list(attachedVolume)),
  config: field(11, nodeConfigStatus, { pointer: true }),
  runtimeHandlers: field(12, list(nodeRuntimeHandler)),
  features: field(13, nodeFeatures, { pointer: true }),
  declaredFeatures: field(14, list(string)),
});

export const node = struct('Node', {
  metadata: field(1, objectMeta, { required: true }),
  spec: field(2, nodeSpec, { required: true }),
  status: field(3, nodeStatus, { required: true }),
});
