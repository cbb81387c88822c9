import type { Event, EventSeries, ObjectReference } from '../../api/event.ts';
import { objectMetaProjection } from './object-meta.ts';
import { int, message, microTime, nested, string, uniqueString } from './projection.ts';

const series = message<EventSeries>({ count: int(1), lastObservedTime: microTime(2) });

const reference = message<ObjectReference>({
  kind: string(1),
  namespace: string(2),
  name: string(3),
  uid: string(4),
  apiVersion: string(5),
  resourceVersion: string(6),
  fieldPath: string(7),
});

/** Numbers: k8s.io/api/events/v1/generated.proto. */
export const eventProjection = message<Event>({
  metadata: nested(1, objectMetaProjection),
  eventTime: microTime(2),
  series: nested(3, series),
  reportingController: string(4),
  reportingInstance: string(5),
  action: string(6),
  reason: string(7),
  regarding: nested(8, reference),
  note: uniqueString(10),
  type: string(11),
});
