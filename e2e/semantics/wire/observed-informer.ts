import {
  connectKubeClient,
  createInformer,
  type Informer,
  type KubernetesObject,
  type resources,
  systemClock,
} from '@ccm-ts/cloud-provider';
import { kubeconfigVariable } from './connection.ts';

export type ContentType = 'json' | 'protobuf';

/** What a handler of an informer was told. */
export interface Told<T> {
  readonly type: 'add' | 'update' | 'delete';
  readonly object: T;
}

/** An informer with a handler that remembers everything. */
export interface ObservedInformer<T extends KubernetesObject> extends AsyncDisposable {
  readonly informer: Informer<T>;
  readonly told: readonly Told<T>[];
  /** Resolves when what was told fits; fails after ten seconds. */
  readonly until: (fits: (told: readonly Told<T>[]) => boolean) => Promise<void>;
}

export interface InformerChoice {
  readonly contentType: ContentType;
  /** @default the server of the kubeconfig */
  readonly url?: string;
  readonly labelSelector?: string;
  readonly namespace?: string;
}

const patienceMilliseconds = 20_000;

/** Our client on the server under test. */
export async function connectOurClient(contentType: ContentType, url?: string) {
  return await connectKubeClient({
    kubeconfig: process.env[kubeconfigVariable],
    master: url,
    userAgent: 'ccm-ts-e2e/1',
    contentType,
    clock: systemClock,
  });
}

/** Starts an informer on the server under test and waits until it has the present state. */
export async function observe<T extends KubernetesObject>(
  resource: resources.Resource<T>,
  choice: InformerChoice,
): Promise<ObservedInformer<T>> {
  const client = await connectOurClient(choice.contentType, choice.url);
  const { labelSelector, namespace } = choice;
  const informer = createInformer(client, resource, { clock: systemClock, labelSelector, namespace });
  const told: Told<T>[] = [];
  let wake: (() => void) | undefined;
  const hear = (type: Told<T>['type'], object: T): void => {
    told.push({ type, object });
    wake?.();
  };
  informer.addHandler({
    onAdd: (object) => hear('add', object),
    onUpdate: (_old, next) => hear('update', next),
    onDelete: (last) => hear('delete', last),
  });
  const end = new AbortController();
  informer.start(end.signal);
  await informer.synced;
  return {
    informer,
    told,
    until: async (fits) => {
      const deadline = performance.now() + patienceMilliseconds;
      while (!fits(told)) {
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        wake = resolve;
        const summary = (): string => told.map(({ type, object }) => `${type} ${object.metadata.name}`).join(', ');
        const timer = setTimeout(
          () => reject(new Error(`the handler was told only: ${summary().slice(-2000)}`)),
          Math.max(0, deadline - performance.now()),
        );
        await promise.finally(() => clearTimeout(timer));
      }
    },
    [Symbol.asyncDispose]: async () => {
      end.abort();
      await client.close();
    },
  };
}

/**
 * What every consumer may rely on: for each object add first, then updates to ever newer versions, then delete, and nothing
 * twice. Gives the first breach, or undefined.
 */
export function firstBreach<T extends KubernetesObject>(told: readonly Told<T>[]): string | undefined {
  const present = new Map<string, bigint>();
  for (const [index, { type, object }] of told.entries()) {
    const { uid, name, resourceVersion } = object.metadata;
    const known = present.get(uid);
    const version = BigInt(resourceVersion);
    const where = `${type} ${name} at ${resourceVersion}, number ${index}`;
    if (type === 'add' && known !== undefined) return `${where}: added twice`;
    if (type !== 'add' && known === undefined) return `${where}: it was not there`;
    if (type === 'update' && known !== undefined && version <= known) return `${where}: not newer than ${known}`;
    if (type === 'delete') present.delete(uid);
    else present.set(uid, version);
  }
  return undefined;
}
