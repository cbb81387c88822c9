export { FencedError, isFenced } from '../../base/fenced-error.ts';

/**
 * Decides whether this process may still write, and whether it may still ask. The leader's fence is the lease's local renew
 * deadline, read from the monotonic clock: a process that was stopped and resumed finds it passed.
 */
export interface WriteFence {
  /**
   * Called synchronously, immediately before each send of a write, retries included.
   *
   * @throws FencedError when writing is no longer allowed; the request is then not sent
   */
  assertHeld(): void;
  /**
   * Called likewise before each send of a read. A replica that waits for its turn may read; one that had its turn and lost
   * it may not. @default reads are always allowed
   *
   * @throws FencedError when the right to write was had and lost; the request is then not sent
   */
  assertNotLost?(): void;
}

/**
 * The fence for what needs no turn, such as reading and telling of it: everything may be sent until the turn is lost.
 */
export function untilLost(fence: WriteFence): WriteFence {
  const assertNotLost = (): void => fence.assertNotLost?.();
  return { assertHeld: assertNotLost, assertNotLost };
}
