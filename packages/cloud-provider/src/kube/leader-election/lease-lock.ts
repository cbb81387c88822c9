import type { ObjectReference } from '../../api/event.ts';
import { type ObjectName, nameKey } from '../../api/object-meta.ts';
import type { Duration } from '../../base/duration.ts';
import { isNotFound } from '../client/api-error.ts';
import type { KubeClient, WriteFence } from '../client/kube-client.ts';
import { apiVersionOf, leases } from '../resources.ts';
import type { LeaseRecord } from './lease-record.ts';

/** One read or write: how long it may take, what ends it early, and what keeps it from being sent. */
export interface LockCall {
  readonly timeout: Duration;
  readonly signal: AbortSignal;
  readonly fence: WriteFence;
}

/**
 * The record of one Lease. Writes are conditional on the version last seen, and touch the fields of the record alone, so
 * that `strategy`, `preferredHolder` and whatever a later version adds stay as they are.
 */
export class LeaseLock {
  readonly #client: KubeClient;
  readonly #name: ObjectName;
  #resourceVersion = '';
  #uid = '';

  constructor(client: KubeClient, name: ObjectName) {
    this.#client = client;
    this.#name = name;
  }

  get name(): ObjectName {
    return this.#name;
  }

  toString(): string {
    return nameKey(this.#name);
  }

  /** What Events about the lease refer to. */
  get reference(): ObjectReference {
    return {
      kind: leases.kind,
      apiVersion: apiVersionOf(leases),
      namespace: this.#name.namespace,
      name: this.#name.name,
      uid: this.#uid,
      resourceVersion: this.#resourceVersion,
      fieldPath: '',
    };
  }

  /** The present record; undefined when there is no such Lease. */
  async read(call: LockCall): Promise<LeaseRecord | undefined> {
    try {
      const lease = await this.#client.get(leases, this.#name, call);
      this.#remember(lease.metadata);
      return lease.spec;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Rejects with `alreadyExists` when somebody else was first. */
  async create(record: LeaseRecord, call: LockCall): Promise<void> {
    const lease = await this.#client.create(leases, { metadata: { ...this.#name }, spec: { ...record } }, call);
    this.#remember(lease.metadata);
  }

  /** Rejects with `conflict` when the Lease was written since it was last read or written here. */
  async update(record: LeaseRecord, call: LockCall): Promise<void> {
    const body = { metadata: { resourceVersion: this.#resourceVersion }, spec: { ...record } };
    const { resourceVersion } = await this.#client.patch(leases, this.#name, { type: 'merge', body }, call);
    this.#resourceVersion = resourceVersion;
  }

  #remember(metadata: { readonly uid: string; readonly resourceVersion: string }): void {
    this.#uid = metadata.uid;
    this.#resourceVersion = metadata.resourceVersion;
  }
}
