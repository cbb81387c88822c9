import { cidrOf } from '../../base/cidr.ts';
import { Duration } from '../../base/duration.ts';
import { connectKubeClient } from '../../kube/client/connect.ts';
import type { KubeClient } from '../../kube/client/kube-client.ts';
import { Manager } from '../../manager/manager.ts';
import { createLogger, silentLogger } from '../../telemetry/logger.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import type { CloudReply, CloudRequest, OperationName } from '../memory-cloud/cloud/api.ts';
import type { Transport } from '../memory-cloud/client/transport.ts';
import { memoryCloudProvider } from '../memory-cloud/memory-cloud-provider.ts';
import { InProcessDispatcher } from './in-process-dispatcher.ts';
import { mortalClock } from './mortal-clock.ts';
import { Plug } from './plug.ts';
import type { ProofWorld } from './world.ts';

/** Long, so that a run is not made of renewals; the proportions are the usual ones. */
const leadership = {
  namespace: 'kube-system',
  name: 'cloud-controller-manager',
  leaseDuration: Duration.seconds(120),
  renewDeadline: Duration.seconds(80),
  retryPeriod: Duration.seconds(30),
};

/** The cluster's pods; each node gets a 24th part of the address. */
const podRange = cidrOf('IPv4', 0x0a_f4_00_00n, 16);

/** How long a killed manager may take to end once it is told to. */
const burialTime = Duration.minutes(1);

/** A manager that can be killed as a process can: at once, without a word, and without noticing. */
export class ManagedProcess {
  readonly manager: Manager;
  readonly #world: ProofWorld;
  readonly #plug: Plug;
  readonly #client: KubeClient;
  #hasEnded = false;

  static async start(
    world: ProofWorld,
    identity: string,
    log: ((line: string) => void) | undefined,
  ): Promise<ManagedProcess> {
    const plug = new Plug();
    const clock = mortalClock(world.hostClock, plug);
    const dispatcher = new InProcessDispatcher({
      server: world.server,
      plug,
      onArrival: (request) => world.arriveAtCluster(request),
    });
    const client = await connectKubeClient({
      master: 'http://127.0.0.1:1',
      userAgent: 'cloud-controller-manager/proof',
      clock,
      dispatcher,
    });
    const { forwarders } = world;
    const transport = tappedTransport(world, plug);
    const factory = memoryCloudProvider({ transport, forwarders, loadBalancerKinds: 'two' });
    const manager = Manager.start({
      version: '0.0.0',
      identity,
      client,
      provider: factory.configure({
        file: undefined,
        environment: {},
        allowUntaggedCloud: 'no',
        clusterName: 'kubernetes',
      }),
      providerName: factory.name,
      clusterName: 'kubernetes',
      controllers: ['*', 'node-ipam-controller'],
      leadership,
      settings: {
        nodeStatusUpdateFrequency: Duration.minutes(5),
        concurrentServiceSyncs: undefined,
        network: {
          clusterCIDRs: [podRange],
          configureCloudRoutes: true,
          routeResyncPeriod: undefined,
          nodeIpam: { ranges: [{ cidr: podRange, nodePrefix: 24 }], serviceCIDRs: [] },
        },
      },
      clock,
      logger: log
        ? createLogger({ format: 'text', level: 'debug', clock, sink: (line) => log(`${identity} ${line}`) })
        : silentLogger,
      metrics: new MetricRegistry(),
    });
    return new ManagedProcess({ world, plug, client, manager });
  }

  private constructor(parts: {
    readonly world: ProofWorld;
    readonly plug: Plug;
    readonly client: KubeClient;
    readonly manager: Manager;
  }) {
    this.#world = parts.world;
    this.#plug = parts.plug;
    this.#client = parts.client;
    this.manager = parts.manager;
    void this.manager.ended.then(() => {
      this.#hasEnded = true;
    });
  }

  /** False once it was killed or has ended by itself. */
  get isAlive(): boolean {
    return this.#plug.isIn && !this.#hasEnded;
  }

  kill(): void {
    this.#plug.pull();
  }

  /** Frees what the killed manager holds. The world does not hear of it. */
  bury(): void {
    this.#plug.bury();
    void this.manager.stop();
  }

  async untilEnded(): Promise<void> {
    const { clock } = this.#world;
    const end = clock.monotonic() + burialTime.milliseconds;
    for (;;) {
      await this.#world.settle();
      if (this.#hasEnded) break;
      if (clock.monotonic() > end) throw new Error('a killed manager does not end');
      await clock.advance(Duration.seconds(1));
    }
    await this.#client.close();
  }
}

/** Reaches the cloud in the same process as long as the plug is in. */
function tappedTransport(world: ProofWorld, plug: Plug): Transport {
  return {
    async send<Name extends OperationName>(
      request: CloudRequest<Name>,
      signal: AbortSignal,
    ): Promise<CloudReply<Name>> {
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
      if (!plug.isIn) return plug.silence();
      const onReply = world.arriveAtCloud(request);
      if (!plug.isIn) return plug.silence();
      try {
        const reply = await world.cloud.handle(request, signal);
        return reply;
      } finally {
        onReply();
        if (!plug.isIn) await plug.silence();
      }
    },
    async close() {},
  };
}
