import { field, int, microTime, string, struct, time } from '../schema.ts';
import { objectMeta } from './meta.ts';
import { objectReference } from './object-reference.ts';

// Source: k8s.io/api core/v1 and events/v1, v0.36.

export const eventSource = struct('EventSource', {
  component: field(1, string),
  host: field(2, string),
});

export const eventSeries = struct('EventSeries', {
  count: field(1, int),
  lastObservedTime: field(2, microTime, { required: true }),
});

export const event = struct('Event', {
  metadata: field(1, objectMeta, { required: true }),
  involvedObject: field(2, objectReference, { required: true }),
  reason: field(3, string),
  message: field(4, string),
  source: field(5, eventSource, { required: true }),
  firstTimestamp: field(6, time, { required: true }),
  lastTimestamp: field(7, time, { required: true }),
  count: field(8, int),
  type: field(9, string),
  eventTime: field(10, microTime, { required: true }),
  series: field(11, eventSeries, { pointer: true }),
  action: field(12, string),
  related: field(13, objectReference, { pointer: true }),
  reportingComponent: field(14, string, { required: true }),
  reportingInstance: field(15, string, { required: true }),
});

export const eventsV1EventSeries = struct('EventSeries', {
  count: field(1, int, { required: true }),
  lastObservedTime: field(2, microTime, { required: true }),
});

export const eventsV1Event = struct('Event', {
  metadata: field(1, objectMeta, { required: true }),
  eventTime: field(2, microTime, { required: true }),
  series: field(3, eventsV1EventSeries, { pointer: true }),
  reportingController: field(4, string),
  reportingInstance: field(5, string),
  action: field(6, string),
  reason: field(7, string),
  regarding: field(8, objectReference, { required: true }),
  related: field(9, objectReference, { pointer: true }),
  note: field(10, string),
  type: field(11, string),
  deprecatedSource: field(12, eventSource, { required: true }),
  deprecatedFirstTimestamp: field(13, time, { required: true }),
  deprecatedLastTimestamp: field(14, time, { required: true }),
  deprecatedCount: field(15, int),
});
