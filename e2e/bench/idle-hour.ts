import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CloudCallGate,
  type CloudProviderFactory,
  connectKubeClient,
  Duration,
  type KubeClient,
  Manager,
  MetricRegistry,
  silentLogger,
} from '@ccm-ts/cloud-provider';
import { FakeClock } from '@ccm-ts/cloud-provider/testing';
import type { RunningCloud } from './cloudsim.ts';
import { cloudsimVariable, simCloudProvider } from './sim-provider/sim-cloud-provider.ts';

/** What our manager asked of the cloud in an hour in which nothing happened. */
export interface IdleHour {
  readonly instanceCalls: number;
  readonly loadBalancerCalls: number;
  /** Reads of both kinds with which it looks for drift and orphans. */
  readonly sweepReads: number;
}

const step = Duration.seconds(5);
const stepsInAnHour = 720;
const settledWithinSteps = 600;
/** Watches and their decoding need real time; nothing is in flight for so many looks in a row. */
const calmLooks = 5;
/** A request that is repeated waits for the clock between two attempts. */
const mostLooks = 2000;

/** Counts what is under way, and what went to the cloud. */
class Traffic {
  underWay = 0;
  counts = { instanceCalls: 0, loadBalancerCalls: 0, sweepReads: 0 };

  async pass<Result>(work: Promise<Result>): Promise<Result> {
    this.underWay++;
    try {
      return await work;
    } finally {
      this.underWay--;
    }
  }

  gate(gate: CloudCallGate): CloudCallGate {
    return {
      run: (call, context, send) => {
        if (context.priority === 'sweep') this.counts.sweepReads++;
        else if (call.operation === 'DescribeInstances') this.counts.instanceCalls++;
        else this.counts.loadBalancerCalls++;
        // What waits for its turn waits for the clock; only what was sent is under way.
        return gate.run(call, context, (signal, beforeSend) => this.pass(send(signal, beforeSend)));
      },
    };
  }

  client(client: KubeClient): KubeClient {
    return {
      get: (...request) => this.pass(client.get(...request)),
      list: (...request) => this.pass(client.list(...request)),
      watch: (...request) => client.watch(...request),
      create: (...request) => this.pass(client.create(...request)),
      patch: (...request) => this.pass(client.patch(...request)),
      delete: (...request) => this.pass(client.delete(...request)),
      raw: (...request) => this.pass(client.raw(...request)),
      close: () => client.close(),
    };
  }

  async calm(): Promise<void> {
    let calm = 0;
    for (let looks = 0; calm < calmLooks && looks < mostLooks; looks++) {
      calm = this.underWay > 0 ? 0 : calm + 1;
      await sleep(1);
    }
  }
}

/** Lives an hour with a manager in this process, in steps of five seconds, each awaited until nothing is in flight. */
export async function liveAnHour(kubeconfig: string, cloud: RunningCloud, services: number): Promise<IdleHour> {
  const clock = new FakeClock(new Date());
  const traffic = new Traffic();
  const userAgent = 'sim-cloud-controller-manager/bench';
  const client = await connectKubeClient({ kubeconfig, userAgent, clock });
  const environment = { [cloudsimVariable]: cloud.url };
  const manager = Manager.start({
    version: 'bench',
    identity: 'idle',
    client: traffic.client(client),
    provider: watched(traffic).configure({
      file: undefined,
      environment,
      allowUntaggedCloud: 'no',
      clusterName: 'kubernetes',
    }),
    providerName: 'sim',
    clusterName: 'kubernetes',
    controllers: ['cloud-node-controller', 'service-lb-controller'],
    leadership: 'off',
    settings: { nodeStatusUpdateFrequency: Duration.minutes(5), concurrentServiceSyncs: undefined },
    clock,
    logger: silentLogger,
    metrics: new MetricRegistry(),
  });
  const pass = async (): Promise<void> => {
    await traffic.calm();
    await clock.advance(step);
    await traffic.calm();
  };
  try {
    await untilSettled(cloud, { services, manager, pass });
    traffic.counts = { instanceCalls: 0, loadBalancerCalls: 0, sweepReads: 0 };
    for (let steps = 0; steps < stepsInAnHour; steps++) await pass();
    return traffic.counts;
  } finally {
    await stop(manager, clock);
    await client.close();
  }
}

function watched(traffic: Traffic): CloudProviderFactory {
  return {
    ...simCloudProvider,
    configure: (input) => {
      const configured = simCloudProvider.configure(input);
      return {
        ...configured,
        connect: (context) => configured.connect({ ...context, gate: traffic.gate(context.gate) }),
      };
    },
  };
}

/** All load balancers are there, and a minute brought nothing new. */
async function untilSettled(
  cloud: RunningCloud,
  life: { readonly services: number; readonly manager: Manager; readonly pass: () => Promise<void> },
): Promise<void> {
  let [seen, quiet] = [-1, 0];
  for (let steps = 0; quiet < 12; steps++) {
    if (steps > settledWithinSteps) throw new Error('the manager does not come to rest');
    await life.pass();
    const { loadBalancers } = await cloud.totals();
    const isComplete = loadBalancers >= life.services && life.manager.status().notReady.length === 0;
    quiet = isComplete && loadBalancers === seen ? quiet + 1 : 0;
    seen = loadBalancers;
    if (!isComplete) await sleep(50);
  }
}

async function stop(manager: Manager, clock: FakeClock): Promise<void> {
  let isOver = false;
  const stopping = manager.stop().then(() => {
    isOver = true;
  });
  while (!isOver) {
    await sleep(1);
    await clock.advance(Duration.seconds(1));
  }
  await stopping;
}
