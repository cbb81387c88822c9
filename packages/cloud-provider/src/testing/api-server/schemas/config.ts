import { bool, bytes, field, list, mapOf, string, struct } from '../schema.ts';
import { objectMeta } from './meta.ts';
import { objectReference } from './object-reference.ts';

// Source: k8s.io/api core/v1, v0.36.

export const configMap = struct('ConfigMap', {
  metadata: field(1, objectMeta, { required: true }),
  immutable: field(4, bool, { pointer: true }),
  data: field(2, mapOf(string)),
  binaryData: field(3, mapOf(bytes)),
});

export const secret = struct('Secret', {
  metadata: field(1, objectMeta, { required: true }),
  immutable: field(5, bool, { pointer: true }),
  data: field(2, mapOf(bytes)),
  stringData: field(4, mapOf(string)),
  type: field(3, string),
});

export const localObjectReference = struct('LocalObjectReference', {
  name: field(1, string),
});

export const serviceAccount = struct('ServiceAccount', {
  metadata: field(1, objectMeta, { required: true }),
  secrets: field(2, list(objectReference), { patch: ['merge'], mergeKey: 'name' }),
  imagePullSecrets: field(3, list(localObjectReference)),
  automountServiceAccountToken: field(4, bool, { pointer: true }),
});
