import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Node } from '../../api/node.ts';
import { nodeAt } from '../reflector/testdata/scripted-client.ts';
import { nodes } from '../resources.ts';
import type { EventHandler, Informer } from './informer.ts';
import { ObjectStore } from './object-store.ts';
import { selectObjects } from './select-objects.ts';
import { Witness } from './testdata/witness.ts';

/** An informer that a test tells what happens. */
class ScriptedInformer implements Informer<Node> {
  readonly resource = nodes;
  readonly store = new ObjectStore<Node>();
  readonly synced = Promise.resolve();
  readonly handlers = new Set<EventHandler<Node>>();

  addHandler(handler: EventHandler<Node>): () => void {
    this.handlers.add(handler);
    for (const object of this.store.list()) handler.onAdd(object, true);
    return () => this.handlers.delete(handler);
  }

  put(node: Node): void {
    const old = this.store.set(node);
    for (const handler of this.handlers) {
      if (old) handler.onUpdate(old, node);
      else handler.onAdd(node, false);
    }
  }

  /** @param last the final state, which may be one that was not told as an update */
  remove(last: Node): void {
    if (!this.store.delete(last.metadata.name)) return;
    for (const handler of this.handlers) handler.onDelete(last);
  }

  addIndex(name: string, keys: (node: Node) => readonly string[]): void {
    this.store.addIndex(name, keys);
  }

  start(): void {}
  hasSynced = (): boolean => true;
  lastResourceVersion = (): string => '7';
}

function labelled(name: string, version: number, pool: string): Node {
  const node = nodeAt(name, version);
  return { ...node, metadata: { ...node.metadata, labels: { pool } } };
}

const isOurs = (node: Node): boolean => node.metadata.labels['pool'] === 'ours';

describe('selectObjects', () => {
  it('tells an object that begins to be selected as added and one that ceases as deleted', () => {
    const informer = new ScriptedInformer();
    informer.put(labelled('a', 1, 'ours'));
    informer.put(labelled('b', 2, 'theirs'));
    const witness = new Witness<Node>();
    const selected = selectObjects(informer, isOurs);
    const remove = selected.addHandler(witness);
    informer.put(labelled('b', 3, 'ours'));
    informer.put(labelled('a', 4, 'theirs'));
    informer.put(labelled('a', 5, 'theirs'));
    expect(witness.seen.map(({ type, name, version }) => `${type} ${name} ${version}`)).toEqual([
      'add a 1',
      'add b 3',
      'delete a 1',
    ]);
    expect([...selected.store.list()].map(({ metadata }) => metadata.name)).toEqual(['b']);
    expect([selected.store.size, selected.store.get('a'), selected.store.get('b')?.metadata.name]).toEqual([
      1,
      undefined,
      'b',
    ]);
    remove();
    expect(informer.handlers.size).toBe(0);
  });

  it('finds by index what is selected alone', () => {
    const informer = new ScriptedInformer();
    const selected = selectObjects(informer, isOurs);
    selected.addIndex('all', () => ['x']);
    informer.put(labelled('a', 1, 'ours'));
    informer.put(labelled('b', 2, 'theirs'));
    expect(selected.store.byIndex('all', 'x').map(({ metadata }) => metadata.name)).toEqual(['a']);
  });

  it('keeps the promises of informers, and handlers hold what the store holds', () => {
    const step = fc.record({
      name: fc.constantFrom('a', 'b'),
      pool: fc.constantFrom('ours', 'theirs'),
      act: fc.constantFrom('put', 'put', 'remove'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const informer = new ScriptedInformer();
        const selected = selectObjects(informer, isOurs);
        const witness = new Witness<Node>();
        selected.addHandler(witness);
        let version = 0;
        for (const { act, name, pool } of steps) {
          informer[act === 'put' ? 'put' : 'remove'](labelled(name, ++version, pool));
          expect([...witness.view.values()]).toEqual(
            [...selected.store.list()].sort((left, right) => order(witness, left) - order(witness, right)),
          );
        }
        expect(witness.breaches).toEqual([]);
      }),
    );
  });
});

function order(witness: Witness<Node>, node: Node): number {
  return [...witness.view.keys()].indexOf(node.metadata.name);
}
