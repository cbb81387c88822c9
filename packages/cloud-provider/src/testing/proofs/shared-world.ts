import type { Cidr } from '../../base/cidr.ts';
import { Duration } from '../../base/duration.ts';
import { clusterStampKey } from '../../cloud/ownership.ts';
import type { OwnershipSettings } from '../../config/ownership-settings.ts';
import { connectKubeClient } from '../../kube/client/connect.ts';
import type { KubeClient } from '../../kube/client/kube-client.ts';
import { Manager } from '../../manager/manager.ts';
import { createLogger, silentLogger } from '../../telemetry/logger.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import { ApiServer } from '../api-server/api-server.ts';
import { FakeClock } from '../fake-clock.ts';
import type { CloudReply, CloudRequest, OperationName } from '../memory-cloud/cloud/api.ts';
import { MemoryCloud } from '../memory-cloud/cloud/memory-cloud.ts';
import type { CloudSettings } from '../memory-cloud/cloud/settings.ts';
import type { Transport } from '../memory-cloud/client/transport.ts';
import { memoryCloudProvider } from '../memory-cloud/memory-cloud-provider.ts';
import { seededRandom } from '../seeded-random.ts';
import { InProcessDispatcher, type RequestOnTheWay } from './in-process-dispatcher.ts';
import { Plug } from './plug.ts';

/** Writes take a while and reads lag, as in the clouds that there are. */
const unkind: Partial<CloudSettings> = {
  readLag: Duration.seconds(1),
  provisioning: Duration.seconds(3),
  updating: Duration.seconds(1),
  deleting: Duration.seconds(2),
  machineTransition: Duration.seconds(2),
  staleMemory: Duration.seconds(30),
};

/** Enough turns of the event loop for what puts itself off by one several times in a row. */
const quietTurns = 8;

/** One cluster of a shared world. What people do in it has the UIDs that the same deeds have in every other one. */
export class SharedCluster {
  readonly name: string;
  readonly server: ApiServer;
  #actor: 'people' | 'manager' = 'people';
  #uuids = { people: 0, manager: 0, seed: 0 };

  constructor(name: string, clock: FakeClock, options: { readonly uids: 'alike' | 'own' }) {
    this.name = name;
    const random = seededRandom(1);
    let isSeeded = false;
    this.server = new ApiServer({
      clock,
      random: () => random.next(),
      randomUUID: () => {
        if (!isSeeded) return uuid(`${name}e`, ++this.#uuids.seed);
        const actor = this.#actor;
        const prefix = actor === 'manager' ? `${name}a` : options.uids === 'alike' ? '5c' : `${name}5`;
        return uuid(prefix, ++this.#uuids[actor]);
      },
    });
    isSeeded = true;
    this.#actor = 'manager';
  }

  /** The UID of the namespace kube-system. */
  get uid(): string {
    return this.server.store.get('namespaces', 'kube-system')?.metadata.uid ?? '';
  }

  /** What people, kubelets and the control plane do. */
  act(deed: (server: ApiServer) => void): void {
    this.#actor = 'people';
    deed(this.server);
    this.#actor = 'manager';
  }

  /** The reasons of the Events about an object. */
  eventReasons(name: string): readonly string[] {
    return this.server.store
      .list('events')
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map((event) => event.reason ?? '');
  }
}

/** The difference is in front, because names of cloud objects are made from the first digits. */
function uuid(prefix: string, number: number): string {
  return `${prefix}${String(number).padStart(6, '0')}-0000-4000-8000-000000000000`;
}

export interface ManagerSeat {
  readonly name: string;
  readonly cluster: SharedCluster;
  readonly cloud: MemoryCloud;
  /** The lease; two managers with equal ones stand by for each other. */
  readonly lease: string;
  readonly ownership?: OwnershipSettings;
  readonly podRange: Cidr;
  /** `elsewhere` when somebody else gives nodes their ranges. @default here */
  readonly nodeIpam?: 'here' | 'elsewhere';
  /** Told of each request to the API server, before it is done. */
  readonly onClusterRequest?: (request: RequestOnTheWay) => void;
  /** Told of each request to the cloud, before it is done. */
  readonly onCloudRequest?: (request: CloudRequest) => void;
}

/**
 * Several clusters, clouds and managers on one clock, all of it in one process: a run with the same deeds repeats itself
 * exactly.
 */
export class SharedWorld implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly #log: ((line: string) => void) | undefined;
  readonly #managers: { readonly manager: Manager; readonly client: KubeClient }[] = [];
  #activity = 0;

  constructor(options: { readonly log?: ((line: string) => void) | undefined } = {}) {
    this.#log = options.log;
  }

  /** @param name a hexadecimal digit; it is in the UIDs */
  addCluster(name: string, options: { readonly uids: 'alike' | 'own' }): SharedCluster {
    return new SharedCluster(name, this.clock, options);
  }

  addCloud(seed: number): MemoryCloud {
    return new MemoryCloud({ clock: this.clock, ownerTag: clusterStampKey, settings: unkind, seed });
  }

  async startManager(seat: ManagerSeat): Promise<Manager> {
    const { clock } = this;
    const { server } = seat.cluster;
    const dispatcher = new InProcessDispatcher({
      server,
      plug: new Plug(),
      onArrival: (request) => {
        this.#activity++;
        seat.onClusterRequest?.(request);
        return () => void this.#activity++;
      },
    });
    const client = await connectKubeClient({ master: 'http://127.0.0.1:1', userAgent: 'proof', clock, dispatcher });
    const factory = memoryCloudProvider({ transport: this.#transport(seat) });
    const log = this.#log;
    const manager = Manager.start({
      version: '0.0.0',
      identity: seat.name,
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
      leadership: {
        namespace: 'kube-system',
        name: seat.lease,
        leaseDuration: Duration.seconds(120),
        renewDeadline: Duration.seconds(80),
        retryPeriod: Duration.seconds(30),
      },
      settings: {
        nodeStatusUpdateFrequency: Duration.minutes(5),
        concurrentServiceSyncs: undefined,
        ...(seat.ownership && { ownership: seat.ownership }),
        network: {
          clusterCIDRs: [seat.podRange],
          configureCloudRoutes: true,
          routeResyncPeriod: undefined,
          nodeIpam:
            seat.nodeIpam === 'elsewhere'
              ? undefined
              : { ranges: [{ cidr: seat.podRange, nodePrefix: 24 }], serviceCIDRs: [] },
        },
      },
      clock,
      logger: log
        ? createLogger({ format: 'text', level: 'debug', clock, sink: (line) => log(`${seat.name} ${line}`) })
        : silentLogger,
      metrics: new MetricRegistry(),
    });
    this.#managers.push({ manager, client });
    await this.settle();
    return manager;
  }

  /** Waits until nothing goes on that needs no time to pass. */
  async settle(): Promise<void> {
    let seen = -1;
    for (let quiet = 0; quiet < quietTurns; quiet++) {
      if (seen !== this.#activity) quiet = 0;
      seen = this.#activity;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Lets so much time pass, one due thing after the other. */
  async pass(time: Duration): Promise<void> {
    const end = this.clock.monotonic() + time.milliseconds;
    await this.settle();
    for (;;) {
      const left = Duration.milliseconds(end - this.clock.monotonic());
      const next = this.clock.untilNext();
      if (next === undefined || next.isLongerThan(left)) {
        await this.clock.advance(left);
        return this.settle();
      }
      await this.clock.advance(next);
      await this.settle();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { manager, client } of this.#managers) {
      let hasEnded = false;
      void manager.stop().then(() => {
        hasEnded = true;
      });
      while (!hasEnded) await this.pass(Duration.seconds(1));
      await client.close();
    }
  }

  #transport(seat: ManagerSeat): Transport {
    const touch = (): void => {
      this.#activity++;
    };
    return {
      async send<Name extends OperationName>(
        request: CloudRequest<Name>,
        signal: AbortSignal,
      ): Promise<CloudReply<Name>> {
        await new Promise((resolve) => setImmediate(resolve));
        signal.throwIfAborted();
        touch();
        seat.onCloudRequest?.(request);
        try {
          return await seat.cloud.handle(request, signal);
        } finally {
          touch();
        }
      },
      async close() {},
    };
  }
}
