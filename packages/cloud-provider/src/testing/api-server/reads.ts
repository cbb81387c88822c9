import type { Collection, StoredObject } from './collection.ts';
import { decodeContinueToken, encodeContinueToken } from './continue-token.ts';
import type { Registry } from './registry.ts';
import type { ResourceDefinition } from './resource.ts';
import type { Selection } from './selection.ts';
import { badRequest, expired, fieldFault, invalid, tooLargeResourceVersion } from './status.ts';
import type { StatusCause } from './status.ts';

/** The version part of a list or watch request, as it came. */
export interface VersionQuery {
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  readonly continueToken: string;
  readonly sendInitialEvents: boolean | undefined;
}

export interface ListRequest {
  readonly selection: Selection;
  readonly version: VersionQuery;
  /** Zero for no limit. */
  readonly limit: number;
  /** Answers a list that may be old from this revision, to try what a lagging replica would do. */
  readonly staleRevision?: number | undefined;
}

export interface ListResult {
  readonly items: readonly StoredObject[];
  readonly revision: number;
  readonly continueToken: string | undefined;
  readonly remaining: number | undefined;
}

const listOptions = { group: 'meta.k8s.io', label: 'ListOptions' };
const lostSnapshot =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/** Lists a resource at the version that the request's rules name. @throws StatusError */
export function listObjects(registry: Registry, resource: ResourceDefinition, request: ListRequest): ListResult {
  const { version, limit, selection } = request;
  checkListOptions(version);
  const collection = registry.collection(resource);
  const page =
    version.continueToken === '' ? firstPage(registry, collection, request) : nextPage(registry, collection, version);
  const rest = page.after === undefined ? page.objects : page.objects.filter((one) => one.key > (page.after ?? ''));
  const matching = rest.filter((one) => selection.matches(one.object));
  if (limit === 0 || page.ignoresLimit || matching.length <= limit) {
    return { items: matching, revision: page.revision, continueToken: undefined, remaining: undefined };
  }
  const items = matching.slice(0, limit);
  const after = items.at(-1)?.key ?? '';
  return {
    items,
    revision: page.revision,
    continueToken: encodeContinueToken({ revision: page.revision, after }),
    remaining: selection.isNarrowed ? undefined : matching.length - limit,
  };
}

interface Page {
  readonly objects: readonly StoredObject[];
  readonly revision: number;
  readonly after?: string;
  readonly ignoresLimit: boolean;
}

function firstPage(registry: Registry, collection: Collection, request: ListRequest): Page {
  const { version } = request;
  const current = registry.revisions.current;
  const asked = parseResourceVersion(version.resourceVersion);
  if (asked > current) throw tooLargeResourceVersion(asked, current);
  const exact =
    version.resourceVersionMatch === 'Exact' || (asked > 0 && request.limit > 0 && version.resourceVersionMatch === '');
  if (exact) {
    const objects = collection.snapshot(asked);
    if (!objects) throw expired('The resourceVersion for the provided list is too old.');
    return { objects, revision: asked, ignoresLimit: false };
  }
  const mayBeOld = version.resourceVersion !== '';
  const { staleRevision } = request;
  if (mayBeOld && staleRevision !== undefined && staleRevision >= asked) {
    const objects = collection.snapshot(staleRevision);
    if (objects) return { objects, revision: staleRevision, ignoresLimit: true };
  }
  // A list that may be old comes from the real server's cache, which does not page.
  return { objects: collection.list(), revision: current, ignoresLimit: version.resourceVersion === '0' };
}

function nextPage(registry: Registry, collection: Collection, version: VersionQuery): Page {
  if (version.resourceVersion !== '' && version.resourceVersion !== '0') {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  const { revision, after } = decodeContinueToken(version.continueToken);
  if (revision === undefined) {
    return { objects: collection.list(), revision: registry.revisions.current, after, ignoresLimit: false };
  }
  const objects = collection.snapshot(revision);
  if (!objects) throw expired(lostSnapshot, encodeContinueToken({ revision: undefined, after }));
  return { objects, revision, after, ignoresLimit: false };
}

/** @throws StatusError 400 */
export function parseResourceVersion(text: string): number {
  if (text === '') return 0;
  if (/^\d+$/.test(text)) return Number(text);
  const why = `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`;
  throw badRequest(`invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: ${why}`);
}

function checkListOptions(version: VersionQuery): void {
  const match = version.resourceVersionMatch;
  const faults: StatusCause[] = [];
  const field = 'resourceVersionMatch';
  if (match !== '') {
    if (version.resourceVersion === '') {
      faults.push(fieldFault.forbidden(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
    }
    if (version.continueToken !== '') {
      faults.push(fieldFault.forbidden(field, 'resourceVersionMatch is forbidden when continue is provided'));
    }
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      faults.push(fieldFault.notSupported(field, match, ['Exact', 'NotOlderThan', '']));
    }
    if (match === 'Exact' && version.resourceVersion === '0') {
      faults.push(fieldFault.forbidden(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
    }
  }
  if (version.sendInitialEvents !== undefined) {
    faults.push(fieldFault.forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  if (faults.length > 0) throw invalid(listOptions, '', faults);
}

/** @throws StatusError 422 for a combination of watch options that the API forbids. */
export function checkWatchOptions(version: VersionQuery): void {
  const match = version.resourceVersionMatch;
  const faults: StatusCause[] = [];
  const field = 'resourceVersionMatch';
  if (version.sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    faults.push(fieldFault.forbidden(field, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  }
  if (match !== '') {
    if (version.sendInitialEvents === undefined) {
      faults.push(
        fieldFault.forbidden(field, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'),
      );
    }
    if (match !== 'NotOlderThan') faults.push(fieldFault.notSupported(field, match, ['NotOlderThan']));
    if (version.continueToken !== '') {
      faults.push(fieldFault.forbidden(field, 'resourceVersionMatch is forbidden when continue is provided'));
    }
  }
  if (faults.length > 0) throw invalid(listOptions, '', faults);
}
