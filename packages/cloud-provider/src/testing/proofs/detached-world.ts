import { type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import { operationTable } from '../memory-cloud/cloud/api.ts';
import { startCloudServer } from '../memory-cloud/cloud/http-server.ts';
import { describeEndState } from './end-state.ts';
import { findProblems } from './find-problems.ts';
import { ProofGround } from './ground.ts';
import { life } from './life.ts';
import type { Incarnate, ManagerBody } from './manager-body.ts';

/** One death of a manager: at which message, and whether what was asked is done. */
export interface Death {
  /** See {@link DetachedMessage}. */
  readonly key: string;
  readonly moment: 'beforeItArrives' | 'beforeItsAnswer';
}

/** A message as a world beside which time runs sees it. */
export interface DetachedMessage {
  /** Step, label and number: the same in another life as far as time allows. */
  readonly key: string;
  readonly step: string;
  readonly label: string;
  readonly kind: 'read' | 'write';
}

/** How such a life went. */
export interface DetachedLife {
  readonly endState: string;
  /** Everything that must never be. Empty when all is well. */
  readonly faults: readonly string[];
  readonly messages: readonly DetachedMessage[];
  /** The writes that cloud and API server have in their own logs. */
  readonly counted: number;
  readonly starts: number;
  /** How many managers lost the lease by themselves, because the machine was too busy to renew it, and were started again. */
  readonly lost: number;
  readonly died: ReadonlySet<Death>;
}

const patienceMilliseconds = 120_000;
/** Longer than the time between two renewals, shorter than the renew deadline. */
const overdueMilliseconds = 1_000;
const poll = Duration.milliseconds(25);
/** Longer than leases, lookups and the machines' own changes in this world, where seconds stand for minutes. */
const shortRest = Duration.seconds(1);

/** Lives the life once with a manager of flesh and blood, which dies these deaths and is started again each time. */
export async function liveDetached(incarnate: Incarnate, deaths: readonly Death[] = []): Promise<DetachedLife> {
  await using world = new DetachedWorld(incarnate, deaths);
  await world.open();
  const faults: string[] = [];
  for (const step of life) {
    const problem = await world.go(step.name, step.rest ? shortRest : Duration.zero, () =>
      step.act({ ...world.ground, clock: systemClock }),
    );
    if (problem === undefined) continue;
    faults.push(problem);
    break;
  }
  const { ground, messages, starts, lost, died } = world;
  faults.push(...world.crashes, ...ground.violations, ...ground.foreignWrites());
  const cloudWrites = ground.cloud.log.records.filter(({ kind }) => kind === 'write').length;
  const counted = cloudWrites + ground.server.log.entries.length;
  return { endState: describeEndState(ground), faults, messages, counted, starts, lost, died };
}

/** A cluster and a cloud in this thread behind real HTTP; the manager elsewhere. */
class DetachedWorld implements AsyncDisposable {
  readonly ground = new ProofGround(systemClock, { machineTransition: Duration.milliseconds(50) });
  readonly messages: DetachedMessage[] = [];
  readonly died = new Set<Death>();
  /** Managers that ended by themselves without a reason. */
  readonly crashes: string[] = [];
  readonly #incarnate: Incarnate;
  readonly #deaths: readonly Death[];
  readonly #disposal = new AsyncDisposableStack();
  readonly #inStep = new Map<string, number>();
  #step = 'start';
  #addresses = { apiServer: '', cloud: '' };
  #body: ManagerBody | undefined;
  #dying: ManagerBody | undefined;
  #renewedAt = 0;
  #starts = 0;
  #lost = 0;

  constructor(incarnate: Incarnate, deaths: readonly Death[]) {
    this.#incarnate = incarnate;
    this.#deaths = deaths;
  }

  get starts(): number {
    return this.#starts;
  }

  get lost(): number {
    return this.#lost;
  }

  async open(): Promise<void> {
    this.#disposal.defer(() => this.#kill());
    const { cloud } = this.ground;
    const handle = cloud.handle.bind(cloud);
    cloud.handle = async (request, signal) => {
      this.ground.inspectCloudRequest(request);
      const { operation } = request;
      const key = this.#note(operation, operationTable[operation].kind);
      if (this.#strikes(key, 'beforeItArrives')) return this.#die();
      const reply = await handle(request, signal);
      return this.#strikes(key, 'beforeItsAnswer') ? this.#die() : reply;
    };
    const cloudServer = this.#disposal.use(await startCloudServer(cloud));
    this.#addresses = { apiServer: await this.#openApiServer(), cloud: cloudServer.endpoint };
    this.#start();
  }

  /** One step: the deed, and then time until everything is as it must be. Returns what is not, when it takes too long. */
  async go(step: string, least: Duration, deed: () => void): Promise<string | undefined> {
    this.#step = step;
    this.#inStep.clear();
    this.ground.act(deed);
    const begin = performance.now();
    for (;;) {
      await systemClock.sleep(poll);
      if (!this.#body) this.#start();
      const problems = findProblems(this.ground);
      const passed = performance.now() - begin;
      if (problems.length === 0 && passed >= least.milliseconds) return undefined;
      if (passed > patienceMilliseconds) return `after "${step}": ${problems.join('; ')}`;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#disposal.disposeAsync();
  }

  #start(): void {
    const body = this.#incarnate({ ...this.#addresses, identity: `manager-${++this.#starts}` });
    this.#body = body;
    void body.ended.then(() => {
      if (this.#body !== body || this.#dying === body) return;
      this.#body = undefined;
      this.#lost++;
      const age = performance.now() - this.#renewedAt;
      if (age < overdueMilliseconds) this.crashes.push(`a manager ended by itself in "${this.#step}"`);
    });
  }

  async #openApiServer(): Promise<string> {
    const { server } = this.ground;
    const http = createServer((request, response) => {
      const { method = '' } = request;
      const [path = ''] = (request.url ?? '').split('?');
      this.ground.inspectClusterRequest({ method, path });
      // Events have random names.
      const label = `${method} ${path.replace(/(?<=\/events\/).*/, '*')}`;
      const key = this.#note(label, method === 'GET' ? 'read' : 'write');
      if (this.#strikes(key, 'beforeItArrives')) void this.#die();
      else {
        if (this.#strikes(key, 'beforeItsAnswer')) this.#swallow(response);
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

  #note(label: string, kind: DetachedMessage['kind']): string {
    const nth = (this.#inStep.get(label) ?? 0) + 1;
    this.#inStep.set(label, nth);
    const key = `${this.#step} | ${label} | ${nth}`;
    this.messages.push({ key, step: this.#step, label, kind });
    if (kind === 'write' && label.includes('/leases')) this.#renewedAt = performance.now();
    return key;
  }

  #strikes(key: string, moment: Death['moment']): boolean {
    const death = this.#deaths.find((one) => one.key === key && one.moment === moment && !this.died.has(one));
    // While one manager is ended another message of it may arrive.
    if (!death || !this.#body) return false;
    this.died.add(death);
    return true;
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
    await this.#kill();
    return new Promise(() => undefined);
  }

  async #kill(): Promise<void> {
    const body = this.#body;
    this.#dying = body;
    await body?.kill();
    if (this.#body === body) this.#body = undefined;
  }
}
