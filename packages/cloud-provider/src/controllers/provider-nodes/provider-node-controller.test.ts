import { describe, expect, it } from '@jest/globals';
import type { Node } from '../../api/node.ts';
import { Duration } from '../../base/duration.ts';
import { CloudError } from '../../cloud/cloud-error.ts';
import type { NodeRef } from '../../cloud/instances.ts';
import type { NodeAnswer, ProviderController } from '../../cloud/provider-controller.ts';
import type { KubeClient } from '../../kube/client/kube-client.ts';
import type { EventHandler, Informer } from '../../kube/informer/informer.ts';
import { silentLogger } from '../../telemetry/logger.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { ProviderNodeController } from './provider-node-controller.ts';

/** Nodes in memory, and a client that writes labels onto them. */
class TestNodes {
  readonly store = new Map<string, Node>();
  readonly #handlers: EventHandler<Node>[] = [];

  get informer(): Informer<Node> {
    return {
      store: this.store,
      synced: Promise.resolve(),
      addHandler: (handler: EventHandler<Node>) => {
        this.#handlers.push(handler);
        for (const node of this.store.values()) handler.onAdd?.(node, true);
        return () => undefined;
      },
    } as unknown as Informer<Node>;
  }

  get client(): KubeClient {
    const patch = (_: unknown, { name }: { name: string }, { body }: { body: { metadata: LabelPatch } }) => {
      const node = this.store.get(name);
      if (node?.metadata.uid === body.metadata.uid) {
        this.put(name, { uid: body.metadata.uid, labels: { ...node.metadata.labels, ...body.metadata.labels } });
      }
      return Promise.resolve({ resourceVersion: '1' });
    };
    return { patch } as unknown as KubeClient;
  }

  put(
    name: string,
    { uid = `uid-${name}`, labels = {} }: { uid?: string; labels?: Record<string, string> } = {},
  ): void {
    const node = {
      metadata: { name, uid, labels, annotations: {} },
      spec: { providerID: `test://${name}` },
    } as unknown as Node;
    const old = this.store.get(name);
    this.store.set(name, node);
    for (const handler of this.#handlers) {
      if (old) handler.onUpdate?.(old, node);
      else handler.onAdd?.(node, false);
    }
  }

  delete(name: string): void {
    const node = this.store.get(name);
    this.store.delete(name);
    for (const handler of this.#handlers) if (node) handler.onDelete?.(node);
  }

  labels(name: string): Readonly<Record<string, string>> | undefined {
    return this.store.get(name)?.metadata.labels;
  }
}

type LabelPatch = { uid: string; labels: Record<string, string> };

class MarkingController implements ProviderController {
  readonly name = 'marking';
  readonly maxBatch = 3;
  readonly concurrency = 1;
  readonly limit: ProviderController['limit'] & {};
  readonly calls: string[] = [];
  answer: (node: NodeRef) => NodeAnswer = () => ({ kind: 'done', labels: { marked: 'yes' } });

  constructor(limit = { perSecond: 1000, burst: 1000 }) {
    this.limit = limit;
  }

  isSettled({ labels }: NodeRef): boolean {
    return labels.marked === 'yes';
  }

  settle(nodes: readonly NodeRef[]): Promise<readonly NodeAnswer[]> {
    this.calls.push(`settle ${nodes.map(({ name }) => name).join(' ')}`);
    return Promise.resolve(nodes.map(this.answer));
  }

  release(nodes: readonly NodeRef[]): Promise<readonly NodeAnswer[]> {
    this.calls.push(`release ${nodes.map(({ uid }) => uid).join(' ')}`);
    return Promise.resolve(nodes.map(this.answer));
  }
}

const failed: NodeAnswer = { kind: 'failed', error: new CloudError('Unavailable', 'not now') };

async function start(controller: MarkingController, ...names: string[]) {
  const clock = new FakeClock();
  const nodes = new TestNodes();
  for (const name of names) nodes.put(name);
  const stopping = new AbortController();
  const loop = new ProviderNodeController({
    controller,
    client: nodes.client,
    nodes: nodes.informer,
    clock,
    logger: silentLogger,
    metrics: new MetricRegistry(),
  });
  const ended = loop.run({ stopping: stopping.signal, aborting: stopping.signal });
  const settle = async (seconds = 0): Promise<void> => {
    for (let round = 0; round < 5; round++) {
      await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(Duration.seconds(round === 0 ? seconds : 0));
    }
  };
  await settle();
  return {
    nodes,
    settle,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await ended;
    },
  };
}

describe('a loop of a provider over Nodes', () => {
  it('gathers nodes into calls, writes their labels and is done with them', async () => {
    const controller = new MarkingController();
    await using bench = await start(controller, 'a', 'b', 'c', 'd');
    expect(controller.calls).toEqual(['settle a b c', 'settle d']);
    expect(['a', 'b', 'c', 'd'].map((name) => bench.nodes.labels(name))).toEqual(
      Array.from({ length: 4 }, () => ({ marked: 'yes' })),
    );
    bench.nodes.put('a', { labels: { marked: 'yes', other: '1' } });
    await bench.settle();
    expect(controller.calls).toHaveLength(2);
  });

  it('settles a node again whose label was changed', async () => {
    const controller = new MarkingController();
    await using bench = await start(controller, 'a');
    bench.nodes.put('a', { labels: { marked: 'no' } });
    await bench.settle();
    expect(bench.nodes.labels('a')).toEqual({ marked: 'yes' });
  });

  it('tries again what failed, later each time', async () => {
    const controller = new MarkingController();
    controller.answer = () => failed;
    await using bench = await start(controller, 'a');
    await bench.settle(1);
    await bench.settle(1);
    expect(controller.calls).toHaveLength(2);
    await bench.settle(1);
    expect(controller.calls).toHaveLength(3);
    controller.answer = () => ({ kind: 'done', labels: { marked: 'yes' } });
    await bench.settle(4);
    expect(bench.nodes.labels('a')).toEqual({ marked: 'yes' });
  });

  it('does not ask again about a node that was given up, until it changes', async () => {
    const controller = new MarkingController();
    controller.answer = () => ({ kind: 'given-up', reason: 'no such machine' });
    await using bench = await start(controller, 'a');
    await bench.settle(600);
    expect(controller.calls).toHaveLength(1);
    bench.nodes.put('a', { labels: { joined: 'again' } });
    await bench.settle();
    expect(controller.calls).toHaveLength(2);
  });

  it('releases a Node that is gone, before another one of its name is settled', async () => {
    const controller = new MarkingController();
    await using bench = await start(controller, 'a');
    bench.nodes.delete('a');
    bench.nodes.put('a', { uid: 'second' });
    await bench.settle();
    expect(controller.calls.slice(1)).toEqual(['release uid-a', 'settle a']);
    expect(bench.nodes.labels('a')).toEqual({ marked: 'yes' });
  });

  it('gives up a release that fails for good', async () => {
    const controller = new MarkingController();
    await using bench = await start(controller, 'a');
    controller.answer = () => failed;
    bench.nodes.delete('a');
    for (let minute = 0; minute < 60; minute++) await bench.settle(60);
    expect(controller.calls.filter((call) => call.startsWith('release'))).toHaveLength(9);
  });

  it('keeps to its limit', async () => {
    const controller = new MarkingController({ perSecond: 1, burst: 2 });
    await using bench = await start(controller, 'a', 'b', 'c');
    expect(controller.calls).toEqual(['settle a b']);
    await bench.settle(1);
    expect(controller.calls).toEqual(['settle a b', 'settle c']);
  });
});
