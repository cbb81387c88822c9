import type { Machine } from '../bench/machine.ts';
import type { SoakResult } from './soak-result.ts';

/** A run shorter than this says nothing about memory that is worth a page. */
export const shortestSecondsForPage = 1800;

/** The page of the documentation that holds the outcome of the last long soak. */
export function renderSoak(result: SoakResult, machine: Machine, date: string): string {
  const events = Object.values(result.events).reduce((sum, count) => sum + count, 0);
  const kinds = Object.entries(result.events).map(([event, count]) => `${event} ${count} times`);
  return `# Soak

<!-- Written by \`npm run soak\`. -->

The manager as a bundled program with the memory cloud on kube-apiserver ${machine.kubernetes}, ${result.seconds / 60} minutes, ${events} events
(${kinds.join(', ')}), ${result.watchesCut} watches cut; ${result.requests} requests of the manager.
${machine.cores} × ${machine.cpu}, ${machine.memoryGigabytes} GB, Linux ${machine.kernel}, Node ${machine.node}; ${date}.

| measure | outcome |
|---|---|
| live heap after a full collection of garbage, from the end of the warm-up to the end | ${result.liveHeapMegabytes.first} MB → ${result.liveHeapMegabytes.last} MB |
| slope of the live heap | ${result.liveHeapMegabytesPerMinute} MB a minute |
| resident memory | ${result.residentMegabytes.first} MB → ${result.residentMegabytes.last} MB |
| slope of resident memory | ${result.residentMegabytesPerMinute} MB a minute |
| longest queue | ${result.deepestQueue} items |
| metric series at the end | ${result.metricSeries} |
| watches, Nodes, Services and load balancers at the end | as they must be |

The warm-up is the first third: what the manager remembers of Events alone takes six minutes to fill (series) and 4,096 objects (their limits). A
run fails when the live heap, by the line of least squares through ${result.points} samples, grows by more than ${result.toleratedGrowthMegabytes} MB in all after that.
`;
}
