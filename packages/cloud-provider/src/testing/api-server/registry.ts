import type { Clock } from '../../base/clock.ts';
import type { ApiObject } from './api-object.ts';
import { storageKey } from './api-object.ts';
import { Collection, RevisionCounter } from './collection.ts';
import type { StoredObject } from './collection.ts';
import { decode } from './decode.ts';
import type { JsonObject } from './json.ts';
import type { ResourceDefinition, RuleContext } from './resource.ts';
import { createResources } from './resources/resource-table.ts';
import { notFound } from './status.ts';
import type { Subject } from './status.ts';

export interface RegistryOptions {
  readonly clock: Clock;
  /** How many changes of each storage are kept for watches and consistent lists. */
  readonly historySize: number;
  readonly randomUUID: () => string;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** The resources of one server with their objects. */
export class Registry {
  readonly clock: Clock;
  readonly revisions = new RevisionCounter();
  readonly resources: readonly ResourceDefinition[] = createResources();
  readonly randomUUID: () => string;
  readonly #random: () => number;
  readonly #historySize: number;
  #compactedTo = 0;
  readonly #collections = new Map<string, Collection>();

  constructor(options: RegistryOptions) {
    this.clock = options.clock;
    this.randomUUID = options.randomUUID;
    this.#random = options.random;
    this.#historySize = options.historySize;
  }

  find(group: string, version: string, plural: string): ResourceDefinition | undefined {
    return this.resources.find((one) => one.group === group && one.version === version && one.plural === plural);
  }

  collection(resource: ResourceDefinition): Collection {
    let collection = this.#collections.get(resource.storage);
    if (!collection) {
      collection = new Collection({ revisions: this.revisions, historySize: this.#historySize });
      collection.compact(this.#compactedTo);
      this.#collections.set(resource.storage, collection);
    }
    return collection;
  }

  /** @throws StatusError 404 */
  stored(resource: ResourceDefinition, namespace: string, name: string): StoredObject {
    const stored = this.collection(resource).get(storageKey(namespace, name));
    if (!stored) throw notFound(pluralOf(resource), name);
    return stored;
  }

  /** An object in the form of a resource, which may differ from the stored form. */
  present(resource: ResourceDefinition, object: ApiObject): ApiObject {
    if (!resource.conversion) return object;
    return decode(resource.conversion.wireType, resource.conversion.fromStored(object)).value as ApiObject;
  }

  random(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  get ruleContext(): RuleContext {
    return { now: this.timestamp(), random: (limit) => this.random(limit) };
  }

  /** Now, as `metav1.Time` writes it. */
  timestamp(): string {
    return `${this.clock.now().toISOString().slice(0, 19)}Z`;
  }

  forgetHistory(): void {
    this.#compactedTo = this.revisions.current;
    for (const collection of this.#collections.values()) collection.compact(this.revisions.current);
  }
}

/** Brings an object made by rules into the declared order and shares what it has in common with an earlier version. */
export function canonical(
  resource: ResourceDefinition,
  object: JsonObject,
  previous: ApiObject | undefined,
): ApiObject {
  return decode(resource.type, object, { previous }).value as ApiObject;
}

export function pluralOf(resource: ResourceDefinition): Subject {
  return { group: resource.group, label: resource.plural };
}

export function kindOf(resource: ResourceDefinition): Subject {
  return { group: resource.group, label: resource.kind };
}
