import { cidrOf } from '../base/cidr.ts';
import { Duration } from '../base/duration.ts';
import type { Node } from '../api/node.ts';
import type { Service } from '../api/service.ts';
import type { CloudProvider, ConfiguredProvider } from '../cloud/cloud-provider.ts';
import type { OrphanPolicy } from '../controllers/orphan/orphan-settings.ts';
import { connectKubeClient } from '../kube/client/connect.ts';
import type { KubeClient } from '../kube/client/kube-client.ts';
import { nodes, services } from '../kube/resources.ts';
import { Manager } from '../manager/manager.ts';
import { createLogger, silentLogger } from '../telemetry/logger.ts';
import { MetricRegistry } from '../telemetry/metrics.ts';
import { ApiServer } from '../testing/api-server/api-server.ts';
import type { FakeClock } from '../testing/fake-clock.ts';
import { InProcessDispatcher } from '../testing/proofs/in-process-dispatcher.ts';
import { mortalClock } from '../testing/proofs/mortal-clock.ts';
import { Plug } from '../testing/proofs/plug.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import { CallTap } from './call-tap.ts';
import { ConformanceFailure } from './conformance-failure.ts';
import { ContractWatch } from './contract-watch.ts';

/** `--cluster-name` of every cluster of the suite: a copied flag must not make two clusters one. */
export const clusterName = 'kubernetes';

/** What the pods of the first cluster get their addresses from: room for a thousand nodes. */
const firstPodRange = 0x0a_f4_00_00n;
/** How long a manager that was told to stop may take. */
const stopTime = Duration.minutes(1);

export interface ClusterOptions {
  readonly clock: FakeClock;
  readonly provider: ConfiguredProvider;
  /** Which of the clusters on the account, from 0. */
  readonly number: number;
  readonly onActivity: () => void;
  readonly settle: () => Promise<void>;
  readonly routes: 'looked after' | 'left alone';
  /** The permissions that the provider declares. */
  readonly permissions: Iterable<string>;
  /** Gets the manager's log. @default nobody */
  readonly log?: (line: string) => void;
}

/** One life of the manager. */
interface Life {
  readonly manager: Manager;
  readonly client: KubeClient;
  readonly plug: Plug;
  hasEnded: boolean;
}

/** A cluster: its API server, and the real manager with the provider in it, which can be stopped, killed and started. */
export class Cluster {
  readonly server: ApiServer;
  readonly tap: CallTap;
  readonly watch: ContractWatch;
  /** `--orphan-policy` of managers that are started from now on. */
  orphanPolicy: OrphanPolicy = 'report';
  readonly #options: ClusterOptions;
  readonly #lives: Life[] = [];
  #provider: CloudProvider | undefined;

  constructor(options: ClusterOptions) {
    const { clock, number } = options;
    const random = seededRandom(number + 1);
    let uuids = 0;
    this.#options = options;
    this.server = new ApiServer({
      clock,
      random: () => random.next(),
      // The difference is in front, because names of cloud objects are made from the first digits.
      randomUUID: () => `${5 + number}c${String(++uuids).padStart(6, '0')}-0000-4000-8000-00000000000${number}`,
    });
    this.watch = new ContractWatch(options.permissions);
    this.tap = new CallTap({
      onActivity: options.onActivity,
      onDeath: () => this.kill(),
      onWrite: (operation) => this.watch.onWrite(operation),
    });
  }

  /** The UID of the namespace kube-system. */
  get uid(): string {
    return this.server.store.get('namespaces', 'kube-system')?.metadata.uid ?? '';
  }

  /** Whether a manager runs. */
  get isManaged(): boolean {
    const life = this.#lives.at(-1);
    return life !== undefined && life.plug.isIn && !life.hasEnded;
  }

  /** The provider of the manager that was started last. */
  get provider(): CloudProvider {
    if (!this.#provider) throw new ConformanceFailure('the manager has not connected the provider');
    return this.#provider;
  }

  /** The Service as controllers read it. */
  readService(name: { readonly namespace: string; readonly name: string }): Promise<Service> {
    const client = this.#lives.at(-1)?.client;
    if (!client) throw new ConformanceFailure('the manager was never started');
    return client.get(services, name, { signal: new AbortController().signal });
  }

  /** Everything that cloud objects can be made for, as controllers read it. */
  async readOwners(): Promise<{ readonly services: readonly Service[]; readonly nodes: readonly Node[] }> {
    const client = this.#lives.at(-1)?.client;
    if (!client) throw new ConformanceFailure('the manager was never started');
    const signal = new AbortController().signal;
    const names = (resource: 'services' | 'nodes'): readonly { readonly namespace: string; readonly name: string }[] =>
      this.server.store.list(resource).map(({ metadata }) => ({
        namespace: metadata.namespace ?? '',
        name: metadata.name ?? '',
      }));
    return {
      services: await Promise.all(names('services').map((name) => client.get(services, name, { signal }))),
      nodes: await Promise.all(names('nodes').map((name) => client.get(nodes, name, { signal }))),
    };
  }

  async start(): Promise<void> {
    const { clock, provider, log } = this.#options;
    const plug = new Plug();
    const lifeClock = mortalClock(clock, plug);
    const identity = `manager-${this.#lives.length + 1}`;
    const dispatcher = new InProcessDispatcher({
      server: this.server,
      plug,
      onArrival: () => {
        this.#options.onActivity();
        return this.#options.onActivity;
      },
    });
    const client = await connectKubeClient({
      master: 'http://127.0.0.1:1',
      userAgent: 'cloud-controller-manager/conformance',
      clock: lifeClock,
      dispatcher,
    });
    const range = cidrOf('IPv4', firstPodRange + (BigInt(this.#options.number) << 18n), 14);
    const manager = Manager.start({
      version: '0.0.0',
      identity,
      client,
      provider: {
        ...(provider.capabilities && { capabilities: provider.capabilities }),
        connect: (context) => {
          const connected = provider.connect({ ...context, gate: this.tap.tapped(context.gate, plug) });
          this.#provider = connected;
          return this.watch.watched(connected);
        },
      },
      providerName: 'conformance',
      clusterName,
      controllers: ['*', 'node-ipam-controller'],
      leadership: 'off',
      settings: {
        nodeStatusUpdateFrequency: Duration.minutes(5),
        concurrentServiceSyncs: undefined,
        orphans: { policy: this.orphanPolicy },
        network: {
          clusterCIDRs: [range],
          configureCloudRoutes: this.#options.routes === 'looked after',
          routeResyncPeriod: undefined,
          nodeIpam: { ranges: [{ cidr: range, nodePrefix: 24 }], serviceCIDRs: [] },
        },
      },
      clock: lifeClock,
      logger: log
        ? createLogger({ format: 'text', level: 'debug', clock, sink: (line) => log(`${identity} ${line}`) })
        : silentLogger,
      metrics: new MetricRegistry(),
    });
    const life: Life = { manager, client, plug, hasEnded: false };
    this.#lives.push(life);
    void manager.ended.then(() => {
      life.hasEnded = true;
    });
    this.#options.onActivity();
  }

  /** As the kubelet kills a pod that does not end: at once and without a word. */
  kill(): void {
    this.#lives.at(-1)?.plug.pull();
    this.#options.onActivity();
  }

  /** As a rollout ends a pod: it is told to stop, and does. */
  async stop(): Promise<void> {
    for (const life of this.#lives) await this.#end(life);
  }

  async #end(life: Life): Promise<void> {
    if (life.hasEnded) return;
    const { clock, settle } = this.#options;
    if (!life.plug.isIn) life.plug.bury();
    void life.manager.stop();
    const end = clock.monotonic() + stopTime.milliseconds;
    for (;;) {
      await settle();
      if (life.hasEnded) break;
      if (clock.monotonic() > end) throw new ConformanceFailure('the manager does not end when it is told to');
      await clock.advance(Duration.seconds(1));
    }
    await life.client.close();
  }
}
