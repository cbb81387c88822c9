import type { Condition } from '../../api/service.ts';
import type { KubernetesObject, ObjectMeta } from '../../api/object-meta.ts';
import { int, message, nested, string, stringList, stringMap, time, uniqueString } from './projection.ts';

/** Numbers: k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto. */
export const objectMetaProjection = message<ObjectMeta>({
  name: uniqueString(1),
  namespace: string(3),
  uid: uniqueString(5),
  resourceVersion: uniqueString(6),
  creationTimestamp: time(8),
  deletionTimestamp: time(9),
  labels: stringMap(11),
  annotations: stringMap(12),
  finalizers: stringList(14),
});

/** An object of which only `metadata` matters. */
export const metadataProjection = message<KubernetesObject>({ metadata: nested(1, objectMetaProjection) });

/** A condition as of meta/v1. */
export const conditionProjection = message<Condition>({
  type: string(1),
  status: string(2),
  observedGeneration: int(3),
  lastTransitionTime: time(4),
  reason: string(5),
  message: uniqueString(6),
});
