import type { KubernetesObject } from '../../api/object-meta.ts';
import type { Informer } from '../../kube/informer/informer.ts';
import { ObjectStore } from '../../kube/informer/object-store.ts';
import type { Resource } from '../../kube/resources.ts';

/** An informer of objects that never change. */
export function snapshotInformer<T extends KubernetesObject>(
  resource: Resource<T>,
  objects: readonly T[],
): Informer<T> {
  const store = new ObjectStore<T>();
  for (const object of objects) store.set(object);
  return {
    resource,
    store,
    addHandler(handler) {
      for (const object of objects) handler.onAdd(object, true);
      return () => undefined;
    },
    addIndex: (name, keys) => store.addIndex(name, keys),
    start: () => undefined,
    synced: Promise.resolve(),
    hasSynced: () => true,
    lastResourceVersion: () => '1',
  };
}
