import type { KubernetesObject } from '../../../api/object-meta.ts';
import type { EventHandler } from '../informer.ts';

export interface Sighting {
  readonly type: 'add' | 'update' | 'delete';
  readonly name: string;
  readonly uid: string;
  readonly version: number;
  readonly initial: boolean;
}

/** A handler that keeps its own view from what it is told, and notes every breach of what informers promise. */
export class Witness<T extends KubernetesObject> implements EventHandler<T> {
  readonly seen: Sighting[] = [];
  readonly view = new Map<string, T>();
  readonly breaches: string[] = [];

  onAdd(object: T, initial: boolean): void {
    this.#note('add', object, initial);
    if (this.view.has(object.metadata.name)) this.#breach('added twice', object);
    this.view.set(object.metadata.name, object);
  }

  onUpdate(old: T, next: T): void {
    this.#note('update', next, false);
    const known = this.view.get(next.metadata.name);
    if (known === undefined) this.#breach('updated before it was added', next);
    else if (known !== old) this.#breach('updated from a state that was never told', next);
    if (known !== undefined && known.metadata.uid !== next.metadata.uid) this.#breach('became another object', next);
    if (known !== undefined && versionOf(next) <= versionOf(known)) this.#breach('went back in time', next);
    this.view.set(next.metadata.name, next);
  }

  onDelete(last: T): void {
    this.#note('delete', last, false);
    const known = this.view.get(last.metadata.name);
    if (known === undefined) this.#breach('deleted twice', last);
    else if (known.metadata.uid !== last.metadata.uid) this.#breach('another was deleted', last);
    else if (versionOf(last) < versionOf(known)) this.#breach('deleted in an older state', last);
    this.view.delete(last.metadata.name);
  }

  #note(type: Sighting['type'], object: T, initial: boolean): void {
    this.seen.push({ type, name: object.metadata.name, uid: object.metadata.uid, version: versionOf(object), initial });
  }

  #breach(what: string, object: T): void {
    this.breaches.push(`${object.metadata.name}@${object.metadata.resourceVersion} ${what}`);
  }
}

function versionOf(object: KubernetesObject): number {
  return Number(object.metadata.resourceVersion);
}
