import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/** A watch over objects that are to come into some state. */
export interface Followed extends Disposable {
  /** Resolves with how many did when all have, or when the time is over. */
  readonly reached: Promise<number>;
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

  /** Begins to watch the Nodes of the prefix until they are initialised; resolves when it does. */
  follow(prefix: string, nodes: number, withinMinutes: number): Promise<Followed> {
    return this.#follow(['await', `-prefix=${prefix}`, `-nodes=${nodes}`, `-within=${withinMinutes}m`]);
  }

  /** Begins to watch the Services until they have addresses; resolves when it does. */
  followServices(services: number, withinMinutes: number): Promise<Followed> {
    return this.#follow(['reach', `-services=${services}`, `-within=${withinMinutes}m`]);
  }

  /** Services of type LoadBalancer. */
  async publish(services: number): Promise<void> {
    await this.#run(['publish', `-services=${services}`]);
  }

  /** Takes them away without asking any manager. */
  async withdraw(services: number): Promise<void> {
    await this.#run(['withdraw', `-services=${services}`]);
  }

  async #follow(args: readonly string[]): Promise<Followed> {
    const child = spawn(this.#program, ['-kubeconfig', this.#kubeconfig, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    await lines.next();
    const end = async (): Promise<number> => {
      const { value } = (await lines.next()) as { value?: string };
      if (value === undefined) throw new Error('the load generator ended without a result');
      return Object.values(JSON.parse(value) as Record<string, number>)[0] ?? 0;
    };
    return {
      reached: end(),
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
