import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** How a run of joining Nodes went, counted from its first request. */
export interface Joined {
  readonly createdSeconds: number;
  readonly initializedSeconds: number;
  readonly initialized: number;
}

/** The load generator on one cluster. */
export class Load {
  readonly #program: string;
  readonly #kubeconfig: string;

  constructor(program: string, kubeconfig: string) {
    this.#program = program;
    this.#kubeconfig = kubeconfig;
  }

  /** Settled Nodes and Services of type LoadBalancer. */
  async fill(nodes: number, services: number): Promise<{ readonly seconds: number }> {
    return (await this.#run(['fill', `-nodes=${nodes}`, `-services=${services}`])) as { seconds: number };
  }

  /** Makes uninitialised Nodes and watches until all are initialised, or until the time is over. */
  async join(prefix: string, nodes: number, withinMinutes: number): Promise<Joined> {
    return (await this.#run(['join', `-prefix=${prefix}`, `-nodes=${nodes}`, `-within=${withinMinutes}m`])) as Joined;
  }

  /** Patches the status of settled Nodes, that many times in all. */
  async beat(nodes: number, updates: number): Promise<void> {
    await this.#run(['beat', `-nodes=${nodes}`, `-updates=${updates}`]);
  }

  async empty(prefix: string, nodes: number): Promise<void> {
    await this.#run(['empty', `-prefix=${prefix}`, `-nodes=${nodes}`]);
  }

  async #run(args: readonly string[]): Promise<unknown> {
    const { stdout } = await promisify(execFile)(this.#program, ['-kubeconfig', this.#kubeconfig, ...args]);
    return JSON.parse(stdout) as unknown;
  }
}
