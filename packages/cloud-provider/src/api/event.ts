import type { KubernetesObject } from './object-meta.ts';

/** An Event, projected. Source: k8s.io/api events/v1. */
export interface Event extends KubernetesObject {
  /** RFC 3339 with microseconds. */
  readonly eventTime: string;
  readonly series: EventSeries;
  readonly reportingController: string;
  readonly reportingInstance: string;
  readonly action: string;
  readonly reason: string;
  readonly regarding: ObjectReference;
  readonly note: string;
  /** `Normal` or `Warning`. */
  readonly type: string;
}

/** The repetitions of an Event; a count of zero when it happened once. */
export interface EventSeries {
  readonly count: number;
  readonly lastObservedTime: string;
}

/** Names an object of any kind, as Events do. Source: k8s.io/api core/v1. */
export interface ObjectReference {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly apiVersion: string;
  readonly resourceVersion: string;
  readonly fieldPath: string;
}
