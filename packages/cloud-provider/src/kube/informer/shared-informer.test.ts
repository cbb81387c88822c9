import { describe, expect, it } from '@jest/globals';
import type { Node } from '../../api/node.ts';
import { Duration } from '../../base/duration.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import type { WatchOptions } from '../client/kube-client.ts';
import { initial, nodeAt, ScriptedClient, stay, tell } from '../reflector/testdata/scripted-client.ts';
import { nodes } from '../resources.ts';
import { createInformer, type EventHandler, type InformerOptions } from './informer.ts';
import { Witness } from './testdata/witness.ts';

/** An informer over a watch whose events the test sends by hand. */
async function start(objects: readonly Node[], options: Partial<InformerOptions> = {}) {
  const clock = new FakeClock();
  let watch: WatchOptions<Node> | undefined;
  const scripted = new ScriptedClient({
    watch: [
      tell((opened) => {
        watch = opened;
        initial(objects, 100)(opened);
      }),
      stay,
    ],
  });
  const informer = createInformer(scripted.client, nodes, { clock, random: () => 0, ...options });
  const stop = new AbortController();
  return {
    clock,
    informer,
    stop,
    begin: async () => {
      informer.start(stop.signal);
      await informer.synced;
    },
    send: (type: 'added' | 'modified' | 'deleted', object: Node) => watch?.onEvent({ type, object }),
  };
}

const thrower: EventHandler<Node> = {
  onAdd: () => {
    throw new Error('no');
  },
  onUpdate: () => {
    throw new Error('no');
  },
  onDelete: () => {
    throw new Error('no');
  },
};

describe('handlers', () => {
  it('hear of the first state as initial adds and of the rest as it comes', async () => {
    const { informer, begin, send } = await start([nodeAt('a', 5)]);
    const witness = new Witness<Node>();
    informer.addHandler(witness);
    expect(informer.hasSynced()).toBe(false);
    await begin();
    expect(informer.hasSynced()).toBe(true);
    send('added', nodeAt('b', 101));
    send('modified', nodeAt('b', 102));
    send('deleted', nodeAt('b', 103));
    expect(witness.seen.map(({ type, name, version, initial: isInitial }) => [type, name, version, isInitial])).toEqual(
      [
        ['add', 'a', 5, true],
        ['add', 'b', 101, false],
        ['update', 'b', 102, false],
        ['delete', 'b', 103, false],
      ],
    );
    expect(witness.breaches).toEqual([]);
  });

  it('that come late hear of what is there, and of nothing after they were removed', async () => {
    const { informer, begin, send } = await start([nodeAt('a', 5)]);
    await begin();
    const witness = new Witness<Node>();
    const remove = informer.addHandler(witness);
    expect(witness.seen).toMatchObject([{ type: 'add', name: 'a', initial: true }]);
    remove();
    send('modified', nodeAt('a', 101));
    expect(witness.seen).toHaveLength(1);
  });

  it('that throw disturb nobody and are counted', async () => {
    const metrics = new MetricRegistry();
    const { informer, begin, send } = await start([nodeAt('a', 5)], { metrics });
    const witness = new Witness<Node>();
    informer.addHandler(thrower);
    informer.addHandler(witness);
    await begin();
    send('modified', nodeAt('a', 101));
    send('deleted', nodeAt('a', 102));
    expect(witness.seen.map((seen) => seen.type)).toEqual(['add', 'update', 'delete']);
    const text = await metrics.render();
    expect(text).toContain('ccm_informer_handler_errors_total{resource="nodes"} 3');
    expect(text).toContain('ccm_informer_events_total{resource="nodes",type="update"} 1');
    expect(text).toContain('ccm_informer_objects{resource="nodes"} 0');
  });

  it('see another object under the same name as a deletion and an addition', async () => {
    const { informer, begin, send } = await start([nodeAt('a', 5, 'first')]);
    const witness = new Witness<Node>();
    informer.addHandler(witness);
    await begin();
    send('added', nodeAt('a', 101, 'second'));
    expect(witness.seen.map(({ type, uid, version }) => [type, uid, version])).toEqual([
      ['add', 'first', 5],
      ['delete', 'first', 5],
      ['add', 'second', 101],
    ]);
  });

  it('hear of everything again by a resync', async () => {
    const { informer, begin, clock, stop } = await start([nodeAt('a', 5)], { resyncPeriod: Duration.minutes(10) });
    const updates: [Node, Node][] = [];
    informer.addHandler({ onAdd() {}, onDelete() {}, onUpdate: (old, next) => void updates.push([old, next]) });
    await begin();
    await clock.advance(Duration.minutes(20));
    expect(updates).toHaveLength(2);
    expect(updates.every(([old, next]) => old === next)).toBe(true);
    stop.abort();
    await clock.settle();
    expect(clock.pending()).toBe(0);
  });
});

describe('the store', () => {
  it('finds by key and by index, and indexes follow', async () => {
    const { informer, begin, send } = await start([nodeAt('a', 5), nodeAt('b', 6)]);
    informer.addIndex('parity', (node) => [Number(node.metadata.resourceVersion) % 2 === 0 ? 'even' : 'odd', 'all']);
    await begin();
    const names = (value: string): string[] =>
      informer.store.byIndex('parity', value).map((node) => node.metadata.name);
    expect([names('odd'), names('even'), names('all'), names('none')]).toEqual([['a'], ['b'], ['a', 'b'], []]);
    send('modified', nodeAt('a', 102));
    send('deleted', nodeAt('b', 103));
    expect([names('odd'), names('even'), names('all')]).toEqual([[], ['a'], ['a']]);
    expect(informer.store.get('a')?.metadata.resourceVersion).toBe('102');
    expect(informer.store.size).toBe(1);
    expect(() => informer.store.byIndex('other', 'x')).toThrow(RangeError);
    expect(() => informer.addIndex('parity', () => [])).toThrow(RangeError);
  });

  it('survives an index that throws', async () => {
    const { informer, begin } = await start([nodeAt('a', 5)]);
    informer.addIndex('bad', () => {
      throw new Error('no');
    });
    await begin();
    expect(informer.store.byIndex('bad', 'x')).toEqual([]);
    expect(informer.store.size).toBe(1);
  });
});
