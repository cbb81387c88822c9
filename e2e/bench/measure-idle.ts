import { setTimeout as sleep } from 'node:timers/promises';
import { boundlessCloud, startCloudsim, type RunningCloud } from './cloudsim.ts';
import { startManager, type ContenderName, type RunningManager } from './contenders.ts';
import { liveAnHour } from './idle-hour.ts';
import type { Bench, BenchCluster } from './measure.ts';
import { type Sample, sizedName } from './rows.ts';

/** Two rounds of the upkeep that comes every five minutes; six times that is an hour. */
const watchedMilliseconds = 10 * 60_000;
const inAnHour = 3_600_000 / watchedMilliseconds;
/** A Go manager at rest for so long has ensured all load balancers and done its first upkeep. */
const restMilliseconds = 20_000;
/** At 20 requests a second 2,000 Services take some minutes, and as many again where the machine is busy. */
const settledWithinMilliseconds = 15 * 60_000;

/**
 * The calls of an idle hour. The Go managers are watched for ten minutes, all of them at once, because they hardly do
 * anything; ours lives the hour on a clock that is moved, while they are watched.
 */
export async function measureIdle(bench: Bench, clusters: readonly BenchCluster[]): Promise<readonly Sample[]> {
  await using managers = new AsyncDisposableStack();
  for (const { load } of clusters) await load.publish(bench.scale.services);
  const pairs = clusters.flatMap((cluster) => (['go', 'goTuned'] as const).map((name) => ({ cluster, name })));
  const resting = await Promise.all(pairs.map((pair) => startAndRest(pair, bench, managers)));
  const [lived, ...watched] = await Promise.all([liveHours(bench, clusters), ...resting.map(watch)]);
  return [...lived, ...watched.flat()];
}

async function liveHours(bench: Bench, clusters: readonly BenchCluster[]): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (const cluster of clusters) {
    await using cloud = await startCloudsim(bench.cloudsim, boundlessCloud);
    const hour = await liveAnHour(cluster.server.kubeconfig, cloud, bench.scale.services);
    samples.push(
      sample('idle-instance-calls', 'ours', cluster, hour.instanceCalls),
      sample('idle-calls', 'ours', cluster, hour.loadBalancerCalls),
      sample('idle-sweep-reads', 'ours', cluster, hour.sweepReads),
    );
  }
  return samples;
}

interface RestingManager {
  readonly name: ContenderName;
  readonly cluster: BenchCluster;
  readonly cloud: RunningCloud;
  readonly manager: RunningManager;
}

async function startAndRest(
  pair: Pick<RestingManager, 'name' | 'cluster'>,
  bench: Bench,
  managers: AsyncDisposableStack,
): Promise<RestingManager> {
  const { name, cluster } = pair;
  const cloud = managers.use(await startCloudsim(bench.cloudsim, boundlessCloud));
  const { kubeconfig, access } = cluster.server;
  const start = { kubeconfig, access, cloudUrl: cloud.url, controllers: 'nodes and services' } as const;
  const manager = managers.use(await startManager(name, bench.programs, start));
  await manager.synced;
  await Promise.race([untilAtRest(cloud), manager.failed]);
  return { name, cluster, cloud, manager };
}

async function watch({ name, cluster, cloud, manager }: RestingManager): Promise<Sample[]> {
  const before = await cloud.totals();
  await Promise.race([sleep(watchedMilliseconds), manager.failed]);
  const after = await cloud.totals();
  return [
    sample('idle-instance-calls', name, cluster, (after.instances - before.instances) * inAnHour),
    sample('idle-calls', name, cluster, (after.loadBalancers - before.loadBalancers) * inAnHour),
  ];
}

async function untilAtRest(cloud: RunningCloud): Promise<void> {
  const end = performance.now() + settledWithinMilliseconds;
  let [seen, since] = [-1, performance.now()];
  while (performance.now() - since < restMilliseconds || seen === 0) {
    const { instances, loadBalancers } = await cloud.totals();
    if (instances + loadBalancers !== seen) [seen, since] = [instances + loadBalancers, performance.now()];
    if (performance.now() > end) throw new Error('the manager does not come to rest');
    await sleep(500);
  }
}

function sample(
  row: 'idle-instance-calls' | 'idle-calls' | 'idle-sweep-reads',
  contender: ContenderName,
  cluster: BenchCluster,
  value: number,
): Sample {
  return { row: sizedName(row, cluster.size), contender, value };
}
