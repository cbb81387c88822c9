import { field, int, list, string, struct } from '../schema.ts';
import { objectMeta } from './meta.ts';
import { objectReference } from './object-reference.ts';

// Source: k8s.io/api core/v1, v0.36.

export const endpointAddress = struct('EndpointAddress', {
  ip: field(1, string, { required: true }),
  hostname: field(3, string),
  nodeName: field(4, string, { pointer: true }),
  targetRef: field(2, objectReference, { pointer: true }),
});

export const endpointPort = struct('EndpointPort', {
  name: field(1, string),
  port: field(2, int, { required: true }),
  protocol: field(3, string),
  appProtocol: field(4, string, { pointer: true }),
});

export const endpointSubset = struct('EndpointSubset', {
  addresses: field(1, list(endpointAddress)),
  notReadyAddresses: field(2, list(endpointAddress)),
  ports: field(3, list(endpointPort)),
});

export const endpoints = struct('Endpoints', {
  metadata: field(1, objectMeta, { required: true }),
  subsets: field(2, list(endpointSubset)),
});
