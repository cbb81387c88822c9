import { type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import { startCloudServer } from '../memory-cloud/cloud/http-server.ts';
import { describeEndState } from './end-state.ts';
import { findProblems } from './find-problems.ts';
import { ProofGround } from './ground.ts';
import { life } from './life.ts';
import type { WorkerManagerData } from './worker-manager.ts';

/** One termination: at the first message of that label. */
interface Termination {
  readonly label: string;
  readonly moment: 'beforeItArrives' | 'beforeItsAnswer';
}

const patience = 60_000;
const poll = Duration.milliseconds(25);

/** A cluster and a cloud in this thread behind real HTTP, and the manager in another thread that can be terminated. */
class WorkerWorld implements AsyncDisposable {
  readonly ground = new ProofGround(systemClock, { machineTransition: Duration.milliseconds(50) });
  readonly #termination: Termination | undefined;
  readonly #disposal = new AsyncDisposableStack();
  #data: Omit<WorkerManagerData, 'identity'> = { apiServer: '', cloud: '' };
  #worker: Worker | undefined;
  #starts = 0;
  #isTerminated = false;

  constructor(termination: Termination | undefined) {
    this.#termination = termination;
  }

  get starts(): number {
    return this.#starts;
  }

  async open(): Promise<void> {
    this.#disposal.defer(() => this.#end());
    const { cloud } = this.ground;
    const handle = cloud.handle.bind(cloud);
    cloud.handle = async (request, signal) => {
      this.ground.inspectCloudRequest(request);
      if (this.#strikes(request.operation, 'beforeItArrives')) return this.#die();
      const reply = await handle(request, signal);
      return this.#strikes(request.operation, 'beforeItsAnswer') ? this.#die() : reply;
    };
    const cloudServer = this.#disposal.use(await startCloudServer(cloud));
    this.#data = { apiServer: await this.#openApiServer(), cloud: cloudServer.endpoint };
  }

  start(): void {
    const data: WorkerManagerData = { ...this.#data, identity: `worker-${++this.#starts}` };
    this.#isTerminated = false;
    this.#worker = new Worker(new URL('./worker-manager.ts', import.meta.url), {
      workerData: data,
      execArgv: ['--conditions=@ccm-ts/source', '--disable-warning=ExperimentalWarning'],
    });
  }

  /** Waits until everything is as it must be; a manager that was terminated is started again. */
  async rest(least: Duration): Promise<void> {
    const begin = performance.now();
    for (;;) {
      await systemClock.sleep(poll);
      if (this.#isTerminated) this.start();
      const problems = findProblems(this.ground);
      const passed = performance.now() - begin;
      if (problems.length === 0 && passed >= least.milliseconds) return;
      if (passed > patience) throw new Error(problems.join('; '));
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#disposal.disposeAsync();
  }

  async #openApiServer(): Promise<string> {
    const { server } = this.ground;
    const http = createServer((request, response) => {
      const [path = ''] = (request.url ?? '').split('?');
      const label = `${request.method ?? ''} ${path}`;
      this.ground.inspectClusterRequest({ method: request.method ?? '', path });
      if (this.#strikes(label, 'beforeItArrives')) void this.#die();
      else {
        if (this.#strikes(label, 'beforeItsAnswer')) this.#swallow(response);
        void server.answer(request, response);
      }
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    this.#disposal.defer(() => {
      http.close();
      http.closeAllConnections();
    });
    return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  }

  #strikes(label: string, moment: Termination['moment']): boolean {
    return this.#starts === 1 && label === this.#termination?.label && moment === this.#termination.moment;
  }

  /** The answer is never sent; its end tells that what was asked is done. */
  #swallow(response: ServerResponse): void {
    response.writeHead = () => response;
    response.end = () => {
      void this.#die();
      return response;
    };
  }

  /** Whoever waits for this waits for ever, as for a killed process. */
  async #die(): Promise<never> {
    await this.#end();
    return new Promise(() => undefined);
  }

  async #end(): Promise<void> {
    await this.#worker?.terminate();
    this.#isTerminated = true;
  }
}

async function liveInWorker(termination?: Termination) {
  await using world = new WorkerWorld(termination);
  await world.open();
  world.start();
  for (const step of life) {
    world.ground.act(() => step.act({ ...world.ground, clock: systemClock }));
    await world.rest(step.rest ? Duration.seconds(1) : Duration.zero);
  }
  const { ground, starts } = world;
  return { endState: describeEndState(ground), faults: [...ground.violations, ...ground.foreignWrites()], starts };
}

describe('a manager in a thread that is terminated', () => {
  const terminations: readonly Termination[] = [
    { label: 'PATCH /api/v1/nodes/a', moment: 'beforeItArrives' },
    { label: 'PATCH /api/v1/nodes/a/status', moment: 'beforeItsAnswer' },
    { label: 'PATCH /api/v1/namespaces/default/services/web/status', moment: 'beforeItsAnswer' },
    { label: 'CreateLoadBalancer', moment: 'beforeItsAnswer' },
    { label: 'SetBackends', moment: 'beforeItArrives' },
    { label: 'DeleteLoadBalancer', moment: 'beforeItsAnswer' },
    { label: 'CreateRoutes', moment: 'beforeItsAnswer' },
    { label: 'DELETE /api/v1/nodes/c', moment: 'beforeItArrives' },
  ];

  it('leaves what a manager leaves that was never terminated', async () => {
    const undisturbed = await liveInWorker();
    expect(undisturbed).toMatchObject({ faults: [], starts: 1 });
    const failures: string[] = [];
    const judge = async (termination: Termination): Promise<void> => {
      const { endState, faults, starts } = await liveInWorker(termination);
      const where = `${termination.moment} ${termination.label}`;
      if (starts !== 2) failures.push(`${where}: ${starts} starts`);
      if (faults.length > 0) failures.push(`${where}: ${faults.join('; ')}`);
      if (endState !== undisturbed.endState) failures.push(`${where}: the end state differs`);
    };
    // Lives consist of waiting; four of them at once are hardly slower than one.
    for (let next = 0; next < terminations.length; next += 4) {
      await Promise.all(terminations.slice(next, next + 4).map(judge));
    }
    const line = { proof: 'crash-sweep-worker', points: terminations.length, failures: failures.length };
    process.stdout.write(`${JSON.stringify(line)}\n`);
    expect(failures).toEqual([]);
  }, 600_000);
});
