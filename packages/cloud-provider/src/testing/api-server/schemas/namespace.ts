import { field, list, string, struct, time } from '../schema.ts';
import { objectMeta } from './meta.ts';

// Source: k8s.io/api core/v1, v0.36.

export const namespaceSpec = struct('NamespaceSpec', {
  finalizers: field(1, list(string)),
});

export const namespaceCondition = struct('NamespaceCondition', {
  type: field(1, string, { required: true }),
  status: field(2, string, { required: true }),
  lastTransitionTime: field(4, time, { required: true }),
  reason: field(5, string),
  message: field(6, string),
});

export const namespaceStatus = struct('NamespaceStatus', {
  phase: field(1, string),
  conditions: field(2, list(namespaceCondition), { patch: ['merge'], mergeKey: 'type' }),
});

export const namespace = struct('Namespace', {
  metadata: field(1, objectMeta, { required: true }),
  spec: field(2, namespaceSpec, { required: true }),
  status: field(3, namespaceStatus, { required: true }),
});
