import { withMetadata } from './api-object.ts';
import type { Change, ChangeType, StoredObject } from './collection.ts';
import { checkWatchOptions, parseResourceVersion } from './reads.ts';
import type { VersionQuery } from './reads.ts';
import type { Registry } from './registry.ts';
import type { ResourceDefinition } from './resource.ts';
import type { Selection } from './selection.ts';
import { expired, tooLargeResourceVersion } from './status.ts';
import type { StatusError } from './status.ts';

/** What a watch tells. */
export type WatchEvent =
  | {
      readonly type: ChangeType;
      readonly stored: StoredObject;
      /** Shared by all watches that see the same change as the same event, so that it is encoded once. */
      readonly encodings: Map<string, Buffer> | undefined;
    }
  | { readonly type: 'BOOKMARK'; readonly revision: number; readonly isInitialEventsEnd: boolean }
  | { readonly type: 'ERROR'; readonly error: StatusError };

export interface WatchRequest {
  readonly selection: Selection;
  readonly version: VersionQuery;
  readonly allowBookmarks: boolean;
}

export interface Watch {
  /** Sends a bookmark of now, if the client asked for bookmarks. */
  bookmark(): void;
  stop(): void;
}

/**
 * Starts a watch: tells the past that the request asks for at once, then each change within the write that makes it.
 *
 * @throws StatusError for a request that is refused before the stream starts.
 */
export function startWatch(
  registry: Registry,
  resource: ResourceDefinition,
  request: WatchRequest & { readonly send: (event: WatchEvent) => void },
): Watch {
  const { version, selection, send } = request;
  checkWatchOptions(version);
  const from = parseResourceVersion(version.resourceVersion);
  const collection = registry.collection(resource);
  const tell = (change: Change): void => {
    const event = eventFor(change, selection);
    if (event) send(event);
  };
  const current = registry.revisions.current;
  const startsWithState = version.sendInitialEvents ?? from === 0;
  if (version.sendInitialEvents === true && from > current) throw tooLargeResourceVersion(from, current);
  if (startsWithState) {
    for (const stored of collection.list()) {
      if (selection.matches(stored.object)) send({ type: 'ADDED', stored, encodings: undefined });
    }
    if (request.allowBookmarks && version.sendInitialEvents === true) {
      send({ type: 'BOOKMARK', revision: current, isInitialEventsEnd: true });
    }
  } else if (from > 0) {
    const past = collection.changesAfter(from);
    if (!past) {
      send({ type: 'ERROR', error: expired(`too old resource version: ${from} (${current})`) });
      return { bookmark: () => undefined, stop: () => undefined };
    }
    for (const change of past) tell(change);
  }
  const stop = collection.subscribe((change) => {
    // A watch from the future is silent until the future is there.
    if (change.revision > from) tell(change);
  });
  return {
    bookmark: () => {
      if (request.allowBookmarks)
        send({ type: 'BOOKMARK', revision: registry.revisions.current, isInitialEventsEnd: false });
    },
    stop,
  };
}

/** A change as a selection sees it: an object that enters it is added, one that leaves it is deleted. */
function eventFor(change: Change, selection: Selection): WatchEvent | undefined {
  const { current, previous } = change;
  const isIn = change.type !== 'DELETED' && selection.matches(current.object);
  const wasIn = previous !== undefined && selection.matches(previous.object);
  if (isIn) return { type: wasIn ? 'MODIFIED' : 'ADDED', stored: current, encodings: change.encodings };
  if (!wasIn) return undefined;
  if (change.type === 'DELETED') return { type: 'DELETED', stored: current, encodings: change.encodings };
  const last = withMetadata(previous.object, { resourceVersion: String(change.revision) });
  const stored = { ...previous, object: last, revision: change.revision, encodings: new Map<string, Buffer>() };
  return { type: 'DELETED', stored, encodings: undefined };
}
