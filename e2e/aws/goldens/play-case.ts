import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningManager } from '../executable.ts';
import { compareStep, type Difference } from './compare.ts';
import { type Aspect, type CallCount, defaultNodes, fillIn, type GoldenCase, type Step } from './golden-case.ts';
import { RejectedByServer } from './golden-cluster.ts';
import { changesSince, type CloudState, observeCloud } from './observe-cloud.ts';
import { Placeholders } from './placeholders.ts';
import { countCalls, isRead } from './cloud-proxy.ts';
import type { Stage } from './stage.ts';

export interface PlayedCase {
  readonly differences: readonly Difference[];
  readonly golden: CallCount;
  readonly ours: CallCount;
}

/** Nothing has happened for so long when a step counts as over, unless it says otherwise. */
const quietSeconds = 2.5;
const quietAtStart = 3;
const limitSeconds = 60;
const pollMilliseconds = 250;

/** Plays a case against our manager and compares each step. */
export async function playCase(stage: Stage, golden: GoldenCase): Promise<PlayedCase> {
  const player = new Player(stage, golden);
  return await player.play();
}

class Player {
  readonly #stage: Stage;
  readonly #golden: GoldenCase;
  readonly #placeholders: Placeholders;
  #manager: RunningManager | undefined;
  #before: CloudState | undefined;
  #counted = 0;

  constructor(stage: Stage, golden: GoldenCase) {
    this.#stage = stage;
    this.#golden = golden;
    this.#placeholders = new Placeholders(stage.cloud);
  }

  async play(): Promise<PlayedCase> {
    const { cloud, cluster, proxy } = this.#stage;
    const { world, steps } = this.#golden;
    await cluster.clear();
    proxy.reset();
    await cloud.seed(world.nodes ?? defaultNodes);
    this.#before = await observeCloud(cloud);
    for (const node of cloud.nodes.values()) await this.#register(node.name);
    const differences: Difference[] = [];
    const golden = { reads: 0, writes: 0 };
    try {
      for (const step of steps) {
        differences.push(...(await this.#playStep(step)));
        golden.reads += step.expects.calls.reads;
        golden.writes += step.expects.calls.writes;
      }
    } finally {
      await this.#manager?.stop();
    }
    return { differences, golden, ours: countCalls(proxy.calls.slice(0, this.#counted)) };
  }

  async #playStep(step: Step): Promise<readonly Difference[]> {
    const isStart = this.#manager === undefined;
    const rejected = isStart ? undefined : await this.#do(step);
    if (isStart) this.#manager = await this.#stage.startManager(this.#golden.world);
    await this.#settle(step, isStart);
    this.#counted = this.#stage.proxy.calls.length;
    const { cluster } = this.#stage;
    await this.#placeholders.learn(await cluster.serviceUIDs());
    const ours = { state: await this.#observe(step, isStart), events: await cluster.newEvents(), rejected };
    return compareStep(step.name, step.expects, this.#placeholders.put(ours));
  }

  /** Returns what the API server said if it refused. */
  async #do(step: Step): Promise<string | undefined> {
    const { cloud, cluster, proxy } = this.#stage;
    const deeds = fillIn(step.does, await this.#names(step));
    for (const call of deeds.aws ?? []) await cloud.call(call);
    for (const fault of deeds.faults ?? []) proxy.fail(fault);
    try {
      for (const manifest of deeds.apply ?? []) await cluster.createService(manifest);
      for (const [name, patch] of Object.entries(deeds.patch ?? {})) await cluster.patchService(name, patch);
    } catch (error) {
      if (error instanceof RejectedByServer) return error.message;
      throw error;
    }
    if (deeds.delete !== undefined) await cluster.deleteService(deeds.delete);
    for (const node of deeds.addNodes ?? []) {
      await cloud.addMachine(node);
      this.#before = this.#withMachine(await observeCloud(cloud));
      await this.#register(node.name);
    }
    for (const name of deeds.deleteNodes ?? []) await cluster.deleteNode(this.#host(name));
    for (const [name, status] of Object.entries(deeds.ready ?? {})) await cluster.setReady(this.#host(name), status);
    if (deeds.restart === true) {
      await this.#manager?.stop();
      this.#manager = await this.#stage.startManager(this.#golden.world);
    }
    return undefined;
  }

  /** The account began without the machines that came later; those themselves are no change. */
  #withMachine(now: CloudState): CloudState {
    const before = this.#before ?? now;
    return { ...before, instances: { ...now.instances, ...before.instances } };
  }

  async #settle(step: Step, isStart: boolean): Promise<void> {
    const { cluster, proxy, signal } = this.#stage;
    const quiet = (step.quietSeconds ?? (isStart ? quietAtStart : quietSeconds)) * 1000;
    const limit = (step.limitSeconds ?? limitSeconds) * 1000;
    const started = performance.now();
    let lastChange = started;
    let last = '';
    for (;;) {
      signal.throwIfAborted();
      const isMet = await this.#isMet(step, isStart);
      const calls = step.ignores === 'reads' ? proxy.calls.filter((call) => !isRead(call)) : proxy.calls;
      const isBusy = proxy.calls.some(({ status }) => status === undefined);
      const now = `${await cluster.fingerprint()} ${calls.length}`;
      if (now !== last || isBusy || !isMet) lastChange = performance.now();
      last = now;
      if (performance.now() - lastChange >= quiet) return;
      if (performance.now() - started > limit || this.#manager?.ended() === true) return;
      await sleep(pollMilliseconds);
    }
  }

  async #isMet(step: Step, isStart: boolean): Promise<boolean> {
    const { cluster } = this.#stage;
    if (isStart) {
      const never = this.#golden.world.staysUninitialized ?? [];
      return (await cluster.uninitializedNodes()).every((name) => never.includes(name));
    }
    const { delete: deleted, leaves } = step.does;
    return deleted === undefined || leaves === 'waiting' || !(await cluster.hasService(deleted));
  }

  async #observe(step: Step, isStart: boolean): Promise<Record<string, unknown>> {
    const { cloud, cluster } = this.#stage;
    const aspects = new Set(step.observes ?? (isStart ? this.#aspectsAtStart() : this.#golden.observes));
    const now = await observeCloud(cloud);
    const changes = changesSince(this.#before ?? now, now);
    return {
      ...(aspects.has('services') ? { services: await cluster.observeServices() } : {}),
      ...(aspects.has('nodes') ? { nodes: await cluster.observeNodes() } : {}),
      ...(aspects.has('cloud') ? changes : {}),
      ...(aspects.has('routes') ? { changedRouteTables: changes.changedRouteTables } : {}),
      ...(aspects.has('routes') || aspects.has('instances') ? { changedInstances: changes.changedInstances } : {}),
    };
  }

  #aspectsAtStart(): readonly Aspect[] {
    return this.#golden.observes.filter((aspect) => aspect === 'nodes' || aspect === 'routes');
  }

  async #register(name: string): Promise<void> {
    const { cloud, cluster } = this.#stage;
    const node = cloud.nodes.get(name);
    if (node !== undefined) await cluster.register(node, fillIn(node.providerID ?? '', cloud.ids));
  }

  #host(name: string): string {
    const node = this.#stage.cloud.nodes.get(name);
    if (node === undefined) throw new Error(`the case has no node ${name}`);
    return node.host;
  }

  /** Ids, and those of what the manager has made. */
  async #names(step: Step): Promise<ReadonlyMap<string, string>> {
    const { cloud, cluster } = this.#stage;
    const names = new Map(cloud.ids);
    const loadBalancer = async (service: string): Promise<string> =>
      `a${(await cluster.serviceUID(service)).replaceAll('-', '')}`.slice(0, 32);
    for (const [, name = ''] of JSON.stringify(step.does).matchAll(/\{\{([^}]+)\}\}/g)) {
      const [kind = '', rest = ''] = name.split(/:(.*)/s);
      if (names.has(name)) continue;
      if (kind === 'lb') names.set(name, await loadBalancer(rest));
      else if (kind === 'nlb') names.set(name, await cloud.networkArn(await loadBalancer(rest)));
      else if (kind === 'sgname') {
        const service = rest.replace('k8s-elb-', '');
        names.set(name, await cloud.groupID(`k8s-elb-${await loadBalancer(service)}`));
      } else if (kind === 'tgport') names.set(name, await cloud.targetGroupArn(Number(rest)));
      else if (kind === 'listenerport') names.set(name, await cloud.listenerArn(Number(rest)));
    }
    return names;
  }
}
