import { field, string, struct } from '../schema.ts';

// Source: k8s.io/api core/v1, v0.36.

export const objectReference = struct('ObjectReference', {
  kind: field(1, string),
  namespace: field(2, string),
  name: field(3, string),
  uid: field(4, string),
  apiVersion: field(5, string),
  resourceVersion: field(6, string),
  fieldPath: field(7, string),
});
