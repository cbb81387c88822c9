import { bool, field, int, list, mapOf, open, string, struct, time } from '../schema.ts';

// Source: k8s.io/apimachinery meta/v1, v0.36.

export const ownerReference = struct('OwnerReference', {
  apiVersion: field(5, string, { required: true }),
  kind: field(1, string, { required: true }),
  name: field(3, string, { required: true }),
  uid: field(4, string, { required: true }),
  controller: field(6, bool, { pointer: true }),
  blockOwnerDeletion: field(7, bool, { pointer: true }),
});

export const managedFieldsEntry = struct('ManagedFieldsEntry', {
  manager: field(1, string),
  operation: field(2, string),
  apiVersion: field(3, string),
  time: field(4, time, { pointer: true }),
  fieldsType: field(6, string),
  fieldsV1: field(7, open, { pointer: true }),
  subresource: field(8, string),
});

export const objectMeta = struct('ObjectMeta', {
  name: field(1, string),
  generateName: field(2, string),
  namespace: field(3, string),
  selfLink: field(4, string),
  uid: field(5, string),
  resourceVersion: field(6, string),
  generation: field(7, int),
  creationTimestamp: field(8, time),
  deletionTimestamp: field(9, time, { pointer: true }),
  deletionGracePeriodSeconds: field(10, int, { pointer: true }),
  labels: field(11, mapOf(string)),
  annotations: field(12, mapOf(string)),
  ownerReferences: field(13, list(ownerReference), { patch: ['merge'], mergeKey: 'uid' }),
  finalizers: field(14, list(string), { patch: ['merge'] }),
  managedFields: field(17, list(managedFieldsEntry)),
});

export const condition = struct('Condition', {
  type: field(1, string, { required: true }),
  status: field(2, string, { required: true }),
  observedGeneration: field(3, int),
  lastTransitionTime: field(4, time, { required: true }),
  reason: field(5, string, { required: true }),
  message: field(6, string, { required: true }),
});

export const preconditions = struct('Preconditions', {
  uid: field(1, string, { pointer: true }),
  resourceVersion: field(2, string, { pointer: true }),
});

export const deleteOptions = struct('DeleteOptions', {
  gracePeriodSeconds: field(1, int, { pointer: true }),
  preconditions: field(2, preconditions, { pointer: true }),
  orphanDependents: field(3, bool, { pointer: true }),
  propagationPolicy: field(4, string, { pointer: true }),
  dryRun: field(5, list(string)),
  ignoreStoreReadErrorWithClusterBreakingPotential: field(6, bool, { pointer: true }),
});
