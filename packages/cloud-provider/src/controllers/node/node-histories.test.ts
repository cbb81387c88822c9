import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Duration } from '../../base/duration.ts';
import { CloudError } from '../../cloud/cloud-error.ts';
import type { InstanceMetadata, InstanceView, Instances, NodeRef } from '../../cloud/instances.ts';
import { ApiError } from '../../kube/client/api-error.ts';
import { silentLogger } from '../../telemetry/logger.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { TestCluster, TestRecorder } from '../test-cluster.ts';
import { sameAddresses } from './node-addresses.ts';
import { NodeController } from './node-controller.ts';
import { isUninitialized } from './plan-node.ts';
import { addressList, testMetadata, testNode, waitingTaint } from './test-nodes.ts';

type Step =
  | { readonly do: 'join' | 'leave' | 'heartbeat' | 'taint'; readonly name: string }
  | {
      readonly do: 'machine';
      readonly name: string;
      readonly zone: string;
      readonly ip: number;
      readonly kind: 'present' | 'absent' | 'foreign';
    }
  | { readonly do: 'relabel'; readonly name: string; readonly value: string }
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'restart' | 'lag' }
  | { readonly do: 'trouble'; readonly cloud: number; readonly cluster: number; readonly lost: number };

const names = fc.constantFrom('a', 'b', 'c');
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constantFrom('join' as const, 'leave' as const, 'heartbeat' as const, 'taint' as const),
    name: names,
  }),
  fc.record({
    do: fc.constant('machine' as const),
    name: names,
    zone: fc.constantFrom('y', 'z'),
    ip: fc.integer({ min: 1, max: 3 }),
    kind: fc.constantFrom('present' as const, 'present' as const, 'absent' as const, 'foreign' as const),
  }),
  fc.record({ do: fc.constant('relabel' as const), name: names, value: fc.constantFrom('x', 'y', 'z') }),
  fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 0, max: 400 }) }),
  fc.record({ do: fc.constantFrom('restart' as const, 'lag' as const) }),
  fc.record({
    do: fc.constant('trouble' as const),
    cloud: fc.integer({ min: 0, max: 3 }),
    cluster: fc.integer({ min: 0, max: 3 }),
    lost: fc.integer({ min: 0, max: 2 }),
  }),
);

const unclaimed = { key: 'example.com/own', value: '', effect: 'NoSchedule', timeAdded: '' };

class World implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly cluster = new TestCluster();
  readonly machines = new Map<string, InstanceView>();
  #joined = 0;
  #releases: (() => void)[] = [];
  #trouble = { cloud: 0, cluster: 0, lost: 0 };
  #abort = new AbortController();
  #run: Promise<void> = Promise.resolve();

  constructor() {
    this.cluster.beforePatch = () => {
      if (this.#trouble.cluster > 0 && this.#trouble.cluster--)
        throw new ApiError('down', { kind: 'unavailable', status: 503 });
    };
    this.cluster.afterPatch = () => {
      if (this.#trouble.lost > 0 && this.#trouble.lost--) throw new ApiError('no answer', { kind: 'connectionFailed' });
    };
    this.start();
  }

  start(): void {
    this.#abort = new AbortController();
    const instances: Instances = {
      maxBatch: 2,
      scopeOf: () => 'any',
      describe: async (nodes) => this.#describe(nodes),
    };
    const controller = new NodeController({
      instances,
      client: this.cluster.client,
      nodes: this.cluster.nodes,
      recorder: new TestRecorder(),
      clock: this.clock,
      logger: silentLogger,
      metrics: new MetricRegistry(),
      concurrency: 10,
    });
    this.#run = controller.run({ stopping: this.#abort.signal, aborting: this.#abort.signal });
  }

  async stop(): Promise<void> {
    this.#abort.abort(new Error('stopped'));
    await this.#run;
  }

  async take(next: Step): Promise<void> {
    switch (next.do) {
      case 'join':
        if (!this.cluster.node(next.name)) {
          this.cluster.putNode(
            testNode(next.name, { uid: `uid-${++this.#joined}`, taints: [waitingTaint, unclaimed] }),
          );
        }
        break;
      case 'leave':
        this.cluster.removeNode(next.name);
        break;
      case 'heartbeat':
      case 'taint':
      case 'relabel': {
        const node = this.cluster.node(next.name);
        if (!node) break;
        const labels =
          next.do === 'relabel'
            ? { ...node.metadata.labels, 'topology.kubernetes.io/zone': next.value }
            : node.metadata.labels;
        const taints =
          next.do === 'taint' && !isUninitialized(node) ? [...node.spec.taints, waitingTaint] : node.spec.taints;
        this.cluster.putNode({ ...node, metadata: { ...node.metadata, labels }, spec: { ...node.spec, taints } });
        break;
      }
      case 'machine':
        this.machines.set(next.name, this.#view(next));
        break;
      case 'wait':
        await this.clock.advance(Duration.seconds(next.seconds));
        break;
      case 'restart':
        await this.stop();
        this.start();
        break;
      case 'lag':
        this.#releases.push(this.cluster.holdInformers());
        break;
      case 'trouble':
        this.#trouble = { ...next };
        break;
    }
    await this.clock.settle();
  }

  async heal(): Promise<void> {
    this.#trouble = { cloud: 0, cluster: 0, lost: 0 };
    for (const release of this.#releases) release();
    this.#releases = [];
    for (let minute = 0; minute < 12; minute++) {
      await this.clock.advance(Duration.minutes(1));
      for (let turn = 0; turn < 10; turn++) await this.clock.settle();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #describe(nodes: readonly NodeRef[]): ReadonlyMap<string, InstanceView> {
    if (this.#trouble.cloud > 0 && this.#trouble.cloud--) throw new CloudError('Throttled', 'slow down');
    return new Map(
      nodes.flatMap(({ name }) => (this.machines.has(name) ? [[name, this.machines.get(name)!] as const] : [])),
    );
  }

  #view(next: Extract<Step, { do: 'machine' }>): InstanceView {
    const { ip, kind, name, zone } = next;
    switch (kind) {
      case 'absent':
        return { kind, evidence: { statement: 'gone', operation: 'Describe', requestId: '' } };
      case 'foreign':
        return { kind };
      case 'present': {
        const addresses = addressList(`InternalIP=10.0.0.${ip}`, `InternalIP=fd00::${ip}`);
        return { kind, state: 'running', metadata: testMetadata({ providerID: `fake://${name}`, addresses, zone }) };
      }
    }
  }
}

function expectTrue(world: World, name: string, metadata: InstanceMetadata): void {
  const node = world.cluster.node(name)!;
  expect(isUninitialized(node)).toBe(false);
  expect(node.spec.providerID).toBe(metadata.providerID);
  expect(sameAddresses(node.status.addresses, [...metadata.addresses, { type: 'Hostname', address: name }])).toBe(true);
  expect(node.metadata.labels['topology.kubernetes.io/zone']).toBe(metadata.zone);
  expect(node.metadata.labels['failure-domain.beta.kubernetes.io/zone']).toBe(metadata.zone);
}

describe('any history of Nodes and machines', () => {
  it('ends with every Node true to its machine, and loses no taint of others', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (history) => {
        await using world = new World();
        for (const next of history) await world.take(next);
        await world.heal();
        for (const node of world.cluster.nodes.store.list()) {
          const { name } = node.metadata;
          expect(node.spec.taints).toContainEqual(unclaimed);
          const view = world.machines.get(name);
          if (view?.kind === 'present' && view.metadata) expectTrue(world, name, view.metadata);
        }
        const { length } = world.cluster.patches;
        await world.heal();
        expect(world.cluster.patches).toHaveLength(length);
        // A node without machine is never let go: whatever was written, its taint was not touched without a providerID.
        for (const patch of world.cluster.patches) {
          const spec = patch.body['spec'] as { taints?: unknown } | undefined;
          if (patch.outcome === 'done' && spec?.taints !== undefined) expect(world.machines.has(patch.key)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});
