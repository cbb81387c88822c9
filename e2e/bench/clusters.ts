import { startKubeApiServer } from '../kube-apiserver/start.ts';
import { Load } from './load.ts';
import { describeMachine, type Machine } from './machine.ts';
import type { BenchCluster, Scale } from './measure.ts';
import { figure } from './report.ts';
import type { Size } from './rows.ts';

/** A cluster and what it was measured on. */
export interface MeasuredCluster extends BenchCluster {
  readonly machine: Machine;
}

/** The clusters of the benchmarks, each started and filled when it is first needed. */
export class BenchClusters implements AsyncDisposable {
  readonly #program: string;
  readonly #scale: Scale;
  readonly #progress: (line: string) => void;
  readonly #clusters = new Map<Size, MeasuredCluster>();
  readonly #disposal = new AsyncDisposableStack();

  /** @param program the load generator */
  constructor(program: string, scale: Scale, progress: (line: string) => void) {
    this.#program = program;
    this.#scale = scale;
    this.#progress = progress;
  }

  async get(size: Size): Promise<MeasuredCluster> {
    const known = this.#clusters.get(size);
    if (known) return known;
    const server = this.#disposal.use(
      await startKubeApiServer({
        progress: this.#progress,
        // Nothing here makes Nodes ready, and real ones are.
        flags: ['--disable-admission-plugins=ServiceAccount,TaintNodesByCondition'],
      }),
    );
    const nodes = size === 'large' ? this.#scale.nodes : this.#scale.fewNodes;
    const load = new Load(this.#program, server.kubeconfig);
    this.#progress(`filling kube-apiserver ${server.version} with ${nodes} Nodes and ${this.#scale.services} Services`);
    const { seconds } = await load.fill(nodes, this.#scale.services);
    this.#progress(`filled in ${figure(seconds)} s`);
    const cluster = { size, nodes, server, load, machine: describeMachine(server.version) };
    this.#clusters.set(size, cluster);
    return cluster;
  }

  async all(sizes: readonly Size[]): Promise<readonly MeasuredCluster[]> {
    const clusters: MeasuredCluster[] = [];
    for (const size of sizes) clusters.push(await this.get(size));
    return clusters;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#disposal.disposeAsync();
  }
}
