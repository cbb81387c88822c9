import { afterAll, afterEach } from '@jest/globals';

/**
 * Counts the cases of the file or of the `describe` that calls it, and prints the count as one line of JSON. A case that fails
 * fails the run in any event.
 */
export function countCases(proof: string): void {
  let points = 0;
  afterEach(() => {
    points++;
  });
  afterAll(() => {
    process.stdout.write(`${JSON.stringify({ proof, points })}\n`);
  });
}
