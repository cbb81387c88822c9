import { describe, expect, it } from '@jest/globals';
import { Duration } from '../../base/duration.ts';
import { CloudError } from '../../cloud/cloud-error.ts';
import { ApiError } from '../../kube/client/api-error.ts';
import { OperationLog } from '../../reconcile/operation-log.ts';
import { silentLogger } from '../../telemetry/logger.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { TestCluster, TestRecorder } from '../test-cluster.ts';
import { groupAnnotation as recordAnnotation } from './group-record.ts';
import { ServiceController } from './service-controller.ts';
import { testBackend } from './test-backend.ts';
import { TestKind, groupAnnotation, kindAnnotation, testService } from './test-kind.ts';

/** Where the Service is to be, one after the other; undefined asks for nothing any more. */
const moves: readonly ({ readonly kind: string; readonly group?: string } | undefined)[] = [
  { kind: 'test', group: 'one' },
  { kind: 'test', group: 'two' },
  { kind: 'test' },
  { kind: 'test', group: 'one' },
  { kind: 'other', group: 'two' },
  { kind: 'test', group: 'two' },
  { kind: 'other' },
  { kind: 'other', group: 'one' },
  undefined,
  { kind: 'test', group: 'two' },
  { kind: 'test', group: 'one' },
];

/** One death: at which write, and whether the write was done. */
interface Death {
  readonly write: number;
  readonly moment: 'before' | 'after';
}

/** Two kinds, groups that other Services share, and a manager that dies when it is told to. */
class MovingWorld {
  readonly clock = new FakeClock();
  readonly cluster = new TestCluster();
  readonly kinds = [new TestKind(), new TestKind('other', 'test/other')] as const;
  readonly #death: Death | undefined;
  #writes = 0;
  /** The manager that is dead reaches nobody; the next one is another. */
  #life = { isAlive: true };
  #abort = new AbortController();
  #run: Promise<void> = Promise.resolve();

  constructor(death: Death | undefined) {
    this.#death = death;
    for (const kind of this.kinds) {
      kind.onCall = (call) => this.#arrive(/^(create|update|delete)/.test(call), new CloudError('Unavailable', 'dead'));
      kind.afterWrite = () => this.#answer(new CloudError('Unavailable', 'dead'));
    }
    const dead = new ApiError('dead', { kind: 'unavailable', status: 503 });
    this.cluster.beforePatch = () => this.#arrive(true, dead);
    this.cluster.afterPatch = () => this.#answer(dead);
    this.cluster.putNode(testBackend('n1'));
    for (const kind of ['test', 'other']) {
      for (const group of ['one', 'two']) {
        const annotations = { [kindAnnotation]: kind, [groupAnnotation]: group };
        this.cluster.putService(testService(`${kind}-${group}`, { annotations }));
      }
    }
  }

  get writes(): number {
    return this.#writes;
  }

  start(): void {
    this.#life = { isAlive: true };
    this.#abort = new AbortController();
    const controller = new ServiceController({
      client: this.cluster.client,
      services: this.cluster.services,
      nodes: this.cluster.nodes,
      kinds: this.kinds,
      cluster: { uid: 'cluster', name: 'kubernetes' },
      recorder: new TestRecorder(),
      operations: new OperationLog(this.clock),
      clock: this.clock,
      logger: silentLogger,
      metrics: new MetricRegistry(),
      random: () => 0.5,
    });
    this.#run = controller.run({ stopping: this.#abort.signal, aborting: this.#abort.signal });
  }

  async stop(): Promise<void> {
    this.#abort.abort(new Error('stopped'));
    await this.#run;
  }

  /** The Service goes where it is to go; a manager that died on the way is replaced after `delay` more moves. */
  async move(to: (typeof moves)[number]): Promise<void> {
    const old = this.cluster.service('ns/mover');
    if (!to) {
      if (old) this.cluster.putService({ ...old, spec: { ...old.spec, type: 'ClusterIP' } });
    } else {
      const record = old?.metadata.annotations[recordAnnotation];
      const annotations = {
        ...(record !== undefined && { [recordAnnotation]: record }),
        [kindAnnotation]: to.kind,
        ...(to.group !== undefined && { [groupAnnotation]: to.group }),
      };
      const base = old ?? testService('mover');
      this.cluster.putService({
        ...base,
        metadata: { ...base.metadata, annotations },
        spec: { ...base.spec, type: 'LoadBalancer' },
      });
    }
    await this.rest();
  }

  async rest(): Promise<void> {
    for (let turns = 0; turns < 20; turns++) await this.clock.settle();
    await this.clock.advance(Duration.seconds(1));
    for (let turns = 0; turns < 20; turns++) await this.clock.settle();
  }

  async replaceTheDead(): Promise<void> {
    if (this.#life.isAlive) return;
    await this.stop();
    this.start();
    await this.rest();
  }

  /** Kind, group and listeners of all that is there. */
  present(): readonly string[] {
    return this.kinds
      .flatMap((kind) =>
        [...kind.cloud].map(([key, { listeners }]) => `${kind.name} ${key}: ${[...listeners.keys()].sort().join()}`),
      )
      .sort();
  }

  #arrive(isWrite: boolean, error: Error): void {
    if (isWrite && this.#life.isAlive) {
      this.#writes++;
      if (this.#death?.moment === 'before' && this.#death.write === this.#writes) this.#life.isAlive = false;
    }
    if (!this.#life.isAlive) throw error;
  }

  #answer(error: Error): void {
    if (this.#death?.moment === 'after' && this.#death.write === this.#writes) this.#life.isAlive = false;
    if (!this.#life.isAlive) throw error;
  }
}

/** What is there after each move, and at last. `movesDead`: moves that happen before the dead is replaced. */
async function live(death: Death | undefined, movesDead: number): Promise<{ writes: number; end: readonly string[] }> {
  const world = new MovingWorld(death);
  world.start();
  await world.rest();
  let sinceDeath = 0;
  for (const move of moves) {
    await world.move(move);
    if (sinceDeath++ >= movesDead) {
      await world.replaceTheDead();
      sinceDeath = 0;
    }
  }
  await world.replaceTheDead();
  await world.rest();
  const service = world.cluster.service('ns/mover');
  const end = [
    ...world.present(),
    JSON.stringify(service?.metadata.finalizers),
    JSON.stringify(service?.status.loadBalancer),
  ];
  await world.stop();
  return { writes: world.writes, end };
}

describe('a Service that moves between kinds and groups', () => {
  it('leaves nothing behind wherever the process ends', async () => {
    const faultless = await live(undefined, 0);
    expect(faultless.end.filter((line) => line.includes('uid-of-mover'))).toEqual([
      'test one: uid-of-mover,uid-of-test-one',
    ]);
    const failures: string[] = [];
    let points = 0;
    for (let write = 1; write <= faultless.writes; write++) {
      for (const moment of ['before', 'after'] as const) {
        // Once nothing happens while nobody runs, once the Service moves on meanwhile.
        for (const movesDead of [0, 1]) {
          points++;
          const { end } = await live({ write, moment }, movesDead);
          if (JSON.stringify(end) !== JSON.stringify(faultless.end)) {
            failures.push(`${moment} write ${write}, ${movesDead} moves unseen: ${end.join('; ')}`);
          }
        }
      }
    }
    process.stdout.write(`${JSON.stringify({ proof: 'service-moves', points, writes: faultless.writes })}\n`);
    expect(failures).toEqual([]);
  }, 240_000);
});
