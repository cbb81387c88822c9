import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudProxy } from '../goldens/cloud-proxy.ts';
import type { GoldenCloud } from '../goldens/golden-cloud.ts';
import type { GoldenCluster } from '../goldens/golden-cluster.ts';
import type { CaseEvent } from '../goldens/golden-case.ts';
import { type CloudState, observeCloud } from '../goldens/observe-cloud.ts';

/** A Service as it is seen. */
export interface SeenService {
  readonly finalizers: readonly string[];
  readonly status: {
    readonly loadBalancer?: { readonly ingress?: readonly { readonly hostname?: string }[] };
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message: string }[];
  };
}

/** A load balancer as it is seen; of either kind. */
export interface SeenLoadBalancer {
  readonly scheme: string;
  readonly dnsName: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

export interface SeenTargetGroup {
  readonly port: number;
  readonly targets: readonly { readonly id: string; readonly port: number }[];
  readonly tags: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** Account and cluster at one time. */
export interface Sight {
  readonly cloud: CloudState;
  readonly services: Readonly<Record<string, SeenService>>;
  readonly nodes: Readonly<Record<string, unknown>>;
  /** All that there ever were. */
  readonly events: readonly CaseEvent[];
}

interface Waiter {
  /** Throws while it does not hold. */
  readonly check: (sight: Sight) => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  readonly deadline: number;
}

const pollMilliseconds = 50;

/**
 * Looks at account and cluster for all scenarios together, as long as any of them waits for something. The account is looked at
 * again only when somebody has written to it: else most of what the emulator did would be to answer the suite.
 */
export class Observer {
  readonly #cloud: GoldenCloud;
  readonly #cluster: GoldenCluster;
  readonly #proxy: CloudProxy;
  readonly #events: CaseEvent[] = [];
  #waiters: Waiter[] = [];
  #isLooking = false;
  #account: { readonly writes: number; readonly state: CloudState } | undefined;

  constructor(cloud: GoldenCloud, cluster: GoldenCluster, proxy: CloudProxy) {
    this.#cloud = cloud;
    this.#cluster = cluster;
    this.#proxy = proxy;
  }

  /** Resolves when the check does not throw; rejects with what it threw last. */
  until(check: (sight: Sight) => void, seconds: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ check, resolve, reject, deadline: performance.now() + seconds * 1000 });
      void this.#look();
    });
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      while (this.#waiters.length > 0) {
        const asking = this.#waiters;
        const sight = await this.#see();
        this.#waiters = [...asking.filter((waiter) => !isOver(waiter, sight)), ...this.#waiters.slice(asking.length)];
        await sleep(pollMilliseconds);
      }
    } catch (error) {
      for (const { reject } of this.#waiters.splice(0)) reject(error);
    } finally {
      this.#isLooking = false;
    }
  }

  async #see(): Promise<Sight> {
    this.#events.push(...(await this.#cluster.newEvents()));
    const services = (await this.#cluster.observeServices()) as unknown as Sight['services'];
    const nodes = await this.#cluster.observeNodes();
    return { cloud: await this.#seeAccount(), services, nodes, events: [...this.#events] };
  }

  async #seeAccount(): Promise<CloudState> {
    const writes = this.#cloud.writes + this.#proxy.writes;
    if (this.#account?.writes !== writes) this.#account = { writes, state: await lookTwice(this.#cloud) };
    return this.#account.state;
  }
}

/** What is deleted between two requests of a look makes it fail. */
async function lookTwice(cloud: GoldenCloud): Promise<CloudState> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await observeCloud(cloud);
    } catch (error) {
      if (attempt === 10) throw error;
    }
  }
}

function isOver({ check, deadline, reject, resolve }: Waiter, sight: Sight): boolean {
  try {
    check(sight);
    resolve();
    return true;
  } catch (error) {
    if (performance.now() < deadline) return false;
    reject(error);
    return true;
  }
}
