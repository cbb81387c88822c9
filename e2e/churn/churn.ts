import { setTimeout as sleep } from 'node:timers/promises';
import {
  ClusterRequestError,
  kubeletNode,
  loadBalancerService,
  type SeededRandom,
  seededRandom,
  silentKubeletStatus,
} from '@ccm-ts/cloud-provider/testing';
import type { Ground } from './ground.ts';

const nodesPath = '/api/v1/nodes';
const servicesPath = '/api/v1/namespaces/default/services';
const zones = ['memory-1a', 'memory-1b', 'memory-1c'];

/** No request of kubelets and users takes longer: while the API server stands still they try again later. */
const patienceMilliseconds = 3000;

export interface ChurnOptions {
  readonly ground: Ground;
  readonly seed: number;
  /** Between two events. */
  readonly pauseMilliseconds: number;
  /** How many of each there are at most. */
  readonly nodes: number;
  readonly services: number;
}

/** Kubelets, users and an operator who never rest: machines join and are terminated, Services come, change and go. */
export class Churn {
  readonly #options: ChurnOptions;
  readonly #random: SeededRandom;
  readonly #nodes = new Map<string, string>();
  readonly #services = new Set<string>();
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  readonly #counts = new Map<string, number>();
  #made = 0;

  private constructor(options: ChurnOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#running = this.#run();
  }

  static start(options: ChurnOptions): Churn {
    return new Churn(options);
  }

  /** How many events of each kind there were. */
  get events(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** How many Services were ever made. */
  get servicesMade(): number {
    return this.#counts.get('service made') ?? 0;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#act();
      await sleep(this.#options.pauseMilliseconds, undefined, { signal }).catch(() => undefined);
    }
  }

  async #act(): Promise<void> {
    const { nodes, services } = this.#options;
    const choice = this.#random.integer(10);
    if (choice < 2 && this.#nodes.size < nodes) await this.#join();
    else if (choice < 3 && this.#nodes.size > nodes / 3) await this.#terminate();
    else if (choice < 6 && this.#services.size < services) await this.#make();
    else if (choice < 8 && this.#services.size > 0) await this.#edit();
    else if (this.#services.size > services / 3) await this.#remove();
  }

  async #join(): Promise<void> {
    const { cloud, http } = this.#options.ground;
    const name = `machine-${++this.#made}`;
    const machine = cloud.operator.launch({ name, zone: this.#random.pick(zones) });
    this.#nodes.set(name, machine.id);
    await this.#insist('node joined', (signal) => http.create(nodesPath, kubeletNode(name, new Date()), signal));
  }

  async #terminate(): Promise<void> {
    const { cloud, http } = this.#options.ground;
    const name = this.#random.pick([...this.#nodes.keys()]);
    cloud.operator.terminate(this.#nodes.get(name) ?? '');
    this.#nodes.delete(name);
    const body = silentKubeletStatus(new Date());
    await this.#insist('node terminated', (signal) => http.patchStatus(nodesPath, name, { body, signal }));
  }

  async #make(): Promise<void> {
    const name = `web-${++this.#made}`;
    this.#services.add(name);
    const manifest = loadBalancerService(name, this.#random);
    await this.#insist('service made', (signal) => this.#options.ground.http.create(servicesPath, manifest, signal));
  }

  async #edit(): Promise<void> {
    const name = this.#random.pick([...this.#services]);
    const port = 1000 + this.#random.integer(1000);
    const ports = [{ name: 'http', protocol: 'TCP', port, targetPort: 8080 }];
    await this.#insist('service edited', async (signal) => {
      const response = await fetch(`${this.#options.ground.url}${servicesPath}/${name}`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/merge-patch+json' },
        body: JSON.stringify({ spec: { ports } }),
        signal,
      });
      const text = await response.text();
      if (!response.ok) throw new ClusterRequestError(response.status, text);
    });
  }

  async #remove(): Promise<void> {
    const name = this.#random.pick([...this.#services]);
    this.#services.delete(name);
    await this.#insist('service removed', (signal) => this.#options.ground.http.delete(servicesPath, name, signal));
  }

  /** Tries until the API server has answered. That it was done already is an answer too: then the reply was lost. */
  async #insist(event: string, request: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    for (;;) {
      try {
        await request(AbortSignal.timeout(patienceMilliseconds));
        break;
      } catch (error) {
        if (error instanceof ClusterRequestError && [404, 409].includes(error.status)) break;
        if (error instanceof ClusterRequestError && error.status < 500 && error.status !== 429) throw error;
        await sleep(200);
      }
    }
    this.#counts.set(event, (this.#counts.get(event) ?? 0) + 1);
  }
}
