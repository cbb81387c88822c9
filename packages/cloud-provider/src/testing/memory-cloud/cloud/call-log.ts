import type { ApiGroup, OperationName, RefusalCode } from './api.ts';

/** A read that got "there is none" for an answer was accepted. */
export type CallOutcome = 'accepted' | 'throttled' | 'failed';

/** One request as the cloud saw it. */
export interface CallRecord {
  readonly sequence: number;
  readonly requestID: string;
  readonly time: Date;
  readonly operation: OperationName;
  readonly apiGroup: ApiGroup;
  readonly kind: 'read' | 'write';
  /** The cluster that the caller's credentials belong to. */
  readonly cluster: string;
  readonly outcome: CallOutcome;
  /** Why it was not accepted; `ConnectionLost` when the connection broke before it was done. */
  readonly code?: RefusalCode | 'ConnectionLost';
  /** It was done, and the caller never heard of it. */
  readonly isReplyLost: boolean;
  /** What a write changed, for example `load-balancer/web`. */
  readonly touched: readonly string[];
}

export type CallCounts = Readonly<Record<CallOutcome, number>>;

/** What was asked of the cloud. Counters cover everything, the list the most recent part. */
export class CallLog {
  readonly #capacity: number;
  readonly #counts = new Map<OperationName, Record<CallOutcome, number>>();
  readonly #listeners = new Set<(record: CallRecord) => void>();
  #records: CallRecord[] = [];
  #sequence = 0;

  /** @param capacity how many records are kept at least */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The most recent records, oldest first. */
  get records(): readonly CallRecord[] {
    return this.#records;
  }

  append(record: Omit<CallRecord, 'sequence'>): CallRecord {
    const appended = { sequence: ++this.#sequence, ...record };
    this.#records.push(appended);
    // Halving keeps appending cheap; a shift for each record would not.
    if (this.#records.length > 2 * this.#capacity) this.#records = this.#records.slice(-this.#capacity);
    const counts = this.#counts.get(record.operation) ?? { accepted: 0, throttled: 0, failed: 0 };
    counts[record.outcome]++;
    this.#counts.set(record.operation, counts);
    for (const listener of this.#listeners) listener(appended);
    return appended;
  }

  /** By operation, those that were never called left out. */
  counts(): Readonly<Partial<Record<OperationName, CallCounts>>> {
    return Object.fromEntries([...this.#counts].map(([operation, counts]) => [operation, { ...counts }]));
  }

  /** All operations together. */
  total(): CallCounts {
    const total = { accepted: 0, throttled: 0, failed: 0 };
    for (const counts of this.#counts.values()) {
      total.accepted += counts.accepted;
      total.throttled += counts.throttled;
      total.failed += counts.failed;
    }
    return total;
  }

  /** Forgets everything so far, so that a test can count what comes. */
  reset(): void {
    this.#records = [];
    this.#counts.clear();
  }

  /** Calls back for every request; the returned function stops it. */
  onCall(listener: (record: CallRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
