import { setTimeout as sleep } from 'node:timers/promises';
import { type CallTotals, patientCloud, type RunningCloud, startCloudsim } from './cloudsim.ts';
import { startManager, type ContenderName, type RunningManager } from './contenders.ts';
import type { Bench, BenchCluster, Figures } from './measure.ts';
import { sizedName } from './rows.ts';

/** A run that lasts longer is stopped: the step that it is in gets the time so far, those after it nothing. */
const longestMinutes = 10;

const replaced = 50;

/** 2,000 Services are created, one node is added, and 50 nodes are replaced, all in the life of one manager. */
export async function measureServices(name: ContenderName, bench: Bench, cluster: BenchCluster): Promise<Figures> {
  const { load, server, size } = cluster;
  const { services } = bench.scale;
  const deadline = performance.now() + longestMinutes * 60_000;
  await load.withdraw(services);
  try {
    await using cloud = await startCloudsim(bench.cloudsim, patientCloud);
    const { kubeconfig, access } = server;
    await using manager = await startManager(name, bench.programs, {
      kubeconfig,
      access,
      cloudUrl: cloud.url,
      controllers: 'nodes and services',
    });
    await manager.synced;
    const before = manager.usage();
    const figures: Figures = {};

    const created = await step(cloud, async () => {
      using followed = await load.followServices(services, longestMinutes);
      const publishing = load.publish(services);
      const published = await Promise.race([followed.reached, manager.failed]);
      await publishing;
      return published === services;
    });
    const after = manager.usage();
    figures[sizedName('services-time', size)] = created.seconds;
    figures[sizedName('services-calls', size)] = created.calls.loadBalancers;
    figures[sizedName('services-cpu', size)] = after.cpuSeconds - before.cpuSeconds;
    figures[sizedName('services-memory', size)] = after.residentMegabytes;
    if (!created.isDone) return figures;

    const nodes = nodeNames('node', cluster.nodes);
    const untilBehind = (names: readonly string[]): Promise<boolean> =>
      untilAllBehind({ cloud, manager, names, services, deadline });
    if (!(await untilBehind(nodes))) return figures;

    const added = await step(cloud, async () => {
      await load.add('extra', 1);
      return await untilBehind([...nodes, ...nodeNames('extra', 1)]);
    });
    figures[sizedName('node-added-time', size)] = added.seconds;
    figures[sizedName('node-added-calls', size)] = added.calls.loadBalancers;
    if (!added.isDone) return figures;

    const exchanged = await step(cloud, async () => {
      await load.empty('node', replaced);
      await load.add('fresh', replaced);
      return await untilBehind([...nodes.slice(replaced), ...nodeNames('extra', 1), ...nodeNames('fresh', replaced)]);
    });
    figures[sizedName('nodes-replaced-time', size)] = exchanged.seconds;
    figures[sizedName('nodes-replaced-calls', size)] = exchanged.calls.loadBalancers;
    figures[sizedName('nodes-replaced-instance-calls', size)] = exchanged.calls.instances;
    return figures;
  } finally {
    await load.withdraw(services);
    await load.empty('extra', 1);
    await load.empty('fresh', replaced);
    await load.fill(cluster.nodes, 0);
  }
}

interface Step {
  readonly isDone: boolean;
  readonly seconds: number;
  /** Accepted by the cloud during the step. */
  readonly calls: CallTotals;
}

async function step(cloud: RunningCloud, work: () => Promise<boolean>): Promise<Step> {
  const before = await cloud.totals();
  const started = performance.now();
  const isDone = await work();
  const seconds = (performance.now() - started) / 1000;
  const after = await cloud.totals();
  const calls = {
    instances: after.instances - before.instances,
    loadBalancers: after.loadBalancers - before.loadBalancers,
  };
  return { isDone, seconds, calls };
}

/** As the load generator names them. */
function nodeNames(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${String(index).padStart(5, '0')}`);
}

async function untilAllBehind(wait: {
  readonly cloud: RunningCloud;
  readonly manager: RunningManager;
  readonly names: readonly string[];
  readonly services: number;
  readonly deadline: number;
}): Promise<boolean> {
  while (performance.now() < wait.deadline) {
    if ((await wait.cloud.behind(wait.names)) === wait.services) return true;
    await Promise.race([sleep(200), wait.manager.failed]);
  }
  return false;
}
