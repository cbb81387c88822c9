import { describe, expect, it } from '@jest/globals';
import { Duration } from '../../base/duration.ts';
import { CloudError } from '../../cloud/cloud-error.ts';
import { isIntentAnnotation, intentsIn } from '../../cloud/create-intent.ts';
import type { InstanceView, NodeRef, PreparePort } from '../../cloud/instances.ts';
import type { Operation } from '../../cloud/operation.ts';
import { ApiError } from '../../kube/client/api-error.ts';
import { OperationLog } from '../../reconcile/operation-log.ts';
import { silentLogger } from '../../telemetry/logger.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { TestCluster, TestRecorder } from '../test-cluster.ts';
import { NodeController } from './node-controller.ts';
import { isUninitialized } from './plan-node.ts';
import { addressList, testMetadata, testNode } from './test-nodes.ts';

interface Attachment {
  /** The only thing that a create takes. */
  readonly note: string;
  /** The UID of the Node; empty until it is tagged. */
  owner: string;
  readonly visibleFrom: number;
}

const scope = { account: 'a', region: 'r' };
/** What was created shows itself this much later. */
const readLag = Duration.seconds(1);
/** What was created and does not show itself for so long was never created. */
const doubt = Duration.seconds(5);

/** Nodes need an attachment, which has no name, takes no tags at its creation and no token. */
class World {
  readonly clock = new FakeClock();
  readonly cluster = new TestCluster();
  readonly recorder = new TestRecorder();
  readonly attachments: Attachment[] = [];
  /** Called before and after each write to cloud and cluster; what it throws is the answer. */
  onWrite: (what: string) => void = () => {};
  readonly #lives: { readonly abort: AbortController; readonly run: Promise<void> }[] = [];

  constructor() {
    this.cluster.beforePatch = (_resource, key) => this.onWrite(`patch of ${key}`);
    this.cluster.afterPatch = () => this.onWrite('patched');
  }

  start(): void {
    const abort = new AbortController();
    const controller = new NodeController({
      client: this.cluster.client,
      nodes: this.cluster.nodes,
      instances: {
        maxBatch: 100,
        scopeOf: () => 'any',
        describe: (nodes) => Promise.resolve(new Map(nodes.map(({ name }) => [name, machineOf(name)]))),
        prepare: this.#port(abort.signal),
      },
      recorder: this.recorder,
      operations: new OperationLog(this.clock),
      clock: this.clock,
      logger: silentLogger,
      metrics: new MetricRegistry(),
    });
    this.#lives.push({ abort, run: controller.run({ stopping: abort.signal, aborting: abort.signal }) });
  }

  /** Ends what runs, in the middle of whatever it does. */
  kill(): void {
    this.#lives.at(-1)?.abort.abort(new Error('killed'));
  }

  async pass(duration: Duration): Promise<void> {
    for (let left = duration.milliseconds; left > 0; left -= 500) {
      for (let turn = 0; turn < 10; turn++) await this.clock.settle();
      await this.clock.advance(Duration.milliseconds(500));
    }
    for (let turn = 0; turn < 10; turn++) await this.clock.settle();
  }

  isReady(name: string): boolean {
    const node = this.cluster.node(name);
    return node !== undefined && !isUninitialized(node);
  }

  intentsOf(name: string): readonly string[] {
    return Object.keys(this.cluster.node(name)?.metadata.annotations ?? {}).filter(isIntentAnnotation);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    for (const { run } of this.#lives) await run;
  }

  #port(signal: AbortSignal): PreparePort {
    return {
      plan: async (nodes) => {
        signal.throwIfAborted();
        const planned = nodes.map((node) => this.#planFor(node));
        const isInDoubt = planned.includes('doubt');
        return {
          operations: planned.filter((one) => typeof one === 'object'),
          next: isInDoubt ? { kind: 'settling', on: 'attachments', after: doubt } : { kind: 'converged' },
        };
      },
      apply: async ({ identity, intent, object, verb }) => {
        signal.throwIfAborted();
        this.onWrite(`${verb} for ${object.name}`);
        signal.throwIfAborted();
        if (verb === 'create' && identity?.by === 'journal') {
          const visibleFrom = this.clock.monotonic() + readLag.milliseconds;
          this.attachments.push({ note: intent?.id ?? '', owner: '', visibleFrom });
        } else {
          const found = this.attachments.find(({ note }) => note === object.name);
          if (found) found.owner = identity?.key ?? '';
        }
        this.onWrite('applied');
        signal.throwIfAborted();
        return { kind: 'done', outputs: {} };
      },
    };
  }

  #planFor({ annotations, name, uid }: NodeRef): Operation | 'doubt' | undefined {
    const seen = this.attachments.filter(({ visibleFrom }) => visibleFrom <= this.clock.monotonic());
    if (seen.some(({ owner }) => owner === uid)) return undefined;
    const intents = intentsIn(annotations);
    const found = seen.find(({ note }) => intents.some(({ id }) => id === note));
    const permission = 'cloud:Attach';
    const base = { changes: [], permission, scope, locks: [] };
    if (found) {
      const object = { kind: 'Attachment', name: found.note, ownership: { kind: 'ours', proof: 'journal' } } as const;
      return { ...base, verb: 'update', object, identity: { by: 'tag', key: uid } };
    }
    const now = this.clock.now().getTime();
    if (intents.some(({ startedAt }) => now - Date.parse(startedAt) < doubt.milliseconds)) return 'doubt';
    const object = { kind: 'Attachment', name, ownership: { kind: 'new' } } as const;
    return { ...base, verb: 'create', object, identity: { by: 'journal', key: 'attachment', owner: uid } };
  }
}

function machineOf(name: string): InstanceView {
  const metadata = testMetadata({ providerID: `fake://${name}`, addresses: addressList('InternalIP=10.0.0.1') });
  return { kind: 'present', state: 'running', metadata };
}

describe('what a node needs and nothing leads back to', () => {
  it('is written down on the Node before it is made, and struck out before pods are let in', async () => {
    await using world = new World();
    const writes: string[] = [];
    world.onWrite = (what) => {
      const state = `${world.intentsOf('a').length} intents, ${world.isReady('a') ? 'open' : 'tainted'}`;
      if (!what.endsWith('ed')) writes.push(`${what}: ${state}`);
    };
    world.cluster.putNode(testNode('a'));
    world.start();
    await world.pass(Duration.seconds(30));
    expect(world.attachments).toMatchObject([{ owner: 'uid-of-a' }]);
    expect(writes).toEqual([
      'patch of a: 0 intents, tainted',
      'create for a: 1 intents, tainted',
      expect.stringMatching(/^update for .*: 1 intents, tainted$/),
      'patch of a: 1 intents, tainted',
      'patch of a: 0 intents, tainted',
      'patch of a: 0 intents, tainted',
    ]);
    expect([world.isReady('a'), world.intentsOf('a')]).toEqual([true, []]);
    expect(world.recorder.reasons('a')).toEqual(['Normal Synced']);
  });

  it('is made once, though the process dies before or after any write, and though reads lag behind', async () => {
    const countWrites = async (): Promise<number> => {
      await using world = new World();
      let count = 0;
      world.onWrite = () => void count++;
      world.cluster.putNode(testNode('a'));
      world.start();
      await world.pass(Duration.seconds(30));
      return count;
    };
    const points = await countWrites();
    for (let point = 1; point <= points; point++) {
      for (const outage of [Duration.zero, Duration.minutes(1)]) {
        await using world = new World();
        let count = 0;
        world.onWrite = () => {
          if (++count !== point) return;
          world.kill();
          throw new Error('killed');
        };
        world.cluster.putNode(testNode('a'));
        world.start();
        await world.pass(Duration.seconds(30));
        await world.pass(outage);
        world.start();
        await world.pass(Duration.minutes(1));
        expect({ point, owners: world.attachments.map(({ owner }) => owner) }).toEqual({ point, owners: ['uid-of-a'] });
        expect([world.isReady('a'), world.intentsOf('a')]).toEqual([true, []]);
      }
    }
    process.stdout.write(`${JSON.stringify({ proof: 'node-preparation-crashes', points: points * 2 })}\n`);
    expect(points).toBeGreaterThanOrEqual(10);
  }, 120_000);

  it('is made once, though the answer is lost', async () => {
    for (const lost of ['create', 'patch']) {
      await using world = new World();
      let isDue = false;
      let isLost = false;
      world.onWrite = (what) => {
        if (what.startsWith(lost)) isDue = !isLost;
        else if (what.endsWith('ed') && isDue) {
          [isDue, isLost] = [false, true];
          throw lost === 'create'
            ? new CloudError('Unavailable', 'the line is cut')
            : new ApiError('the line is cut', { kind: 'unavailable', status: 0 });
        }
      };
      world.cluster.putNode(testNode('a'));
      world.start();
      await world.pass(Duration.minutes(2));
      expect(isLost).toBe(true);
      expect(world.attachments).toMatchObject([{ owner: 'uid-of-a' }]);
      expect([world.isReady('a'), world.intentsOf('a')]).toEqual([true, []]);
    }
  });

  it('is found again by what was written down before the informer hears of it', async () => {
    await using world = new World();
    world.cluster.putNode(testNode('a'));
    world.start();
    const release = world.cluster.holdInformers();
    await world.pass(Duration.seconds(30));
    expect(world.attachments).toHaveLength(1);
    release();
    await world.pass(Duration.seconds(30));
    expect(world.attachments).toMatchObject([{ owner: 'uid-of-a' }]);
    expect([world.isReady('a'), world.intentsOf('a')]).toEqual([true, []]);
  });

  it('holds up no other node when it can not be written down', async () => {
    await using world = new World();
    world.onWrite = (what) => {
      if (what === 'patch of bad') throw new ApiError('nodes "bad" not found', { kind: 'notFound', status: 404 });
    };
    for (const name of ['bad', 'good']) world.cluster.putNode(testNode(name));
    world.start();
    await world.pass(Duration.seconds(30));
    expect([world.isReady('good'), world.intentsOf('good')]).toEqual([true, []]);
    expect(world.attachments).toMatchObject([{ owner: 'uid-of-good' }]);
    expect(world.isReady('bad')).toBe(false);
    expect(world.recorder.reasons('bad')).toEqual(['Warning InstanceNotPrepared']);
  });
});
