import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Node } from '../../api/node.ts';
import { type Clock, systemClock } from '../../base/clock.ts';
import { HistoryServer, type RequestFault, type StreamFault } from '../reflector/testdata/history-server.ts';
import { nodes } from '../resources.ts';
import { createInformer, type Informer } from './informer.ts';
import { Witness } from './testdata/witness.ts';

/** Waits pass at once: what is tested is what happens, not when. */
const hurried: Clock = {
  now: () => systemClock.now(),
  monotonic: () => systemClock.monotonic(),
  sleep: (_duration, signal) =>
    new Promise((resolve, reject) => setImmediate(() => (signal?.aborted ? reject(new Error('aborted')) : resolve()))),
  schedule: (duration, callback) => systemClock.schedule(duration, callback),
};

type Step =
  | { readonly do: 'put' | 'remove'; readonly name: string }
  | { readonly do: 'disturb'; readonly fault: StreamFault }
  | { readonly do: 'meet'; readonly fault: RequestFault }
  | { readonly do: 'compact' }
  | { readonly do: 'settle' };

const name = fc.constantFrom('a', 'b', 'c', 'd');
const write = fc.record({ do: fc.constantFrom('put', 'put', 'remove'), name }) as fc.Arbitrary<Step>;
const settle = fc.constant<Step>({ do: 'settle' });
const interruption = fc.record({
  do: fc.constant('disturb'),
  fault: fc.constantFrom('cut', 'end', 'error', 'garbage', 'half a line', 'repeat', 'bookmark'),
}) as fc.Arbitrary<Step>;
const refusal = fc.record({
  do: fc.constant('meet'),
  fault: fc.constantFrom('busy', 'unavailable', 'broken', 'refused', 'garbage'),
}) as fc.Arbitrary<Step>;
const expiry = fc.constantFrom<Step>(
  { do: 'compact' },
  { do: 'disturb', fault: 'expired' },
  { do: 'meet', fault: 'expired' },
  { do: 'meet', fault: 'short list' },
);

describe('an informer under faults', () => {
  it('tells of every write exactly once while the server remembers', async () => {
    const steps = fc.array(fc.oneof(write, write, write, settle, interruption, refusal), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), async (plan, hasStreamingLists) => {
        await using run = await Run.start({ hasStreamingLists, lag: 0 });
        await run.informer.synced;
        const syncedAt = run.server.version;
        // Five fruitless attempts in a row make it read everything anew, which may skip states: leave less than that.
        await run.play(limitRefusals(plan, 3));
        await run.converge();
        expect(run.witness.breaches).toEqual([]);
        const told = run.witness.seen.filter((seen) => seen.version > syncedAt);
        expect(told.map(({ type, name, uid, version }) => [type, name, uid, version])).toEqual(
          run.server.history
            .filter((event) => event.version > syncedAt)
            .map((event) => [
              { ADDED: 'add', MODIFIED: 'update', DELETED: 'delete' }[event.type],
              event.name,
              event.uid,
              event.version,
            ]),
        );
        expect(run.server.listed).toBe(1);
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it('agrees with the server in the end and never contradicts itself, whatever happens', async () => {
    const steps = fc.array(fc.oneof(write, write, settle, interruption, refusal, expiry), { maxLength: 50 });
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), fc.nat(5), async (plan, hasStreamingLists, lag) => {
        await using run = await Run.start({ hasStreamingLists, lag });
        await run.play(plan);
        await run.converge();
        expect(run.witness.breaches).toEqual([]);
      }),
      { numRuns: 100 },
    );
  }, 60_000);
});

function limitRefusals(plan: readonly Step[], most: number): Step[] {
  let refusals = 0;
  return plan.filter((step) => step.do !== 'meet' || ++refusals <= most);
}

class Run implements AsyncDisposable {
  readonly server: HistoryServer;
  readonly informer: Informer<Node>;
  readonly witness = new Witness<Node>();
  readonly #stop: AbortController;

  private constructor(server: HistoryServer, informer: Informer<Node>, stop: AbortController) {
    this.server = server;
    this.informer = informer;
    this.#stop = stop;
    informer.addHandler(this.witness);
    informer.start(stop.signal);
  }

  static async start(options: { readonly hasStreamingLists: boolean; readonly lag: number }): Promise<Run> {
    const server = await HistoryServer.start();
    server.hasStreamingLists = options.hasStreamingLists;
    server.lag = options.lag;
    for (const present of ['a', 'b', 'a', 'c']) server.put(present);
    const client = await server.http.client({ clock: hurried });
    const informer = createInformer(client, nodes, { clock: hurried, random: () => 0 });
    return new Run(server, informer, new AbortController());
  }

  async play(plan: readonly Step[]): Promise<void> {
    for (const step of plan) {
      switch (step.do) {
        case 'put':
          this.server.put(step.name);
          break;
        case 'remove':
          this.server.remove(step.name);
          break;
        case 'disturb':
          this.server.disturb(step.fault);
          break;
        case 'meet':
          this.server.requestFaults.push(step.fault);
          break;
        case 'compact':
          this.server.compact();
          break;
        case 'settle':
          await turns(20);
      }
    }
  }

  /** Ends the faults and waits until the informer says that it is where the server is. */
  async converge(): Promise<void> {
    this.server.requestFaults.length = 0;
    this.server.put('z');
    const target = String(this.server.version);
    for (let turn = 0; this.informer.lastResourceVersion() !== target; turn++) {
      if (turn > 20_000) throw new Error(`the informer stays at ${this.informer.lastResourceVersion()} of ${target}`);
      await turns(1);
    }
    const expected = [...this.server.state().values()]
      .map((event) => `${event.name} ${event.uid} ${event.version}`)
      .sort();
    expect(summary(this.informer.store.list())).toEqual(expected);
    expect(summary(this.witness.view.values())).toEqual(expected);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.server[Symbol.asyncDispose]();
  }
}

function summary(objects: Iterable<Node>): string[] {
  return [...objects].map(({ metadata }) => `${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`).sort();
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
