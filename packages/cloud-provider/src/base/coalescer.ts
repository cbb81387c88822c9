export interface CoalescerOptions<Key extends string, Item, Result> {
  /**
   * Sends one batch of one lane. The result holds an answer for each key; a key without one gets
   * {@link MissingResultError}. A rejection rejects every caller of the batch.
   * The signal is aborted when every caller of the batch gave up, and when the coalescer is closed.
   */
  readonly send: (
    batch: ReadonlyMap<Key, Item>,
    lane: string,
    signal: AbortSignal,
  ) => Promise<ReadonlyMap<Key, Result>>;
  /** At most so many keys in one batch. @default 100 */
  readonly maxBatch?: number;
  /** So many batches of a lane may be under way at once. @default 1 */
  readonly concurrency?: number;
}

export interface CoalesceRequest<Key extends string, Item> {
  readonly key: Key;
  readonly item: Item;
  /** Only what is in the same lane may share a batch. @default '' */
  readonly lane?: string;
  /** A lower number goes first among what waits. @default 0 */
  readonly priority?: number;
  readonly signal: AbortSignal;
}

/**
 * Batch-first: a request goes out at once when the lane is idle; everything that arrives while it is under way goes into the
 * next one. No timer delays anything. Callers that wait for the same key share one place in the batch (the item of the last
 * wins); a key that is under way is asked again for callers that came later, because the answer may be older than they are.
 */
export declare class Coalescer<Key extends string, Item, Result> {
  constructor(options: CoalescerOptions<Key, Item, Result>);
  /** The answer for this key. Rejects with the batch's error, or with the signal's reason when the caller gives up. */
  request(request: CoalesceRequest<Key, Item>): Promise<Result>;
  /** How many keys wait for a batch. */
  get waiting(): number;
}
