import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/** A watch over Nodes that are to be initialised. */
export interface Followed extends Disposable {
  /** Resolves with how many were initialised when all are, or when the time is over. */
  readonly initialized: Promise<number>;
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

  /** Nodes as kubelets register them: uninitialised. */
  async add(prefix: string, nodes: number): Promise<void> {
    await this.#run(['add', `-prefix=${prefix}`, `-nodes=${nodes}`]);
  }

  /** Begins to watch the Nodes of the prefix; resolves when it does. */
  async follow(prefix: string, nodes: number, withinMinutes: number): Promise<Followed> {
    const args = ['await', `-prefix=${prefix}`, `-nodes=${nodes}`, `-within=${withinMinutes}m`];
    const child = spawn(this.#program, ['-kubeconfig', this.#kubeconfig, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    await lines.next();
    const end = async (): Promise<number> => {
      const { value } = (await lines.next()) as { value?: string };
      if (value === undefined) throw new Error('the load generator ended without a result');
      return (JSON.parse(value) as { initialized: number }).initialized;
    };
    return {
      initialized: end(),
      [Symbol.dispose]: () => void child.kill('SIGKILL'),
    };
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
