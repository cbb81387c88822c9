import type { KubernetesObject, ObjectName } from '../../api/object-meta.ts';
import type { Duration } from '../../base/duration.ts';
import type { Resource } from '../resources.ts';
import type { Patch, PatchResult } from './patch.ts';
import type { WriteFence } from './write-fence.ts';

export type { WriteFence } from './write-fence.ts';

/**
 * Talks to one API server. Safe for concurrent use. All methods reject with an ApiError, or with FencedError when the
 * request was withheld by its fence.
 */
export interface KubeClient {
  /** Reads one object from the server's storage, never from a cache. Rejects with `notFound` when it is not there. */
  get<T extends KubernetesObject>(resource: Resource<T>, name: ObjectName, options: CallOptions): Promise<T>;
  /** Reads all objects, page by page; all pages are of one version. Rejects with `expired` when that version went away meanwhile. */
  list<T extends KubernetesObject>(resource: Resource<T>, options: ListOptions): Promise<ObjectList<T>>;
  /**
   * Follows the changes of a resource. Resolves when the server ends the stream in an orderly way, rejects otherwise; an
   * ERROR event of the server rejects with its ApiError. Events are delivered in order, in slices that leave time for others.
   */
  watch<T extends KubernetesObject>(resource: Resource<T>, options: WatchOptions<T>): Promise<void>;
  /** Creates an object from its wire JSON; `apiVersion` and `kind` are added. The namespace is that of its metadata. */
  create<T extends KubernetesObject>(resource: Resource<T>, object: WireObject, options: CreateOptions): Promise<T>;
  /** Changes one object. */
  patch<T extends KubernetesObject>(
    resource: Resource<T>,
    name: ObjectName,
    patch: Patch,
    options: PatchOptions,
  ): Promise<PatchResult>;
  /** Asks for the deletion of one object; it may live on until its finalizers are gone. */
  delete<T extends KubernetesObject>(resource: Resource<T>, name: ObjectName, options: DeleteOptions): Promise<void>;
  /** Sends any other request: health, discovery, reviews. Resolves with whatever status the server answers. */
  raw(request: RawRequest): Promise<RawResponse>;
  /** Ends all requests and connections. */
  close(): Promise<void>;
}

export interface CallOptions {
  /** Ends the request at once. */
  readonly signal: AbortSignal;
  /** The whole call, retries included. @default 30s */
  readonly timeout?: Duration;
  /** Asked before each send. */
  readonly fence?: WriteFence;
}

export interface ListOptions extends CallOptions {
  /** Only this namespace. @default all */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** `''`: the newest, read consistently. `'0'`: any version that the server has at hand. Other: not older than this. @default '' */
  readonly resourceVersion?: string;
  /** Objects a page; 0 for no paging. @default 500 */
  readonly pageSize?: number;
}

export interface ObjectList<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
}

export interface WatchOptions<T> {
  readonly signal: AbortSignal;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Changes after this version; with {@link sendInitialEvents} the least version of the initial state (`''` is the newest). */
  readonly resourceVersion: string;
  /** Streaming list: the present state as ADDED events, closed by a bookmark with `initialEventsEnd`. @default false */
  readonly sendInitialEvents?: boolean;
  /** When the server shall end the stream. */
  readonly timeout: Duration;
  /** The stream fails with `timeout` when no byte arrived for so long. @default never */
  readonly idleTimeout?: Duration;
  /** Asked before the request is sent. */
  readonly fence?: WriteFence;
  /** Called once, when the server accepted the watch and before any event. */
  onOpen?(): void;
  /** Called synchronously for each event. An error thrown here ends the watch with it. */
  onEvent(event: WatchEvent<T>): void;
}

/** One change. The ERROR event of the wire is not among them: it rejects the watch. */
export type WatchEvent<T> =
  | { readonly type: 'added' | 'modified' | 'deleted'; readonly object: T }
  | { readonly type: 'bookmark'; readonly resourceVersion: string; readonly initialEventsEnd: boolean };

/** An object as it goes to the server. */
export interface WireObject {
  readonly metadata: {
    readonly name?: string;
    readonly generateName?: string;
    readonly namespace?: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

export interface WriteOptions extends CallOptions {
  /** Who the server records as owner of the written fields. @default the user agent's name */
  readonly fieldManager?: string;
  /** Go through admission and validation without storing. @default false */
  readonly dryRun?: boolean;
}

export type CreateOptions = WriteOptions;

export interface PatchOptions extends WriteOptions {
  readonly subresource?: 'status';
}

export interface DeleteOptions extends CallOptions {
  /** The deletion happens only while the object still has these; otherwise it rejects with `conflict`. */
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: boolean;
}

export interface RawRequest extends CallOptions {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Segments of the path, unescaped: `['apis', 'coordination.k8s.io', 'v1']`. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** @default application/json */
  readonly contentType?: string;
  /** @default application/json */
  readonly accept?: string;
}

export interface RawResponse {
  readonly status: number;
  /** The value of a header by its lower-case name; empty when absent. */
  header(name: string): string;
  text(): string;
  /** @throws ApiError `malformedReply` when the body is not JSON */
  json(): unknown;
}
