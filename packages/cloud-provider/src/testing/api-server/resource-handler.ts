import type { IncomingMessage, ServerResponse } from 'node:http';
import { Duration } from '../../base/duration.ts';
import type { ApiObject } from './api-object.ts';
import type { Codec } from './codec.ts';
import type { StoredObject } from './collection.ts';
import { deleteObject } from './deletions.ts';
import type { DeleteOptions } from './deletions.ts';
import type { Faults } from './faults.ts';
import { textAt, valueAt } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import { isApplyPatch, readApply } from './patch/apply-patch.ts';
import { readPatch } from './patch/patch-request.ts';
import { listObjects } from './reads.ts';
import type { ListResult, VersionQuery } from './reads.ts';
import type { Registry } from './registry.ts';
import { sendBody, sendJson, sendPieces } from './reply.ts';
import { mediaType, parseObject, readBody } from './request-body.ts';
import type { RequestFacts, WriteLog } from './request-log.ts';
import { isTrue } from './route.ts';
import type { ResourceRoute } from './route.ts';
import { deleteOptions as deleteOptionsType } from './schemas/meta.ts';
import { selectObjects } from './selection.ts';
import type { Selection } from './selection.ts';
import { fieldFault, invalid } from './status.ts';
import { sendWatch } from './watch-reply.ts';
import { createObject, updateObject } from './writes.ts';
import type { WriteOptions, WriteResult } from './writes.ts';

/** One request for objects, with what is needed to answer it. */
export interface ResourceCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly route: ResourceRoute;
  readonly facts: RequestFacts;
  readonly codec: Codec;
  readonly registry: Registry;
  readonly faults: Faults;
  readonly log: WriteLog;
  /** Lists that may be old are answered from here. */
  readonly staleRevision: number | undefined;
  /** Called after the work, before the answer; true when the answer is to be lost. */
  readonly losesReply: boolean;
}

/** Answers a request for objects. @throws StatusError */
export async function handleResource(call: ResourceCall): Promise<void> {
  switch (call.route.verb) {
    case 'get':
      return sendObject(call, 200, call.registry.stored(call.route.resource, call.route.namespace, call.route.name));
    case 'list':
      return list(call);
    case 'watch':
      return watch(call);
    case 'create':
      return create(call);
    case 'update':
      return update(call);
    case 'patch':
      return patch(call);
    case 'delete':
      return remove(call);
    case 'deletecollection':
      return removeAll(call);
  }
}

async function list(call: ResourceCall): Promise<void> {
  const { registry, route, codec, response } = call;
  const result = listObjects(registry, route.resource, {
    selection: selectionOf(call),
    version: versionOf(call.url),
    limit: numberOf(call.url, 'limit'),
    staleRevision: call.staleRevision,
  });
  await sendList(call, { response, codec, result });
}

async function sendList(
  call: ResourceCall,
  reply: { readonly response: ServerResponse; readonly codec: Codec; readonly result: ListResult },
): Promise<void> {
  const pieces = reply.codec.list(call.route.resource, reply.result);
  await sendPieces(reply.response, { type: reply.codec.mediaType, pieces });
}

function watch(call: ResourceCall): void {
  const { registry, route, codec, response, faults, facts, url } = call;
  const seconds = numberOf(url, 'timeoutSeconds');
  sendWatch({
    response,
    registry,
    faults,
    resource: route.resource,
    codec,
    facts,
    request: {
      selection: selectionOf(call),
      version: versionOf(url),
      allowBookmarks: isTrue(url.searchParams.get('allowWatchBookmarks')),
    },
    // Without a wish of the client's, between half an hour and an hour, so that clients do not all come back at once.
    timeout: Duration.seconds(seconds > 0 ? seconds : 1800 + registry.random(1800)),
  });
}

async function create(call: ResourceCall): Promise<void> {
  const { registry, route } = call;
  const options = writeOptions(call, 'CreateOptions');
  const input = await readObject(call);
  const result = createObject(registry, route.resource, { namespace: route.namespace, input, options });
  logWrite(call, { result, options, patch: undefined });
  sendWritten(call, result);
}

async function update(call: ResourceCall): Promise<void> {
  const { registry, route } = call;
  const options = writeOptions(call, 'UpdateOptions');
  const input = await readObject(call);
  const result = updateObject(registry, route.resource, {
    target: route,
    change: () => input,
    origin: 'body',
    options,
  });
  logWrite(call, { result, options, patch: undefined });
  sendWritten(call, result);
}

async function patch(call: ResourceCall): Promise<void> {
  const { registry, route } = call;
  const options = writeOptions(call, 'PatchOptions');
  const body = await readBody(call.request);
  const type = mediaType(call.request);
  const { searchParams } = call.url;
  const manager = searchParams.get('fieldManager') ?? '';
  const wanted = isApplyPatch(type)
    ? readApply({ resource: route.resource, body, manager, force: isTrue(searchParams.get('force')), route })
    : readPatch(type, body, route.resource.conversion?.wireType ?? route.resource.type);
  const change = (current: ApiObject | undefined): JsonObject => wanted.apply(current ?? {});
  const result = updateObject(registry, route.resource, {
    target: route,
    change,
    origin: 'patch',
    options,
    applied: wanted.applied,
  });
  logWrite(call, { result, options, patch: wanted.content });
  sendWritten(call, result);
}

async function remove(call: ResourceCall): Promise<void> {
  const { registry, route, response } = call;
  const options = await deleteOptions(call);
  const { resource, namespace, name } = route;
  const { object, gone } = deleteObject(registry, resource, { namespace, name, options });
  if (!options.dryRun) appendToLog(call, { object, changed: true, patch: undefined });
  if (call.losesReply) return void response.destroy();
  if (!gone || resource.returnsDeletedObject) return sendObject(call, 200, transient(object));
  const group = resource.group === '' ? {} : { group: resource.group };
  sendJson(response, 200, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name, ...group, kind: resource.plural, uid: object.metadata.uid ?? '' },
  });
}

async function removeAll(call: ResourceCall): Promise<void> {
  const { registry, route, response, codec } = call;
  const options = await deleteOptions(call);
  const selection = selectionOf(call);
  const result = listObjects(registry, route.resource, {
    selection,
    version: versionOf(call.url),
    limit: numberOf(call.url, 'limit'),
  });
  for (const { namespace, name } of result.items) {
    const { object } = deleteObject(registry, route.resource, { namespace, name, options });
    if (!options.dryRun) appendToLog(call, { object, changed: true, patch: undefined });
  }
  if (call.losesReply) return void response.destroy();
  await sendList(call, { response, codec, result });
}

async function readObject(call: ResourceCall): Promise<JsonObject> {
  const { resource } = call.route;
  const content = { type: mediaType(call.request), body: await readBody(call.request) };
  return parseObject(content, resource.kind, resource.conversion?.wireType ?? resource.type);
}

function sendWritten(call: ResourceCall, result: WriteResult): void {
  if (call.losesReply) return void call.response.destroy();
  const { namespace = '', name = '' } = result.object.metadata;
  const stored = call.registry.collection(call.route.resource).get(namespace === '' ? name : `${namespace}/${name}`);
  const isStored = stored !== undefined && stored.object === result.object;
  sendObject(call, result.created ? 201 : 200, isStored ? stored : transient(result.object));
}

function sendObject(call: ResourceCall, code: number, stored: StoredObject): void {
  const { codec, response, route } = call;
  sendBody(response, code, { type: codec.mediaType, content: codec.object(route.resource, stored) });
}

/** A version that is in no collection: of a dry run or of an object that is gone. */
function transient(object: ApiObject): StoredObject {
  const { namespace = '', name = '', resourceVersion = '0' } = object.metadata;
  return { key: '', namespace, name, object, revision: Number(resourceVersion), encodings: new Map() };
}

function logWrite(
  call: ResourceCall,
  write: { readonly result: WriteResult; readonly options: WriteOptions; readonly patch: Json | undefined },
): void {
  if (write.options.dryRun) return;
  appendToLog(call, { object: write.result.object, changed: write.result.changed, patch: write.patch });
}

function appendToLog(
  call: ResourceCall,
  write: { readonly object: ApiObject; readonly changed: boolean; readonly patch: Json | undefined },
): void {
  const name = write.object.metadata.name ?? '';
  call.log.append({ ...call.facts, name, at: call.registry.clock.now(), ...write });
}

function selectionOf(call: ResourceCall): Selection {
  const { searchParams } = call.url;
  return selectObjects(call.route.resource, {
    namespace: call.route.namespace,
    labelSelector: searchParams.get('labelSelector') ?? '',
    fieldSelector: searchParams.get('fieldSelector') ?? '',
  });
}

function versionOf(url: URL): VersionQuery {
  const { searchParams } = url;
  const initial = searchParams.get('sendInitialEvents');
  return {
    resourceVersion: searchParams.get('resourceVersion') ?? '',
    resourceVersionMatch: searchParams.get('resourceVersionMatch') ?? '',
    continueToken: searchParams.get('continue') ?? '',
    sendInitialEvents: initial === null ? undefined : isTrue(initial),
  };
}

function numberOf(url: URL, name: string): number {
  const number = Number(url.searchParams.get(name) ?? '0');
  return Number.isFinite(number) && number > 0 ? Math.floor(number) : 0;
}

function writeOptions(call: ResourceCall, kind: string): WriteOptions {
  const { searchParams } = call.url;
  const validation = searchParams.get('fieldValidation');
  return {
    dryRun: isDryRun(searchParams.getAll('dryRun'), kind),
    fieldValidation: validation === 'Strict' || validation === 'Ignore' ? validation : 'Warn',
    manager: searchParams.get('fieldManager') ?? agentName(call.facts.userAgent),
    warn: (message) => {
      const warnings = call.response.getHeader('warning');
      const before = Array.isArray(warnings) ? warnings : [];
      call.response.setHeader('warning', [...before, `299 - ${JSON.stringify(message)}`]);
    },
  };
}

/** Who does not name a field manager is known by the first word of its user agent. */
function agentName(userAgent: string): string {
  const [name = ''] = userAgent.split('/');
  return name === '' ? 'unknown' : name.slice(0, 128);
}

function isDryRun(wanted: readonly string[], kind: string): boolean {
  for (const one of wanted) {
    if (one === 'All') continue;
    const fault = fieldFault.notSupported('dryRun', one, ['All']);
    throw invalid({ group: 'meta.k8s.io', label: kind }, '', [fault]);
  }
  return wanted.length > 0;
}

async function deleteOptions(call: ResourceCall): Promise<DeleteOptions> {
  const body = await readBody(call.request);
  const { searchParams } = call.url;
  const given =
    body.length === 0 ? {} : parseObject({ type: mediaType(call.request), body }, 'DeleteOptions', deleteOptionsType);
  const grace = valueAt(given, ['gracePeriodSeconds']) ?? searchParams.get('gracePeriodSeconds');
  const policy = textAt(given, ['propagationPolicy']) || searchParams.get('propagationPolicy');
  const dryRun = valueAt(given, ['dryRun']);
  const text = (name: string): string | undefined => textAt(given, ['preconditions', name]) || undefined;
  return {
    dryRun: isDryRun(Array.isArray(dryRun) ? dryRun.map(String) : searchParams.getAll('dryRun'), 'DeleteOptions'),
    gracePeriodSeconds: grace === null ? undefined : Number(grace),
    propagationPolicy: policy === 'Orphan' || policy === 'Foreground' || policy === 'Background' ? policy : undefined,
    preconditions: { uid: text('uid'), resourceVersion: text('resourceVersion') },
  };
}
