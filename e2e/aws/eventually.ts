import { setTimeout as sleep } from 'node:timers/promises';

const everyMilliseconds = 250;
const withinSeconds = 60;

/**
 * Looks until the assertions hold. What is looked at are other processes, so there is nothing to be told by; when the time is
 * up, or nothing can come any more, the last failure is thrown as it was.
 */
export async function eventually(assertions: () => Promise<void>, isHopeless: () => boolean): Promise<void> {
  const deadline = performance.now() + withinSeconds * 1000;
  for (;;) {
    try {
      await assertions();
      return;
    } catch (error) {
      if (performance.now() > deadline || isHopeless()) throw error;
    }
    await sleep(everyMilliseconds);
  }
}
