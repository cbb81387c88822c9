import { Duration } from '../base/duration.ts';
import type { EndpointSlice } from '../api/endpoint-slice.ts';
import type { Node } from '../api/node.ts';
import type { Service } from '../api/service.ts';
import type { CloudProvider } from '../cloud/cloud-provider.ts';
import type { ClusterIdentity } from '../cloud/cluster-identity.ts';
import type { Controller, ControllerLife } from '../controllers/controller.ts';
import { ownNodes } from '../controllers/own-nodes.ts';
import type { KubeClient } from '../kube/client/kube-client.ts';
import type { WriteFence } from '../kube/client/write-fence.ts';
import type { EventRecorder } from '../kube/events/event-recorder.ts';
import { createInformer } from '../kube/informer/shared-informer.ts';
import type { Informer, Store } from '../kube/informer/informer.ts';
import { selectObjects } from '../kube/informer/select-objects.ts';
import { endpointSlices, nodes, services } from '../kube/resources.ts';
import { isolatingProvider } from '../reconcile/isolating-provider.ts';
import type { OperationLog } from '../reconcile/operation-log.ts';
import type { HealthChecks } from '../telemetry/health.ts';
import type { ControllerRegistration } from './controller-registry.ts';
import { idleSelectors } from './idle-selectors.ts';
import type { ManagerOptions } from './manager-options.ts';

export interface ControllerGroupOptions {
  readonly manager: ManagerOptions;
  readonly registrations: readonly ControllerRegistration[];
  readonly provider: CloudProvider;
  readonly cluster: ClusterIdentity;
  readonly fence: WriteFence;
  readonly operations: OperationLog;
  readonly healthz: HealthChecks;
  /** The client of one controller. */
  readonly clientOf: (registration: ControllerRegistration) => KubeClient;
  /** The recorder of one controller. */
  readonly recorder: (component: string, registration: ControllerRegistration) => EventRecorder;
  /** Told what keeps the caches from being filled; undefined when nothing does. */
  readonly onCaches: (problem: string | undefined) => void;
}

interface BuiltController {
  readonly registration: ControllerRegistration;
  readonly controller: Controller;
}

/** The controllers that run under one lock, with the informers that they share: one term of leading. */
export class ControllerGroup {
  readonly #options: ControllerGroupOptions;
  readonly #built: readonly BuiltController[];
  readonly #informers: Informers;
  readonly #caching = new AbortController();

  constructor(options: ControllerGroupOptions, aborting: AbortSignal) {
    this.#options = { ...options, provider: isolatingProvider(options.provider, options.manager) };
    this.#informers = new Informers(options.manager, AbortSignal.any([aborting, this.#caching.signal]));
    this.#built = options.registrations.flatMap((registration) => {
      const controller = this.#build(registration);
      return controller ? [{ registration, controller }] : [];
    });
  }

  get controllers(): readonly Controller[] {
    return this.#built.map(({ controller }) => controller);
  }

  /** Resolves when all controllers have ended. */
  async run(life: ControllerLife): Promise<void> {
    const { healthz, onCaches, manager } = this.#options;
    this.#informers.start();
    onCaches('the caches are not filled yet');
    void this.#informers.synced().then(() => {
      onCaches(undefined);
      manager.logger.info('The caches are filled');
      for (const { flag, objects } of idleSelectors(manager.settings.ownership ?? {}, this.#informers.stores)) {
        manager.logger.warn('A selector fits nothing that is there', { flag, objects });
      }
    });
    const removeChecks = this.controllers.map((controller) => healthz.add(controller.name, () => controller.health()));
    try {
      const waits = startWaits(this.#built.length, manager.startInterval);
      await Promise.all(this.#built.map((each, index) => this.#runOne(each, waits[index] ?? Duration.zero, life)));
      if (this.#built.length === 0) await untilAborted(life.stopping);
    } finally {
      this.#caching.abort();
      for (const remove of removeChecks) remove();
      onCaches(undefined);
    }
  }

  async #runOne(one: BuiltController, wait: Duration, life: ControllerLife): Promise<void> {
    const { clock, metrics } = this.#options.manager;
    if (wait.milliseconds > 0) await clock.sleep(wait, life.stopping).catch(() => undefined);
    const gauge = metrics.gauge('running_managed_controllers', {
      name: one.registration.metricName,
      manager: 'cloud-controller-manager',
    });
    gauge.set(1);
    await one.controller.run(life);
    gauge.set(0);
  }

  #build(registration: ControllerRegistration): Controller | undefined {
    const { manager, provider, cluster, fence, operations, clientOf, recorder } = this.#options;
    const { clock, logger, metrics, settings, mode = 'run' } = manager;
    const client = clientOf(registration);
    const { instances, name, providerIDSchemes } = provider;
    const isOwnNode = ownNodes({
      schemes: providerIDSchemes ?? [name],
      ...(settings.ownership?.nodes && { selector: settings.ownership.nodes }),
      ...(instances?.claim && { claim: (node) => instances.claim?.(node) ?? 'open' }),
    });
    const controller = registration.build({
      client,
      fence,
      provider,
      cluster,
      settings,
      policy: { mode, isProtected: () => false },
      clock,
      logger,
      metrics,
      operations,
      informers: {
        nodes: () => this.#informers.nodes,
        ownNodes: () => selectObjects(this.#informers.nodes, isOwnNode),
        services: () => this.#informers.services,
        endpointSlices: () => this.#informers.endpointSlices,
      },
      isOwnNode,
      recorder: (component) => recorder(component, registration),
    });
    if (controller && 'skipped' in controller) {
      logger.warn('A controller is skipped', { controller: registration.name, reason: controller.skipped });
      return undefined;
    }
    if (!controller) {
      logger.warn('A controller is skipped, because the provider has nothing for it', {
        controller: registration.name,
        provider: manager.providerName,
      });
    }
    return controller;
  }
}

/** Made when a controller asks, started together. */
class Informers {
  readonly #options: ManagerOptions;
  readonly #signal: AbortSignal;
  #nodes: Informer<Node> | undefined;
  #services: Informer<Service> | undefined;
  #endpointSlices: Informer<EndpointSlice> | undefined;

  constructor(options: ManagerOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  get nodes(): Informer<Node> {
    const { client, clock, logger, metrics, settings } = this.#options;
    const { nodeName } = settings;
    const selection = nodeName === undefined ? {} : { fieldSelector: `metadata.name=${nodeName}` };
    this.#nodes ??= createInformer(client, nodes, { clock, logger, metrics, ...selection });
    return this.#nodes;
  }

  get services(): Informer<Service> {
    const { client, clock, logger, metrics } = this.#options;
    this.#services ??= createInformer(client, services, { clock, logger, metrics });
    return this.#services;
  }

  get endpointSlices(): Informer<EndpointSlice> {
    const { client, clock, logger, metrics } = this.#options;
    this.#endpointSlices ??= createInformer(client, endpointSlices, { clock, logger, metrics });
    return this.#endpointSlices;
  }

  /** Of those that were made. */
  get stores(): { readonly nodes: Store<Node> | undefined; readonly services: Store<Service> | undefined } {
    return { nodes: this.#nodes?.store, services: this.#services?.store };
  }

  start(): void {
    this.#nodes?.start(this.#signal);
    this.#services?.start(this.#signal);
    this.#endpointSlices?.start(this.#signal);
  }

  async synced(): Promise<void> {
    await Promise.all([this.#nodes?.synced, this.#services?.synced, this.#endpointSlices?.synced]);
  }
}

/** Resolves once the signal is aborted. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/**
 * How long each controller waits before it starts: as in Go, once or twice the interval after the one before it, so that all start in
 * their order.
 */
export function startWaits(
  count: number,
  interval: Duration = Duration.zero,
  random: () => number = Math.random,
): readonly Duration[] {
  const waits: Duration[] = [];
  for (let index = 0; index < count; index++) {
    const before = waits[index - 1];
    waits.push(before ? before.plus(interval.times(1 + random())) : Duration.zero);
  }
  return waits;
}
