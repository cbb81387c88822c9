import type { ApiObject } from '../api-object.ts';
import { humanAge } from '../human-age.ts';
import { equalJson } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { defineResource } from '../resource.ts';
import type { ValueOf } from '../schema.ts';
import { event as coreType, eventsV1Event } from '../schemas/event.ts';
import { fieldFault } from '../status.ts';
import type { StatusCause } from '../status.ts';
import { nameColumn } from '../table.ts';
import type { Column } from '../table.ts';

type Event = ValueOf<typeof coreType> & ApiObject;

const shared = {
  version: 'v1',
  plural: 'events',
  singular: 'event',
  kind: 'Event',
  shortNames: ['ev'],
  namespaced: true,
  type: coreType,
  storage: 'events',
  createsOnUpdate: true,
  columns: eventColumns(),
} as const;

/** Events as core/v1 shows them, which is also how they are stored. */
export const coreEvents = defineResource({
  ...shared,
  group: '',
  validate: (object) => validatePlace(object),
  selectableFields: selectable({ subject: 'involvedObject', reporter: 'reportingComponent', source: 'source' }),
});

/** The same Events as events.k8s.io/v1 shows them. It demands more of what is written through it. */
export const groupEvents = defineResource({
  ...shared,
  group: 'events.k8s.io',
  conversion: { wireType: eventsV1Event, toStored, fromStored },
  validate: validateGroupEvent,
  selectableFields: selectable({ subject: 'regarding', reporter: 'reportingController', source: undefined }),
});

function toStored(object: JsonObject): JsonObject {
  const renamed = rename(object, [
    ['regarding', 'involvedObject'],
    ['note', 'message'],
    ['reportingController', 'reportingComponent'],
    ['deprecatedSource', 'source'],
    ['deprecatedFirstTimestamp', 'firstTimestamp'],
    ['deprecatedLastTimestamp', 'lastTimestamp'],
    ['deprecatedCount', 'count'],
  ]);
  return { reportingComponent: '', reportingInstance: '', ...renamed };
}

function fromStored(object: JsonObject): JsonObject {
  return rename(object, [
    ['involvedObject', 'regarding'],
    ['message', 'note'],
    ['reportingComponent', 'reportingController'],
    ['source', 'deprecatedSource'],
    ['firstTimestamp', 'deprecatedFirstTimestamp'],
    ['lastTimestamp', 'deprecatedLastTimestamp'],
    ['count', 'deprecatedCount'],
  ]);
}

function rename(object: JsonObject, names: readonly (readonly [string, string])[]): JsonObject {
  const to = new Map(names);
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [to.get(name) ?? name, value]));
}

function validatePlace(object: Event): readonly StatusCause[] {
  const { namespace } = object.metadata;
  const subject = object.involvedObject.namespace;
  // What is not in a namespace reports to `default`; `kube-system` is tolerated.
  const fits = subject === undefined ? namespace === 'default' || namespace === 'kube-system' : subject === namespace;
  return fits ? [] : [fieldFault.invalid('involvedObject.namespace', subject ?? '', 'does not match event.namespace')];
}

const types = ['Normal', 'Warning'];

function validateGroupEvent(object: Event, old: Event | undefined): readonly StatusCause[] {
  if (old !== undefined) return [...validatePlace(object), ...validateUnchanged(object, old)];
  const faults = [...validatePlace(object)];
  if (object.eventTime === null) faults.push(fieldFault.required('eventTime'));
  if (object.type === undefined || !types.includes(object.type)) {
    faults.push(fieldFault.invalid('type', object.type ?? '', `has invalid value: ${object.type ?? ''}`));
  }
  if (object.eventTime === null) return faults;
  if (object.reportingComponent === '') faults.push(fieldFault.required('reportingController'));
  if (object.reportingInstance === '') faults.push(fieldFault.required('reportingInstance'));
  if (object.action === undefined) faults.push(fieldFault.required('action'));
  if (object.reason === undefined) faults.push(fieldFault.required('reason'));
  if ((object.message ?? '').length > 1024) {
    faults.push(fieldFault.invalid('message', '', 'can have at most 1024 characters'));
  }
  return faults;
}

const immutableFields = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'type',
  'eventTime',
  'action',
  'related',
  'reportingComponent',
  'reportingInstance',
] as const;

/** Of an Event only the series may change, through this group. */
function validateUnchanged(object: Event, old: Event): readonly StatusCause[] {
  return immutableFields
    .filter((name) => !equalJson(object[name], old[name]))
    .map((name) => fieldFault.invalid(name, object[name] ?? null, 'field is immutable'));
}

interface SelectableNames {
  readonly subject: string;
  readonly reporter: string;
  readonly source: string | undefined;
}

function selectable(names: SelectableNames): { readonly [path: string]: (object: ApiObject) => string } {
  const of = (read: (event: Event) => string | undefined) => (object: ApiObject) => read(object as Event) ?? '';
  const source =
    names.source === undefined
      ? {}
      : { [names.source]: of((event) => event.source.component ?? event.reportingComponent) };
  const parts = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'] as const;
  return {
    ...Object.fromEntries(parts.map((part) => [`${names.subject}.${part}`, of((event) => event.involvedObject[part])])),
    reason: of((event) => event.reason),
    [names.reporter]: of((event) => event.reportingComponent),
    type: of((event) => event.type),
    ...source,
  };
}

function eventColumns(): readonly Column[] {
  const column = (name: string, priority: 0 | 1, cell: (event: Event, now: Date) => string | number): Column => ({
    name,
    priority,
    cell: (object, now) => cell(object as Event, now),
  });
  return [
    column('Last Seen', 0, lastSeen),
    column('Type', 0, (event) => event.type ?? ''),
    column('Reason', 0, (event) => event.reason ?? ''),
    column('Object', 0, subject),
    column('Subobject', 1, (event) => event.involvedObject.fieldPath ?? ''),
    column('Source', 1, sourceOf),
    column('Message', 0, (event) => (event.message ?? '').trim()),
    column('First Seen', 1, firstSeen),
    column('Count', 1, (event) => event.series?.count ?? event.count ?? 1),
    { ...nameColumn, priority: 1 },
  ];
}

function firstSeen(event: Event, now: Date): string {
  return humanAge(event.firstTimestamp ?? event.eventTime, now);
}

function lastSeen(event: Event, now: Date): string {
  if (event.series !== undefined) return humanAge(event.series.lastObservedTime, now);
  return event.lastTimestamp === null ? firstSeen(event, now) : humanAge(event.lastTimestamp, now);
}

function subject({ involvedObject }: Event): string {
  const kind = (involvedObject.kind ?? '').toLowerCase();
  return involvedObject.name === undefined ? kind : `${kind}/${involvedObject.name}`;
}

function sourceOf(event: Event): string {
  const component = event.source.component ?? event.reportingComponent;
  const instance = event.source.host ?? event.reportingInstance;
  return instance === '' ? component : `${component}, ${instance}`;
}
