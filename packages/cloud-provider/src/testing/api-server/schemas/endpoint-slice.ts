import { bool, field, int, list, mapOf, string, struct } from '../schema.ts';
import { objectMeta } from './meta.ts';
import { objectReference } from './object-reference.ts';

// Source: k8s.io/api discovery/v1, v0.36.

export const endpointConditions = struct('EndpointConditions', {
  ready: field(1, bool, { pointer: true }),
  serving: field(2, bool, { pointer: true }),
  terminating: field(3, bool, { pointer: true }),
});

export const forZone = struct('ForZone', {
  name: field(1, string, { required: true }),
});

export const forNode = struct('ForNode', {
  name: field(1, string, { required: true }),
});

export const endpointHints = struct('EndpointHints', {
  forZones: field(1, list(forZone)),
  forNodes: field(2, list(forNode)),
});

export const endpoint = struct('Endpoint', {
  addresses: field(1, list(string), { required: true }),
  conditions: field(2, endpointConditions, { required: true }),
  hostname: field(3, string, { pointer: true }),
  targetRef: field(4, objectReference, { pointer: true }),
  deprecatedTopology: field(5, mapOf(string)),
  nodeName: field(6, string, { pointer: true }),
  zone: field(7, string, { pointer: true }),
  hints: field(8, endpointHints, { pointer: true }),
});

export const endpointPort = struct('EndpointPort', {
  name: field(1, string, { pointer: true }),
  protocol: field(2, string, { pointer: true }),
  port: field(3, int, { pointer: true }),
  appProtocol: field(4, string, { pointer: true }),
});

export const endpointSlice = struct('EndpointSlice', {
  metadata: field(1, objectMeta, { required: true }),
  addressType: field(4, string, { required: true }),
  endpoints: field(2, list(endpoint), { required: true }),
  ports: field(3, list(endpointPort), { required: true }),
});
