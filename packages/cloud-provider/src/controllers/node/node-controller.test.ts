import { describe, expect, it } from '@jest/globals';
import type { Node } from '../../api/node.ts';
import { Duration } from '../../base/duration.ts';
import type { CallContext } from '../../cloud/call-context.ts';
import { CloudError } from '../../cloud/cloud-error.ts';
import type { InstanceView, Instances, NodeRef, PreparePort } from '../../cloud/instances.ts';
import type { Operation } from '../../cloud/operation.ts';
import { ApiError } from '../../kube/client/api-error.ts';
import { silentLogger } from '../../telemetry/logger.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { TestCluster, TestRecorder } from '../test-cluster.ts';
import { NodeController } from './node-controller.ts';
import { addressList, testMetadata, testNode, waitingTaint } from './test-nodes.ts';

/** A cloud of machines by node name, whose answers can be held back. */
class TestInstances implements Instances {
  constructor(prepare?: PreparePort) {
    if (prepare) this.prepare = prepare;
  }

  readonly maxBatch = 100;
  readonly batches: { readonly names: readonly string[]; readonly priority: string }[] = [];
  readonly views = new Map<string, InstanceView>();
  readonly prepare?: PreparePort;
  answer: (call: CallContext) => Promise<void> = () => Promise.resolve();

  scopeOf(): 'any' {
    return 'any';
  }

  async describe(
    nodes: readonly NodeRef[],
    _need: string,
    call: CallContext,
  ): Promise<ReadonlyMap<string, InstanceView>> {
    this.batches.push({ names: nodes.map((node) => node.name), priority: call.priority });
    await this.answer(call);
    return new Map(
      nodes.flatMap((node) => {
        const view = this.views.get(node.name);
        return view ? [[node.name, view] as const] : [];
      }),
    );
  }

  has(name: string, metadata: Parameters<typeof testMetadata>[0] = {}): void {
    const described = testMetadata({
      providerID: `fake://${name}`,
      addresses: addressList('InternalIP=10.0.0.1'),
      ...metadata,
    });
    this.views.set(name, { kind: 'present', state: 'running', metadata: described });
  }
}

class Bench implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly cluster = new TestCluster();
  readonly instances: TestInstances;
  readonly recorder = new TestRecorder();
  readonly metrics = new MetricRegistry();
  readonly controller: NodeController;
  readonly #abort = new AbortController();
  #run: Promise<void> | undefined;

  constructor(prepare?: PreparePort) {
    this.instances = new TestInstances(prepare);
    this.controller = new NodeController({
      client: this.cluster.client,
      nodes: this.cluster.nodes,
      instances: this.instances,
      recorder: this.recorder,
      clock: this.clock,
      logger: silentLogger,
      metrics: this.metrics,
    });
  }

  async start(): Promise<void> {
    this.#run = this.controller.run({ stopping: this.#abort.signal, aborting: this.#abort.signal });
    await this.settle();
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    for (let turns = 0; turns < 30; turns++) await this.clock.settle();
  }

  async pass(duration: Duration): Promise<void> {
    await this.clock.advance(duration);
    await this.settle();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#run;
  }
}

function isTainted(node: Node | undefined): boolean {
  return node?.spec.taints.some((taint) => taint.key === waitingTaint.key) ?? false;
}

describe('NodeController', () => {
  it('initialises a node with exactly two writes, the addresses first', async () => {
    await using bench = new Bench();
    bench.instances.has('a', { zone: 'z', instanceType: 'small' });
    bench.cluster.putNode(testNode('a'));
    await bench.start();

    const node = bench.cluster.node('a');
    expect(isTainted(node)).toBe(false);
    expect(node?.spec.providerID).toBe('fake://a');
    expect(node?.status.addresses).toEqual(addressList('InternalIP=10.0.0.1', 'Hostname=a'));
    expect(node?.metadata.labels).toMatchObject({
      'topology.kubernetes.io/zone': 'z',
      'beta.kubernetes.io/instance-type': 'small',
    });
    expect(bench.cluster.patches.map((patch) => `${patch.subresource ?? 'main'} ${patch.outcome}`)).toEqual([
      'status done',
      'main done',
    ]);
    expect(bench.recorder.events).toEqual(['Normal Synced a: Node synced successfully']);
    const text = await bench.metrics.render();
    expect(text).toContain('node_controller_cloud_provider_taint_removal_delay_seconds_count 1');
    expect(text).toContain('node_controller_initial_node_sync_delay_seconds_sum 10');
  });

  it('writes once when the addresses are right already', async () => {
    await using bench = new Bench();
    bench.instances.has('a');
    bench.cluster.putNode(testNode('a', { addresses: addressList('InternalIP=10.0.0.1', 'Hostname=a') }));
    await bench.start();
    expect(bench.cluster.patches).toHaveLength(1);
    expect(isTainted(bench.cluster.node('a'))).toBe(false);
  });

  it('tells of annotations that do nothing on its Nodes, when they join and when they change, and not on those of others', async () => {
    await using bench = new Bench();
    bench.instances.has('a');
    bench.instances.views.set('b', { kind: 'foreign' });
    const annotations = { 'ccm-ts/protect': 'true' };
    for (const name of ['a', 'b']) bench.cluster.putNode(testNode(name, { annotations }));
    await bench.start();
    expect(bench.recorder.reasons('a').toSorted()).toEqual(['Normal Synced', 'Warning AnnotationsWithoutEffect']);
    const put = (changed: Readonly<Record<string, string>>): void => {
      const node = bench.cluster.node('a')!;
      bench.cluster.putNode({ ...node, metadata: { ...node.metadata, annotations: changed } });
    };
    put(annotations);
    await bench.pass(Duration.minutes(6));
    expect(bench.recorder.reasons('a')).toHaveLength(2);
    put({ 'ccm-ts/adopt': 'x' });
    await bench.pass(Duration.seconds(2));
    expect(bench.recorder.reasons('a')).toHaveLength(3);
    expect(bench.recorder.reasons('b')).toEqual([]);
  });

  it('asks for everything that waits in one request', async () => {
    await using bench = new Bench();
    await bench.start();
    const gate = Promise.withResolvers<void>();
    bench.instances.answer = () => gate.promise;
    for (let index = 0; index < 150; index++) {
      bench.instances.has(`n${index}`);
      bench.cluster.putNode(testNode(`n${index}`));
      if (index === 0) await bench.settle();
    }
    await bench.settle();
    bench.instances.answer = () => Promise.resolve();
    gate.resolve();
    await bench.pass(Duration.seconds(1));
    expect(bench.instances.batches.map((batch) => batch.names.length)).toEqual([1, 100, 49]);
    expect([...bench.cluster.nodes.store.list()].filter(isTainted)).toEqual([]);
    expect(bench.cluster.patches).toHaveLength(300);
  });

  it('lets no node that joins wait behind upkeep', async () => {
    await using bench = new Bench();
    bench.cluster.putNode(testNode('old', { taints: [] }));
    bench.instances.has('old');
    bench.instances.has('new');
    const gate = Promise.withResolvers<void>();
    bench.instances.answer = (call) => (call.priority === 'upkeep' ? gate.promise : Promise.resolve());
    await bench.start();
    bench.cluster.putNode(testNode('new'));
    await bench.settle();
    expect(bench.instances.batches.map((batch) => batch.priority)).toEqual(['upkeep', 'initialize']);
    expect(isTainted(bench.cluster.node('new'))).toBe(false);
    gate.resolve();
    await bench.settle();
  });

  it('reads again and keeps a taint that was added meanwhile', async () => {
    await using bench = new Bench();
    bench.instances.has('a');
    const node = bench.cluster.putNode(testNode('a'));
    const meanwhile = { key: 'example.com/meanwhile', value: '', effect: 'NoSchedule', timeAdded: '' };
    let isFirst = true;
    bench.cluster.beforePatch = () => {
      if (!isFirst) return;
      isFirst = false;
      bench.cluster.putNode({ ...node, spec: { ...node.spec, taints: [waitingTaint, meanwhile] } });
    };
    await bench.start();
    expect(bench.cluster.node('a')?.spec.taints).toEqual([meanwhile]);
    expect(bench.cluster.patches.map((patch) => patch.outcome)).toEqual(['conflict', 'done', 'done']);
    expect(bench.instances.batches).toHaveLength(1);
  });

  it('keeps a taint that was added between its two writes', async () => {
    await using bench = new Bench();
    bench.instances.has('a');
    bench.cluster.putNode(testNode('a'));
    const meanwhile = { key: 'example.com/meanwhile', value: '', effect: 'NoSchedule', timeAdded: '' };
    let isFirst = true;
    bench.cluster.beforePatch = (_resource, _key, body) => {
      if (!isFirst || body['spec'] === undefined) return;
      isFirst = false;
      const node = bench.cluster.node('a')!;
      bench.cluster.putNode({ ...node, spec: { ...node.spec, taints: [...node.spec.taints, meanwhile] } });
    };
    await bench.start();
    expect(bench.cluster.node('a')?.spec.taints).toEqual([meanwhile]);
    expect(bench.cluster.patches.map((patch) => `${patch.subresource ?? 'main'} ${patch.outcome}`)).toEqual([
      'status done',
      'main conflict',
      'main done',
    ]);
  });

  it('does not take an old version in its cache for a node that still waits', async () => {
    await using bench = new Bench();
    bench.instances.has('a');
    const node = bench.cluster.putNode(testNode('a'));
    const release = bench.cluster.holdInformers();
    bench.cluster.putNode({ ...node, metadata: { ...node.metadata, labels: { changed: 'yes' } } });
    await bench.start();
    expect(isTainted(bench.cluster.node('a'))).toBe(false);
    const { length } = bench.cluster.patches;
    // The cache hears of the label first, and only later that the node was initialised.
    release(1);
    await bench.settle();
    expect(isTainted(bench.cluster.nodes.store.get('a'))).toBe(true);
    release();
    await bench.settle();
    expect(bench.cluster.patches).toHaveLength(length);
    expect(bench.instances.batches.filter((batch) => batch.priority === 'initialize')).toHaveLength(1);
  });

  it('leaves a node without machine tainted, says why once, disturbs nobody and goes on when the machine appears', async () => {
    await using bench = new Bench();
    bench.instances.views.set('lost', {
      kind: 'absent',
      evidence: { statement: 'no such machine', operation: 'Describe', requestId: 'r1' },
    });
    bench.instances.has('good');
    bench.cluster.putNode(testNode('lost'));
    bench.cluster.putNode(testNode('good'));
    await bench.start();
    await bench.pass(Duration.minutes(3));

    expect(isTainted(bench.cluster.node('lost'))).toBe(true);
    expect(isTainted(bench.cluster.node('good'))).toBe(false);
    expect(bench.recorder.reasons('lost')).toEqual(['Warning InstanceNotFound']);
    expect(bench.controller.status().items).toMatchObject([
      { key: 'lost', state: 'waiting', reason: 'InstanceNotFound' },
      { key: 'good', state: 'initialised' },
    ]);

    bench.instances.has('lost');
    await bench.pass(Duration.minutes(1));
    expect(isTainted(bench.cluster.node('lost'))).toBe(false);
    expect(bench.controller.status().items.map(({ key, state }) => `${key} ${state}`)).toEqual([
      'lost initialised',
      'good initialised',
    ]);
    expect(bench.recorder.reasons('lost')).toEqual(['Warning InstanceNotFound', 'Normal Synced']);
  });

  it('is not hurried by heartbeats of a node that waits', async () => {
    await using bench = new Bench();
    bench.instances.views.set('a', { kind: 'ambiguous', ids: ['1', '2'] });
    bench.cluster.putNode(testNode('a'));
    await bench.start();
    for (let beat = 0; beat < 50; beat++) {
      const node = bench.cluster.node('a')!;
      bench.cluster.putNode({ ...node, status: { ...node.status, conditions: [] } });
      await bench.settle();
    }
    expect(bench.instances.batches).toHaveLength(1);
  });

  it('tells of a short failure of the cloud only when it lasts', async () => {
    await using bench = new Bench();
    bench.cluster.putNode(testNode('a'));
    bench.instances.answer = () => Promise.reject(new CloudError('Unavailable', 'down'));
    await bench.start();
    expect(bench.recorder.events).toEqual([]);
    await bench.pass(Duration.minutes(5));
    expect(bench.recorder.reasons('a')).toEqual(['Warning InstanceUnknown']);
    bench.instances.has('a');
    bench.instances.answer = () => Promise.resolve();
    await bench.pass(Duration.minutes(1));
    expect(isTainted(bench.cluster.node('a'))).toBe(false);
  });

  it('leaves machines of others alone, without an Event', async () => {
    await using bench = new Bench();
    bench.instances.views.set('a', { kind: 'foreign' });
    bench.cluster.putNode(testNode('a'));
    await bench.start();
    await bench.pass(Duration.minutes(30));
    expect(bench.cluster.patches).toEqual([]);
    expect(bench.recorder.events).toEqual([]);
    // As seldom as upkeep.
    expect(bench.instances.batches).toHaveLength(7);
    bench.instances.has('a');
    await bench.pass(Duration.minutes(5));
    expect(isTainted(bench.cluster.node('a'))).toBe(false);
  });

  it('survives a provider that throws what it should not, and API servers that fail', async () => {
    await using bench = new Bench();
    bench.cluster.putNode(testNode('a'));
    bench.instances.has('a');
    let failures = 0;
    bench.instances.answer = () => {
      if (++failures > 2) return Promise.resolve();
      throw new TypeError('a defect');
    };
    let refusals = 0;
    bench.cluster.beforePatch = () => {
      if (++refusals <= 2) throw new ApiError('overloaded', { kind: 'unavailable', status: 503 });
    };
    await bench.start();
    await bench.pass(Duration.minutes(2));
    expect(isTainted(bench.cluster.node('a'))).toBe(false);
  });

  it('does nothing for a Node that goes while the cloud is asked, nor for another one under its name', async () => {
    await using bench = new Bench();
    bench.instances.has('a');
    bench.cluster.putNode(testNode('a'));
    const gate = Promise.withResolvers<void>();
    bench.instances.answer = () => gate.promise;
    await bench.start();
    bench.cluster.removeNode('a');
    bench.cluster.putNode(testNode('a', { uid: 'another', taints: [] }));
    gate.resolve();
    await bench.settle();
    expect(bench.cluster.patches.filter((patch) => patch.outcome === 'done')).toEqual([]);
    expect(bench.cluster.node('a')?.status.addresses).toEqual(addressList('Hostname=a'));
  });

  it('writes nothing in upkeep while nothing changes, and repairs what does', async () => {
    await using bench = new Bench();
    for (let index = 0; index < 100; index++) {
      bench.instances.has(`n${index}`, {
        addresses: addressList('InternalIP=10.0.0.1', 'InternalIP=fd00::1'),
        zone: 'z',
      });
      bench.cluster.putNode(testNode(`n${index}`));
    }
    await bench.start();
    bench.cluster.patches.length = 0;
    bench.instances.batches.length = 0;
    await bench.pass(Duration.minutes(5));
    expect(bench.instances.batches.map((batch) => `${batch.priority} ${batch.names.length}`)).toEqual(['upkeep 100']);
    expect(bench.cluster.patches).toEqual([]);

    bench.instances.has('n7', { addresses: addressList('InternalIP=10.0.0.7'), zone: 'z' });
    const moved = bench.cluster.node('n8')!;
    bench.cluster.putNode({
      ...moved,
      metadata: { ...moved.metadata, labels: { ...moved.metadata.labels, 'topology.kubernetes.io/zone': 'wrong' } },
    });
    await bench.pass(Duration.seconds(1));
    // A label that somebody broke is repaired at once, by the cloud's word.
    expect(bench.cluster.node('n8')?.metadata.labels['topology.kubernetes.io/zone']).toBe('z');
    await bench.pass(Duration.minutes(5));
    expect(bench.cluster.node('n7')?.status.addresses).toEqual(addressList('InternalIP=10.0.0.7', 'Hostname=n7'));
    expect(bench.cluster.patches).toHaveLength(2);
  });

  it('asks again soon for addresses that the cloud did not know yet', async () => {
    await using bench = new Bench();
    bench.instances.has('a', { addresses: [] });
    bench.cluster.putNode(testNode('a'));
    await bench.start();
    expect(isTainted(bench.cluster.node('a'))).toBe(false);
    bench.instances.has('a');
    await bench.pass(Duration.seconds(20));
    expect(bench.cluster.node('a')?.status.addresses).toEqual(addressList('InternalIP=10.0.0.1', 'Hostname=a'));
  });

  it('keeps additional labels true, at once where somebody changes them', async () => {
    await using bench = new Bench();
    bench.instances.has('a', { additionalLabels: { 'v.example/host': '1' } });
    bench.cluster.putNode(testNode('a'));
    await bench.start();
    bench.instances.has('a', { additionalLabels: { 'v.example/host': '2' } });
    await bench.pass(Duration.minutes(5));
    const node = bench.cluster.node('a')!;
    expect(node.metadata.labels['v.example/host']).toBe('2');
    bench.cluster.putNode({ ...node, metadata: { ...node.metadata, labels: {} } });
    await bench.pass(Duration.seconds(1));
    expect(bench.cluster.node('a')?.metadata.labels['v.example/host']).toBe('2');
  });

  it('asks the cloud once for labels that it gives anew, and not again for its own writes of them', async () => {
    await using bench = new Bench();
    for (let index = 0; index < 100; index++) {
      bench.instances.has(`n${index}`, { additionalLabels: { 'v.example/host': '1' } });
      bench.cluster.putNode(testNode(`n${index}`));
    }
    await bench.start();
    bench.instances.batches.length = 0;
    bench.cluster.patches.length = 0;
    for (let index = 0; index < 100; index++) {
      bench.instances.has(`n${index}`, { additionalLabels: { 'v.example/host': '2' } });
    }
    await bench.pass(Duration.minutes(5));
    expect(bench.instances.batches.map((batch) => batch.names.length)).toEqual([100]);
    expect(bench.cluster.patches).toHaveLength(100);
    expect(bench.cluster.node('n99')?.metadata.labels['v.example/host']).toBe('2');
  });

  it.each(['deleted', 'another one', 'handed over'] as const)(
    'labels no Node that is %s once its address was written',
    async (fate) => {
      await using bench = new Bench();
      bench.instances.has('a');
      bench.cluster.putNode(testNode('a'));
      await bench.start();
      bench.instances.has('a', { addresses: addressList('InternalIP=10.0.0.7'), zone: 'z' });
      bench.cluster.patches.length = 0;
      bench.cluster.afterPatch = () => {
        bench.cluster.afterPatch = () => {};
        const node = bench.cluster.node('a')!;
        if (fate === 'handed over') bench.cluster.putNode({ ...node, spec: { ...node.spec, taints: [waitingTaint] } });
        else bench.cluster.removeNode('a');
        if (fate === 'another one') bench.cluster.putNode(testNode('a', { uid: 'another', taints: [] }));
        bench.instances.answer = () => new Promise(() => {});
      };
      await bench.pass(Duration.minutes(5));
      expect(bench.cluster.patches.map(({ subresource }) => subresource ?? 'main')).toEqual(['status']);
    },
  );

  it('tells of doubtful addresses by a condition and one Event, and lets the node work', async () => {
    await using bench = new Bench();
    const annotations = { 'alpha.kubernetes.io/provided-node-ip': '10.0.0.9' };
    bench.instances.has('a');
    bench.cluster.putNode(testNode('a', { annotations, addresses: addressList('InternalIP=10.0.0.9', 'Hostname=a') }));
    await bench.start();
    const doubt = () => bench.cluster.node('a')?.status.conditions.map(({ type, status }) => `${type} ${status}`);
    expect(isTainted(bench.cluster.node('a'))).toBe(false);
    expect(bench.cluster.node('a')?.status.addresses).toEqual(addressList('InternalIP=10.0.0.9', 'Hostname=a'));
    expect(doubt()).toEqual(['CloudAddressesDoubtful True']);
    expect(bench.cluster.patches).toHaveLength(2);
    await bench.pass(Duration.minutes(10));
    expect(bench.recorder.reasons('a')).toEqual(['Warning ProvidedNodeIPInvalid', 'Normal Synced']);
    expect(bench.cluster.patches).toHaveLength(2);
    bench.instances.has('a', { addresses: addressList('InternalIP=10.0.0.9') });
    await bench.pass(Duration.minutes(5));
    expect(doubt()).toEqual(['CloudAddressesDoubtful False']);
  });

  it('initialises again when the taint comes back', async () => {
    await using bench = new Bench();
    bench.instances.has('a');
    bench.cluster.putNode(testNode('a'));
    await bench.start();
    const node = bench.cluster.node('a')!;
    bench.cluster.putNode({ ...node, spec: { ...node.spec, taints: [waitingTaint] } });
    await bench.pass(Duration.seconds(1));
    expect(isTainted(bench.cluster.node('a'))).toBe(false);
  });

  it('has the cloud made ready before the taint falls, for all that wait at once, and for each when one is bad', async () => {
    const done = new Set<string>();
    const plans: (readonly string[])[] = [];
    const held: { bench?: Bench } = {};
    const operationFor = (name: string): Operation => ({
      verb: 'update',
      object: { kind: 'Interface', name, ownership: { kind: 'ours', proof: 'recorded-id' } },
      changes: [],
      permission: 'test:update',
      scope: { account: '', region: '' },
      locks: [],
    });
    const prepare: PreparePort = {
      plan: async (nodes) => {
        plans.push(nodes.map(({ name }) => name));
        const operations = nodes.filter(({ name }) => !done.has(name)).map(({ name }) => operationFor(name));
        return { operations, next: { kind: 'converged' } };
      },
      apply: async ({ object }) => {
        expect(isTainted(held.bench?.cluster.node(object.name))).toBe(true);
        if (object.name === 'bad') throw new CloudError('Denied', 'not allowed');
        done.add(object.name);
        return { kind: 'done', outputs: {} };
      },
    };
    await using made = new Bench(prepare);
    held.bench = made;
    for (const name of ['n1', 'bad', 'n2']) {
      made.instances.has(name);
      made.cluster.putNode(testNode(name));
    }
    await made.start();
    expect(plans[0]).toEqual(['n1', 'bad', 'n2']);
    expect(isTainted(made.cluster.node('n1'))).toBe(false);
    expect(isTainted(made.cluster.node('n2'))).toBe(false);
    expect(isTainted(made.cluster.node('bad'))).toBe(true);
    expect(made.recorder.reasons('bad')).toEqual(['Warning InstanceNotPrepared']);
  });
});
