import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import { clusterStampKey } from '../../cloud/ownership.ts';
import type { InstanceRecord } from '../memory-cloud/cloud/api.ts';
import type { CloudSnapshot, MemoryCloud } from '../memory-cloud/cloud/memory-cloud.ts';
import { serviceUIDTag } from '../memory-cloud/load-balancers/memory-lb/desired.ts';
import { type SeededRandom, seededRandom } from '../seeded-random.ts';
import type { ClusterHTTP } from './cluster-http.ts';
import { readCluster } from './cluster-state.ts';
import { relaxRates, tightenRates } from './demo-cloud.ts';
import { type Judgement, judge } from './judge.ts';
import { kubeletNode, loadBalancerService, silentKubeletStatus } from './manifests.ts';
import { type ScenarioReport, countOperations } from './report.ts';

export interface ScenarioOptions {
  readonly nodes: number;
  readonly services: number;
  readonly seed: number;
  /** The scenario gives up after so long. */
  readonly deadline: Duration;
  /** The pause between two things that happen, for people who watch. @default 0 */
  readonly pace?: Duration;
  readonly cloud: MemoryCloud;
  readonly http: ClusterHTTP;
  readonly clock: Clock;
}

/** How far the scenario is. */
export interface ScenarioProgress {
  readonly step: string;
  readonly nodes: { readonly present: number; readonly initialised: number };
  readonly services: { readonly present: number; readonly ready: number };
}

const zones = ['memory-1a', 'memory-1b', 'memory-1c'];
const nodesPath = '/api/v1/nodes';
const servicesPath = '/api/v1/namespaces/default/services';
const pollInterval = Duration.milliseconds(500);
/** Requests that the kubelets and users of the scenario have under way at once when nobody watches. */
const fullConcurrency = 16;
/** The cloud is bad-tempered at least for so long. */
const throttleTime = Duration.seconds(4);
/** Once everything is right nothing may be written to the cloud for so long. */
const quietTime = Duration.seconds(2);

/**
 * A day in the life of a cluster: machines join, Services want load balancers, the cloud throttles, a machine is terminated,
 * a Service is deleted. The scenario plays everybody but the manager (the kubelets, the users, the operator) and
 * judges the outcome from the cloud's own state and from reads of the API server; it never talks to the manager.
 */
export class Scenario {
  readonly #options: ScenarioOptions;
  readonly #random: SeededRandom;
  readonly #listeners = new Set<(text: string) => void>();
  readonly #everInitialised = new Set<string>();
  readonly #everReady = new Set<string>();
  readonly #foreignAtStart: string;
  #progress: ScenarioProgress = {
    step: 'not begun',
    nodes: { present: 0, initialised: 0 },
    services: { present: 0, ready: 0 },
  };
  #joined = 0;
  #created = 0;
  #terminated = 0;
  #deleted = 0;
  #clusterUID = '';
  #latest: Judgement | undefined;

  constructor(options: ScenarioOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#foreignAtStart = describeForeign(options.cloud.snapshot(), '');
  }

  get progress(): ScenarioProgress {
    return this.#progress;
  }

  /** Calls back with a line for people whenever something happens; the returned function stops it. */
  onEvent(listener: (text: string) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Runs to the end and tells how it went. Rejects only with the signal's reason. */
  async run(signal: AbortSignal): Promise<ScenarioReport> {
    const { clock, deadline, cloud } = this.#options;
    const begin = clock.monotonic();
    const tooLate = new AbortController();
    const cancel = clock.schedule(deadline, () => {
      tooLate.abort(
        new Error(`the scenario did not end within ${deadline.toString()} (while: ${this.#progress.step})`),
      );
    });
    const problems: string[] = [];
    try {
      await this.#play(AbortSignal.any([signal, tooLate.signal]));
    } catch (error) {
      signal.throwIfAborted();
      problems.push(error instanceof Error ? error.message : String(error), ...(this.#latest?.problems ?? []));
    } finally {
      cancel();
      relaxRates(cloud);
    }
    return {
      nodes: { wanted: this.#options.nodes, initialised: this.#everInitialised.size, terminated: this.#terminated },
      services: { wanted: this.#options.services, ready: this.#everReady.size, deleted: this.#deleted },
      operations: countOperations(cloud.log),
      cloudCalls: cloud.log.counts(),
      throttled: cloud.log.total().throttled,
      seconds: Math.round((clock.monotonic() - begin) / 100) / 10,
      converged: problems.length === 0,
      problems,
    };
  }

  async #play(signal: AbortSignal): Promise<void> {
    const { nodes, services, cloud, http, clock } = this.#options;
    const system = await http.get('/api/v1/namespaces', 'kube-system', signal);
    this.#clusterUID = (system as { readonly metadata: { readonly uid: string } }).metadata.uid;

    // Some come later, while the cloud throttles.
    const lateNodes = Math.max(1, Math.floor(nodes / 10));
    const lateServices = Math.max(1, Math.floor(services / 10));

    this.#say(`${nodes - lateNodes} machines join, ${services - lateServices} Services want load balancers`);
    await Promise.all([this.#join(nodes - lateNodes, signal), this.#create(services - lateServices, signal)]);
    await this.#settle(signal);

    this.#say(`the cloud throttles; ${lateNodes} more machines and ${lateServices} more Services come all the same`);
    const throttledBefore = cloud.log.total().throttled;
    tightenRates(cloud);
    await Promise.all([
      this.#join(lateNodes, signal),
      this.#create(lateServices, signal),
      clock.sleep(throttleTime, signal),
    ]);
    while (cloud.log.total().throttled === throttledBefore) await clock.sleep(pollInterval, signal);
    relaxRates(cloud);
    this.#say('the cloud is itself again, and what waited is made up for');
    await this.#settle(signal);

    await this.#terminateOne(signal);
    await this.#settle(signal);

    await this.#deleteOne(signal);
    await this.#settle(signal);

    this.#say('everything is as it must be; is it quiet, too?');
    await this.#stayQuiet(signal);
    this.#say('done');
  }

  /** So many machines come up, and their kubelets register themselves. */
  async #join(count: number, signal: AbortSignal): Promise<void> {
    const { cloud, http, clock } = this.#options;
    const names = Array.from({ length: count }, () => `machine-${String(++this.#joined).padStart(4, '0')}`);
    await this.#forEach(names, async (name) => {
      const machine: InstanceRecord = cloud.operator.launch({
        name,
        zone: this.#random.pick(zones),
        type: this.#random.pick(['standard-2', 'standard-4', 'memory-8']),
        hasPublicIP: this.#random.integer(2) === 0 ? 'yes' : 'no',
      });
      await this.#pause(signal);
      await http.create(nodesPath, kubeletNode(name, clock.now()), signal);
      if (this.#isTold) this.#tell(`${name} (${machine.id}) registers itself as an uninitialised Node`);
    });
    await this.#look(signal);
  }

  async #create(count: number, signal: AbortSignal): Promise<void> {
    const names = Array.from({ length: count }, () => `web-${String(++this.#created).padStart(3, '0')}`);
    await this.#forEach(names, async (name) => {
      const manifest = loadBalancerService(name, this.#random);
      await this.#pause(signal);
      await this.#options.http.create(servicesPath, manifest, signal);
      if (this.#isTold) this.#tell(`Service ${name} is created`);
    });
    await this.#look(signal);
  }

  async #terminateOne(signal: AbortSignal): Promise<void> {
    const { cloud, http, clock } = this.#options;
    const name = `machine-${String(1 + this.#random.integer(this.#options.nodes)).padStart(4, '0')}`;
    const machine = cloud.snapshot().instances.find((instance) => instance.name === name);
    if (!machine) throw new Error(`the cloud has lost the machine ${name}`);
    this.#say(`${name} (${machine.id}) is terminated; its kubelet falls silent`);
    cloud.operator.terminate(machine.id);
    const body = silentKubeletStatus(clock.now());
    await http.patchStatus(nodesPath, name, { body, signal });
    this.#tell(`the Node ${name} is the manager's to delete, when the cloud has said twice that the machine is gone`);
    await this.#untilDeleted(name, signal);
    this.#terminated++;
  }

  async #deleteOne(signal: AbortSignal): Promise<void> {
    const name = `web-${String(1 + this.#random.integer(this.#options.services)).padStart(3, '0')}`;
    this.#say(`Service ${name} is deleted`);
    await this.#options.http.delete(servicesPath, name, signal);
    this.#deleted++;
  }

  async #untilDeleted(node: string, signal: AbortSignal): Promise<void> {
    const { clock, http } = this.#options;
    for (;;) {
      const { nodes } = await readCluster(http, signal);
      if (!nodes.some(({ name }) => name === node)) return;
      await clock.sleep(pollInterval, signal);
    }
  }

  /** Waits until nothing is wrong any more. */
  async #settle(signal: AbortSignal): Promise<void> {
    const { clock, nodes, services } = this.#options;
    for (;;) {
      const { problems } = await this.#look(signal);
      if (problems.length === 0) break;
      await clock.sleep(pollInterval, signal);
    }
    const { nodes: seenNodes, services: seenServices } = this.#progress;
    this.#tell(
      `${seenNodes.initialised} of ${seenNodes.present} Nodes initialised, ` +
        `${seenServices.ready} of ${seenServices.present} Services ready (${nodes} and ${services} wanted in all)`,
    );
  }

  async #stayQuiet(signal: AbortSignal): Promise<void> {
    const { clock, cloud } = this.#options;
    const before = countWrites(cloud);
    await clock.sleep(quietTime, signal);
    const writes = countWrites(cloud) - before;
    if (writes > 0) throw new Error(`${writes} writes went to the cloud although everything was as it must be`);
    const { problems } = await this.#look(signal);
    if (problems.length > 0) throw new Error('what was right did not stay so');
  }

  /** Reads cluster and cloud and judges them. */
  async #look(signal: AbortSignal): Promise<Judgement> {
    const { cloud, http } = this.#options;
    const cluster = await readCluster(http, signal);
    const snapshot = cloud.snapshot();
    const judgement = judge({
      cluster,
      cloud: snapshot,
      foreignWrites: cloud.foreignWrites,
      clusterUID: this.#clusterUID,
      stampTag: clusterStampKey,
      serviceTag: serviceUIDTag,
    });
    const isForeignIntact = describeForeign(snapshot, this.#clusterUID) === this.#foreignAtStart;
    const problems = isForeignIntact
      ? judgement.problems
      : ['what belongs to others was changed', ...judgement.problems];
    for (const name of judgement.initialised) this.#everInitialised.add(name);
    for (const name of judgement.ready) this.#everReady.add(name);
    this.#progress = {
      step: this.#progress.step,
      nodes: { present: cluster.nodes.length, initialised: judgement.initialised.size },
      services: { present: cluster.services.length, ready: judgement.ready.size },
    };
    this.#latest = { ...judgement, problems };
    return this.#latest;
  }

  async #forEach(names: readonly string[], work: (name: string) => Promise<void>): Promise<void> {
    const concurrency = this.#options.pace ? 1 : Math.min(fullConcurrency, names.length);
    const iterator = names.values();
    const worker = async (): Promise<void> => {
      for (const name of iterator) await work(name);
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
  }

  async #pause(signal: AbortSignal): Promise<void> {
    const { pace, clock } = this.#options;
    if (pace) await clock.sleep(pace, signal);
  }

  /** Single things are told only where they are few. */
  get #isTold(): boolean {
    return this.#options.nodes + this.#options.services <= 60;
  }

  /** Begins a step. */
  #say(text: string): void {
    this.#progress = { ...this.#progress, step: text };
    this.#tell(text);
  }

  #tell(text: string): void {
    for (const listener of this.#listeners) listener(text);
  }
}

function countWrites(cloud: MemoryCloud): number {
  return Object.values(countOperations(cloud.log))
    .flatMap((kinds) => Object.values(kinds))
    .reduce((total, count) => total + count, 0);
}

/** Everything in the cloud that does not belong to the cluster, as a text that changes when any of it does. */
function describeForeign(snapshot: CloudSnapshot, clusterUID: string): string {
  const isForeign = (tags: Readonly<Record<string, string>>): boolean => tags[clusterStampKey] !== clusterUID;
  return JSON.stringify([
    snapshot.loadBalancers.filter(({ tags }) => isForeign(tags)),
    snapshot.routes.filter(({ tags }) => isForeign(tags)),
  ]);
}
