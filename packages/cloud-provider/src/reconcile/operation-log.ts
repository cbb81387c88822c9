import type { Clock } from '../base/clock.ts';
import {
  type FieldChange,
  type Operation,
  type ResourceKey,
  type Verb,
  describeOperation,
} from '../cloud/operation.ts';

/**
 * - `planned`: it is about to be judged and done.
 * - `applied`: done.
 * - `pending`: the cloud accepted it and works on it.
 * - `refused`: the guard did not let it through.
 * - `failed`: the cloud's answer was an error, or there was none.
 */
export type OperationPhase = 'planned' | 'applied' | 'pending' | 'refused' | 'failed';

/** One operation at one point of its life. Prints as JSON. */
export interface OperationRecord {
  /** Rises by one with each record, so that a reader can tell what it has seen. */
  readonly sequence: number;
  /** RFC 3339. */
  readonly time: string;
  /** Whose plan it belongs to, for example `network/service/<uid>`. */
  readonly group: ResourceKey;
  readonly verb: Verb;
  /** The cloud's word for the kind of object. */
  readonly kind: string;
  readonly name: string;
  readonly phase: OperationPhase;
  /** One line for people. */
  readonly text: string;
  readonly changes: readonly FieldChange[];
  /** Why it was refused or failed; empty otherwise. */
  readonly message: string;
}

/** The latest operations, as they happen. Old ones fall out; nothing depends on them. */
export class OperationLog {
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #listeners = new Set<(record: OperationRecord) => void>();
  #records: OperationRecord[] = [];
  #sequence = 0;

  /** @param capacity how many are kept. @default 1000 */
  constructor(clock: Clock, capacity = 1000) {
    this.#clock = clock;
    this.#capacity = capacity;
  }

  record(
    group: ResourceKey,
    operation: Operation,
    outcome: { readonly phase: OperationPhase; readonly message?: string },
  ): void {
    const record: OperationRecord = {
      sequence: ++this.#sequence,
      time: this.#clock.now().toISOString(),
      group,
      verb: operation.verb,
      kind: operation.object.kind,
      name: operation.object.name,
      phase: outcome.phase,
      text: describeOperation(operation),
      changes: operation.changes,
      message: outcome.message ?? '',
    };
    this.#records.push(record);
    // Cut in one go now and then: moving the whole array for each record would cost more than all the rest.
    if (this.#records.length > 2 * this.#capacity) this.#records = this.#records.slice(-this.#capacity);
    for (const listener of this.#listeners) listener(record);
  }

  /** Oldest first. @param after only records with a higher sequence. @default 0 */
  records(after = 0): readonly OperationRecord[] {
    return this.#records.slice(-this.#capacity).filter((record) => record.sequence > after);
  }

  /** Calls back for each record from now on, synchronously; it must not throw. Returns how to stop. */
  onRecord(listener: (record: OperationRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
