import { setTimeout as sleep } from 'node:timers/promises';
import type { RealApiServer } from '../kube-apiserver/start.ts';
import { boundlessCloud, budgetedCloud, startCloudsim, type RunningCloud } from './cloudsim.ts';
import {
  startManager,
  type ContenderName,
  type ControllerSet,
  type Programs,
  type RunningManager,
} from './contenders.ts';
import type { Load } from './load.ts';
import { measureServices } from './measure-services.ts';
import { type Measurement, measurements, type RowName, type Size } from './rows.ts';

/** The size of the cluster and of what happens in it. */
export interface Scale {
  readonly nodes: number;
  /** Of the smaller cluster. */
  readonly fewNodes: number;
  readonly services: number;
  readonly joining: number;
  readonly updates: number;
}

export const fullScale: Scale = { nodes: 5000, fewNodes: 500, services: 2000, joining: 1000, updates: 10_000 };

/** A real API server with settled Nodes. */
export interface BenchCluster {
  readonly size: Size;
  readonly nodes: number;
  readonly server: RealApiServer;
  readonly load: Load;
}

/** What all runs share. */
export interface Bench {
  readonly scale: Scale;
  readonly programs: Programs;
  readonly cloudsim: string;
}

export type Figures = Partial<Record<RowName, number>>;

/** A run of a contender that lasts longer is stopped, and its figure is that time. */
const longestInitializationMinutes = 10;

/** Long enough for the periodic work that follows a start, and for a garbage collector that returns memory in the background. */
const settlingMilliseconds = 15_000;

/** What is measured for one contender after the other. */
export type SingleMeasurement = Exclude<Measurement, 'idle'>;
export const singleMeasurements = measurements.filter((name): name is SingleMeasurement => name !== 'idle');

const measures: Readonly<
  Record<SingleMeasurement, (name: ContenderName, bench: Bench, cluster: BenchCluster) => Promise<Figures>>
> = {
  start: measureStart,
  steady: measureSteady,
  initialize: measureInitialize,
  services: measureServices,
};

/** One run of one contender. */
export async function measure(
  measurement: SingleMeasurement,
  name: ContenderName,
  on: { readonly bench: Bench; readonly cluster: BenchCluster },
): Promise<Figures> {
  return await measures[measurement](name, on.bench, on.cluster);
}

async function measureStart(name: ContenderName, bench: Bench, cluster: BenchCluster): Promise<Figures> {
  await using cloud = await startCloudsim(bench.cloudsim, boundlessCloud);
  await using manager = await start(name, bench, { cluster, cloud, controllers: 'nodes and services' });
  const synced = await manager.synced;
  return { 'start-time': synced.seconds, 'start-cpu': synced.cpuSeconds };
}

async function measureSteady(name: ContenderName, bench: Bench, cluster: BenchCluster): Promise<Figures> {
  const { nodes, updates } = bench.scale;
  await using cloud = await startCloudsim(bench.cloudsim, boundlessCloud);
  await using manager = await start(name, bench, { cluster, cloud, controllers: 'nodes' });
  await manager.synced;
  await sleep(settlingMilliseconds);
  const settled = manager.usage();
  await cluster.load.beat(nodes, updates);
  await untilQuiet(manager);
  const after = manager.usage();
  return {
    memory: settled.residentMegabytes,
    'memory-peak': settled.peakResidentMegabytes,
    'event-cpu': ((after.cpuSeconds - settled.cpuSeconds) / updates) * 1e6,
    'memory-after-events': after.residentMegabytes,
    ...(await loopFigures(manager, 'event-loop-p99', 'event-loop-max')),
  };
}

async function measureInitialize(name: ContenderName, bench: Bench, cluster: BenchCluster): Promise<Figures> {
  const { joining } = bench.scale;
  const { load } = cluster;
  await using cloud = await startCloudsim(bench.cloudsim, budgetedCloud);
  await load.add('fresh', joining);
  try {
    using followed = await load.follow('fresh', joining, longestInitializationMinutes);
    const started = performance.now();
    await using manager = await start(name, bench, { cluster, cloud, controllers: 'nodes' });
    const initialized = await Promise.race([followed.reached, manager.failed]);
    const seconds = (performance.now() - started) / 1000;
    if (initialized < joining) console.error(`${name} was stopped with ${initialized} of ${joining} Nodes initialised`);
    const calls = Object.values(await cloud.calls());
    return {
      initialize: seconds,
      'initialize-accepted': calls.reduce((sum, each) => sum + each.accepted, 0),
      'initialize-rejected': calls.reduce((sum, each) => sum + each.rejected, 0),
      ...(await loopFigures(manager, 'initialize-event-loop-p99', 'initialize-event-loop-max')),
    };
  } finally {
    await load.empty('fresh', joining);
  }
}

async function start(
  name: ContenderName,
  bench: Bench,
  options: { readonly cluster: BenchCluster; readonly cloud: RunningCloud; readonly controllers: ControllerSet },
): Promise<RunningManager> {
  const { cloud, cluster, controllers } = options;
  const { kubeconfig, access } = cluster.server;
  return await startManager(name, bench.programs, { kubeconfig, access, cloudUrl: cloud.url, controllers });
}

/** Waits until the manager has worked off what it was sent: a second with next to no CPU. */
async function untilQuiet(manager: RunningManager): Promise<void> {
  for (let round = 0; round < 30; round++) {
    const before = manager.usage().cpuSeconds;
    await sleep(1000);
    if (manager.usage().cpuSeconds - before <= 0.05) return;
  }
}

async function loopFigures(manager: RunningManager, p99: RowName, max: RowName): Promise<Figures> {
  const delay = await manager.eventLoopDelay();
  return delay ? { [p99]: delay.p99, [max]: delay.max } : {};
}
