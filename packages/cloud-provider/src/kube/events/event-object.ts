import { createHash } from 'node:crypto';
import type { ObjectReference } from '../../api/event.ts';
import { microTime } from '../micro-time.ts';
import type { EventContent } from './event-recorder.ts';
import type { RecordedEvent } from './event-series.ts';

/** An Event as it is created. Source: k8s.io/api events/v1. */
export interface EventObject {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly eventTime: string;
  readonly reportingController: string;
  readonly reportingInstance: string;
  readonly action: string;
  readonly reason: string;
  readonly regarding: ObjectReference;
  readonly note: string;
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Limits of the API server's validation, in bytes. Source: k8s.io/kubernetes pkg/apis/core/validation/events.go. */
const limits = { note: 1024, reason: 128, action: 128, instance: 128, name: 253 } as const;

/** Who says it, and when. */
export interface EventSource {
  readonly time: Date;
  readonly component: string;
  readonly instance: string;
}

export interface EventObjectInput extends EventSource {
  readonly name: string;
  readonly regarding: ObjectReference;
  readonly content: EventContent;
}

export function eventObject(input: EventObjectInput): EventObject {
  const { name, regarding, content, time, component, instance } = input;
  return {
    metadata: {
      name,
      // Events about cluster-scoped objects are kept in `default`; the API server wants it so.
      namespace: regarding.namespace === '' ? 'default' : regarding.namespace,
    },
    eventTime: microTime(time),
    reportingController: component,
    reportingInstance: cutToBytes(instance, limits.instance),
    action: cutToBytes(content.action, limits.action),
    reason: cutToBytes(content.reason, limits.reason),
    regarding,
    note: cutToBytes(content.note, limits.note),
    type: content.type,
  };
}

/** The repetitions; empty while there is none. */
export function seriesBody(event: RecordedEvent): { readonly series?: { count: number; lastObservedTime: string } } {
  if (event.count < 2) return {};
  return { series: { count: event.count, lastObservedTime: microTime(event.lastObserved) } };
}

/**
 * `<object>.<hex>`, like client-go's. Time, source and number keep names apart that different sources, or one source within
 * a millisecond, give to Events about one object. Names of objects that are no DNS subdomain are left out, long ones cut.
 */
export function eventName(regarding: ObjectReference, source: EventSource & { readonly number: number }): string {
  const { time, component, instance, number } = source;
  const sourceHash = createHash('sha256').update(`${component}\0${instance}`).digest('hex').slice(0, 6);
  const suffix = `${time.getTime().toString(16)}${sourceHash}${(number % 0x1_0000).toString(16).padStart(4, '0')}`;
  const isSubdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(regarding.name);
  const stem = isSubdomain ? regarding.name : regarding.kind.toLowerCase();
  return `${stem.slice(0, limits.name - suffix.length - 1).replace(/[-.]+$/, '')}.${suffix}`;
}

/** Cuts at a whole character, and says so. */
function cutToBytes(text: string, limit: number): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= limit) return text;
  const mark = '…';
  const cut = bytes.subarray(0, limit - Buffer.byteLength(mark));
  return `${new TextDecoder().decode(cut, { stream: true })}${mark}`;
}
