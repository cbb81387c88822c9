import type { Node } from '../../../api/node.ts';
import type { KubeClient, ListOptions, ObjectList, WatchOptions } from '../../client/kube-client.ts';
import { JsonReader } from '../../projection/json/json-reader.ts';
import { nodeProjection } from '../../projection/node.ts';
import { StringCache } from '../../projection/string-cache.ts';

export type WatchScript = (options: WatchOptions<Node>) => Promise<void>;
export type ListScript = (options: ListOptions) => ObjectList<Node>;

/** A client that answers lists and watches in the order that a test lays down; the last script of each goes on for ever. */
export class ScriptedClient {
  readonly watches: WatchOptions<Node>[] = [];
  readonly lists: ListOptions[] = [];
  readonly #watchScripts: WatchScript[];
  readonly #listScripts: ListScript[];

  constructor(scripts: { readonly watch?: WatchScript[]; readonly list?: ListScript[] }) {
    this.#watchScripts = scripts.watch ?? [];
    this.#listScripts = scripts.list ?? [];
  }

  get client(): KubeClient {
    const answers = {
      watch: (_resource: unknown, options: WatchOptions<Node>): Promise<void> => {
        this.watches.push(options);
        return next(this.#watchScripts, 'watch')(options);
      },
      list: async (_resource: unknown, options: ListOptions): Promise<ObjectList<Node>> => {
        this.lists.push(options);
        return next(this.#listScripts, 'list')(options);
      },
    };
    return answers as unknown as KubeClient;
  }
}

/** Never ends by itself. */
export const stay: WatchScript = ({ signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true }));

/** Sends events, then goes on as another script. */
export function tell(events: (options: WatchOptions<Node>) => void, then: WatchScript = stay): WatchScript {
  return async (options) => {
    options.onOpen?.();
    events(options);
    await then(options);
  };
}

export function fail(error: Error): WatchScript {
  return () => Promise.reject(error);
}

/** The initial events of a streaming list at a version. */
export function initial(objects: readonly Node[], version: number): (options: WatchOptions<Node>) => void {
  return (options) => {
    for (const object of objects) options.onEvent({ type: 'added', object });
    options.onEvent({ type: 'bookmark', resourceVersion: String(version), initialEventsEnd: true });
  };
}

export function nodeAt(name: string, version: number, uid = `uid-${name}`): Node {
  const wire = Buffer.from(JSON.stringify({ metadata: { name, uid, resourceVersion: String(version) } }));
  return new JsonReader(nodeProjection, new StringCache()).read(wire, 0, wire.length);
}

function next<T>(scripts: T[], what: string): T {
  const [script, ...rest] = scripts;
  if (script === undefined) throw new Error(`no ${what} was expected`);
  if (rest.length > 0) scripts.shift();
  return script;
}
