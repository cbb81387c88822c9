import type { KubernetesObject } from '../../api/object-meta.ts';
import { type Backoff, exponentialBackoff } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import { type Logger, silentLogger } from '../../telemetry/logger.ts';
import { ApiError, isApiError, isExpired } from '../client/api-error.ts';
import type { KubeClient, WatchEvent } from '../client/kube-client.ts';
import type { Resource } from '../resources.ts';
import { isNewer } from './resource-version.ts';

/** Where a reflector puts what it learns. Called synchronously, one after another, never concurrently. */
export interface ReflectorTarget<T> {
  /** An object of the first state, which is not complete yet. */
  onInitial(object: T): void;
  /**
   * The complete state at a version. Everything else is gone.
   *
   * @param isAuthoritative the state was read from the quorum: it holds even against newer versions that were seen before
   *   (a cluster that was restored from a backup)
   */
  onReplace(state: ReflectedState<T>): void;
  onChange(type: 'added' | 'modified' | 'deleted', object: T): void;
}

export interface ReflectedState<T> {
  readonly objects: Iterable<T>;
  readonly resourceVersion: string;
  readonly isAuthoritative: boolean;
}

/** Why a reflector had to begin again or to reconnect; for logs and metrics. */
export type ReflectorInterruption = 'ended' | 'expired' | 'timeout' | 'refused' | 'connection' | 'malformed';

export interface ReflectorOptions {
  readonly clock: Clock;
  readonly logger?: Logger | undefined;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Uniform in [0, 1). @default Math.random */
  readonly random?: (() => number) | undefined;
  /** A watch that is silent for longer is given up; servers send a bookmark about every minute. @default 90s */
  readonly idleTimeout?: Duration | undefined;
  readonly onInterrupted?: ((why: ReflectorInterruption, error: unknown) => void) | undefined;
}

const shortestWatch = Duration.minutes(5);
/** A watch that ended in an orderly way after less than this did not work properly. */
const properWatch = Duration.seconds(1);
const defaultIdleTimeout = Duration.seconds(90);
/** After so many failures in a row that brought nothing new, the state is read anew instead of resumed. */
const resumeAttempts = 5;

/**
 * Keeps a target in step with a resource: reads the state, follows the changes, and repairs what goes wrong in between.
 * It resumes from the last version as long as the server has it, and reads everything anew when it does not.
 */
export class Reflector<T extends KubernetesObject> {
  readonly #client: KubeClient;
  readonly #resource: Resource<T>;
  readonly #options: ReflectorOptions;
  readonly #logger: Logger;
  readonly #random: () => number;
  readonly #backoff: Backoff;
  #resourceVersion = '';
  #streams = true;
  #mustReadConsistently = false;
  #progressed = false;

  constructor(client: KubeClient, resource: Resource<T>, options: ReflectorOptions) {
    this.#client = client;
    this.#resource = resource;
    this.#options = options;
    this.#logger = (options.logger ?? silentLogger).child({ resource: resource.plural });
    this.#random = options.random ?? Math.random;
    this.#backoff = exponentialBackoff({
      initial: Duration.milliseconds(800),
      max: Duration.seconds(30),
      jitter: 1,
      random: this.#random,
    });
  }

  /** The newest version that the target reflects; empty before the first complete state. */
  get resourceVersion(): string {
    return this.#resourceVersion;
  }

  /** Runs until the signal is aborted. Never rejects. */
  async run(target: ReflectorTarget<T>, signal: AbortSignal): Promise<void> {
    let mustList = true;
    let fruitless = 0;
    while (!signal.aborted) {
      this.#progressed = false;
      const startedAt = this.#options.clock.monotonic();
      let wait: Duration | undefined;
      try {
        // A streaming list goes on as a watch: it counts as a watch once its initial events are complete.
        if (mustList) await this.#list(target, signal);
        else await this.#watch(target, signal);
        mustList = this.#resourceVersion === '';
        const lasted = this.#options.clock.monotonic() - startedAt;
        if (!this.#progressed && lasted < properWatch.milliseconds) wait = this.#backoff.next();
        this.#options.onInterrupted?.('ended', undefined);
      } catch (error) {
        if (signal.aborted) return;
        if (this.#progressed) {
          mustList = false;
          fruitless = 0;
        }
        fruitless++;
        // An expired watch says how to go on, at once; a list that expires too is a failure like others.
        wait = isExpired(error) && !mustList ? undefined : this.#failed(error);
        mustList = mustList || isExpired(error) || fruitless >= resumeAttempts || this.#resourceVersion === '';
        if (fruitless >= resumeAttempts) fruitless = 0;
        this.#report(error, mustList);
      }
      if (this.#progressed) fruitless = 0;
      if (wait !== undefined && !(await this.#pause(wait, signal))) return;
    }
  }

  async #list(target: ReflectorTarget<T>, signal: AbortSignal): Promise<void> {
    if (this.#streams) {
      const why = await this.#streamList(target, signal);
      if (why === undefined) return;
      this.#streams = false;
      this.#logger.info('the server has no streaming lists: listing by pages', { reason: why });
    }
    const isAuthoritative = this.#mustReadConsistently;
    let list;
    try {
      list = await this.#client.list(this.#resource, {
        ...this.#selection(),
        signal,
        timeout: Duration.minutes(5),
        resourceVersion: this.#listVersion(),
      });
    } catch (error) {
      if (isTooOldOrTooNew(error)) this.#mustReadConsistently = true;
      throw error;
    }
    this.#replace(target, { objects: list.items, resourceVersion: list.resourceVersion, isAuthoritative });
  }

  /** Lists and goes on watching in one stream. Gives back why the server cannot do it; otherwise the stream has ended. */
  async #streamList(target: ReflectorTarget<T>, signal: AbortSignal): Promise<string | undefined> {
    const isAuthoritative = this.#mustReadConsistently;
    const isFirst = this.#resourceVersion === '';
    const collected = new Map<string, T>();
    let isComplete = false;
    const onEvent = (event: WatchEvent<T>): void => {
      if (isComplete) {
        this.#follow(target, event);
      } else if (event.type === 'bookmark') {
        if (!event.initialEventsEnd) throw this.#unmarked();
        isComplete = true;
        this.#replace(target, {
          objects: collected.values(),
          resourceVersion: event.resourceVersion,
          isAuthoritative,
        });
        collected.clear();
      } else if (event.type === 'deleted') {
        collected.delete(event.object.metadata.uid);
      } else {
        collected.set(event.object.metadata.uid, event.object);
        if (isFirst && event.type === 'added') target.onInitial(event.object);
      }
    };
    try {
      await this.#client.watch(this.#resource, {
        ...this.#watchOptions(signal),
        resourceVersion: this.#listVersion(),
        sendInitialEvents: true,
        onEvent,
      });
    } catch (error) {
      if (isComplete || signal.aborted) throw error;
      // Objects that were told of must not vanish because the next answer comes from a server that lags behind.
      if (isTooOldOrTooNew(error) || (isFirst && collected.size > 0)) this.#mustReadConsistently = true;
      if (isStreamingRefused(error)) return error.reason === '' ? error.kind : error.reason;
      throw error;
    }
    if (isComplete) return undefined;
    if (collected.size > 0) this.#mustReadConsistently = true;
    throw new ApiError(`list ${this.#resource.plural}: the stream ended among the initial events`, {
      kind: 'connectionFailed',
    });
  }

  /** Bookmarks begin when the initial events are complete; one without the mark comes from a server that ignored the request. */
  #unmarked(): ApiError {
    return new ApiError(`list ${this.#resource.plural}: the server does not mark the end of initial events`, {
      kind: 'unsupported',
      outcome: 'refused',
    });
  }

  async #watch(target: ReflectorTarget<T>, signal: AbortSignal): Promise<void> {
    await this.#client.watch(this.#resource, {
      ...this.#watchOptions(signal),
      resourceVersion: this.#resourceVersion,
      onEvent: (event) => this.#follow(target, event),
    });
  }

  #follow(target: ReflectorTarget<T>, event: WatchEvent<T>): void {
    if (event.type === 'bookmark') {
      if (isNewer(this.#resourceVersion, event.resourceVersion)) throw this.#wentBack(event.resourceVersion);
      this.#advance(event.resourceVersion);
      return;
    }
    const version = event.object.metadata.resourceVersion;
    // A server that repeats itself is not listened to twice; whether a deletion is news the target knows better.
    const isNews = isNewer(version, this.#resourceVersion);
    if (isNews || event.type === 'deleted') target.onChange(event.type, event.object);
    this.#advance(version);
  }

  /** A cluster restored from a backup counts from an earlier version: waiting for ours to come would be waiting for ever. */
  #wentBack(version: string): ApiError {
    this.#mustReadConsistently = true;
    return new ApiError(
      `watch ${this.#resource.plural}: the server is at ${version}, behind ${this.#resourceVersion}`,
      {
        kind: 'expired',
      },
    );
  }

  #replace(target: ReflectorTarget<T>, state: ReflectedState<T>): void {
    if (!state.isAuthoritative && isNewer(this.#resourceVersion, state.resourceVersion)) {
      this.#mustReadConsistently = true;
      throw new ApiError(
        `list ${this.#resource.plural}: version ${state.resourceVersion} is older than what is known`,
        {
          kind: 'malformedReply',
          outcome: 'refused',
        },
      );
    }
    target.onReplace(state);
    this.#mustReadConsistently = false;
    this.#resourceVersion = state.resourceVersion;
    this.#progress();
  }

  #advance(version: string): void {
    if (isNewer(version, this.#resourceVersion)) this.#resourceVersion = version;
    this.#progress();
  }

  #progress(): void {
    this.#progressed = true;
    this.#backoff.reset();
  }

  /** The first state may be any that the server has at hand; later ones must not be older than what is known. */
  #listVersion(): string {
    if (this.#mustReadConsistently) return '';
    return this.#resourceVersion === '' ? '0' : this.#resourceVersion;
  }

  #selection(): { readonly namespace?: string; readonly labelSelector?: string; readonly fieldSelector?: string } {
    const { namespace, labelSelector, fieldSelector } = this.#options;
    return {
      ...(namespace !== undefined && { namespace }),
      ...(labelSelector !== undefined && { labelSelector }),
      ...(fieldSelector !== undefined && { fieldSelector }),
    };
  }

  #watchOptions(signal: AbortSignal) {
    return {
      ...this.#selection(),
      signal,
      // Spread, so that the watches of many clients do not end together.
      timeout: shortestWatch.times(1 + this.#random()),
      idleTimeout: this.#options.idleTimeout ?? defaultIdleTimeout,
    };
  }

  #failed(error: unknown): Duration {
    const wait = this.#backoff.next();
    const asked = error instanceof ApiError ? error.retryAfter : undefined;
    return asked === undefined ? wait : wait.max(asked);
  }

  #report(error: unknown, mustList: boolean): void {
    const message = error instanceof Error ? error.message : String(error);
    const next = mustList ? 'list' : 'watch';
    if (isExpired(error)) this.#logger.info('the version is no longer kept', { error: message, next });
    else this.#logger.warn('lost the watch', { error: message, next });
    this.#options.onInterrupted?.(interruptionOf(error), error);
  }

  async #pause(wait: Duration, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#options.clock.sleep(wait, signal);
      return true;
    } catch {
      return false;
    }
  }
}

/** 422 is a server whose feature is switched off, 400 one that does not know it. */
function isStreamingRefused(error: unknown): error is ApiError {
  return isApiError(error, 'invalid') || isApiError(error, 'badRequest') || isApiError(error, 'unsupported');
}

/** A version that the server has forgotten, or has not reached: after a restore it never will. */
function isTooOldOrTooNew(error: unknown): boolean {
  if (isExpired(error)) return true;
  return error instanceof ApiError && error.details.causes.some((cause) => cause.reason === 'ResourceVersionTooLarge');
}

function interruptionOf(error: unknown): ReflectorInterruption {
  if (!(error instanceof ApiError)) return 'malformed';
  switch (error.kind) {
    case 'expired':
      return 'expired';
    case 'timeout':
      return 'timeout';
    case 'connectionFailed':
    case 'aborted':
      return 'connection';
    case 'malformedReply':
      return 'malformed';
    case 'notFound':
    case 'alreadyExists':
    case 'conflict':
    case 'invalid':
    case 'badRequest':
    case 'unauthorized':
    case 'forbidden':
    case 'unsupported':
    case 'tooLarge':
    case 'tooManyRequests':
    case 'unavailable':
    case 'serverTimeout':
    case 'internal':
      return 'refused';
  }
}
