import { Duration } from '../base/duration.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { Cluster } from './cluster.ts';
import { ConformanceFailure } from './conformance-failure.ts';
import type { Awaitable, ConformanceGround, ConformanceSubject, ConformanceWorld, KindSubject } from './subject.ts';

/** Longer than every back-off, shorter than every slow pass. */
const usualPatience = Duration.minutes(15);
/** Enough turns of the event loop for what puts itself off by one several times in a row. */
const quietTurns = 8;

export interface StageOptions {
  readonly pace?: ConformanceGround['pace'];
  /** Gets the managers' log. @default nobody */
  readonly log?: (line: string) => void;
}

/** What a case plays on: a world, a clock that only the case moves, and a cluster with a manager that runs already. */
export class Stage implements AsyncDisposable {
  readonly subject: ConformanceSubject;
  readonly clock: FakeClock;
  readonly world: ConformanceWorld;
  readonly main: Cluster;
  readonly #clusters: Cluster[] = [];
  readonly #log: ((line: string) => void) | undefined;
  #activity = 0;

  /** @param kind of load balancer that the case is about */
  static async open(subject: ConformanceSubject, options: StageOptions = {}): Promise<Stage> {
    const clock = new FakeClock();
    const world = await subject.open({ clock, pace: options.pace ?? 'instant' });
    const stage = new Stage(subject, { clock, world, log: options.log });
    await stage.main.start();
    await stage.settle();
    return stage;
  }

  private constructor(
    subject: ConformanceSubject,
    parts: {
      readonly clock: FakeClock;
      readonly world: ConformanceWorld;
      readonly log: ((line: string) => void) | undefined;
    },
  ) {
    this.subject = subject;
    this.clock = parts.clock;
    this.world = parts.world;
    this.#log = parts.log;
    this.main = this.#makeCluster();
  }

  get clusters(): readonly Cluster[] {
    return this.#clusters;
  }

  /** Another cluster of the same name on the same account, with a manager of its own. */
  async addCluster(): Promise<Cluster> {
    const cluster = this.#makeCluster();
    await cluster.start();
    await this.settle();
    return cluster;
  }

  /** Lets everything happen that needs no time to pass. */
  async settle(): Promise<void> {
    let seen = -1;
    for (let quiet = 0; quiet < quietTurns; quiet++) {
      if (seen !== this.#activity) quiet = 0;
      seen = this.#activity;
      if (this.world.transport === 'network') await this.#untilAnswered();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Lets time pass until the next thing is due. */
  async passTime(): Promise<void> {
    const next = this.clock.untilNext();
    if (next === undefined) throw new ConformanceFailure('nothing is due any more, so nothing will ever happen');
    await this.clock.advance(next);
    await this.settle();
  }

  /** Lets that much time pass, whatever happens. */
  async rest(duration: Duration): Promise<void> {
    const end = this.clock.monotonic() + duration.milliseconds;
    await this.settle();
    for (;;) {
      const left = end - this.clock.monotonic();
      if (left <= 0) return;
      const next = this.clock.untilNext()?.milliseconds ?? left;
      await this.clock.advance(Duration.milliseconds(Math.min(left, next)));
      await this.settle();
    }
  }

  /**
   * Lets time pass until the problem is gone; a manager that was killed is started again. Throws when it is not gone in time.
   *
   * @param check one line that says what is not as it must be; undefined when all is well
   */
  async until(
    what: string,
    check: () => Awaitable<string | undefined>,
    patience: Duration = usualPatience,
  ): Promise<void> {
    const end = this.clock.monotonic() + patience.milliseconds;
    for (;;) {
      await this.settle();
      for (const cluster of this.#clusters) if (!cluster.isManaged) await cluster.start();
      const problem = await check();
      if (problem === undefined) return;
      if (this.clock.monotonic() > end) {
        throw new ConformanceFailure(`${what}, after ${patience.toString()}: ${problem}`);
      }
      await this.passTime();
    }
  }

  /** Holds for the whole time, or the case fails. */
  async holds(what: string, duration: Duration, check: () => Awaitable<string | undefined>): Promise<void> {
    const end = this.clock.monotonic() + duration.milliseconds;
    for (;;) {
      await this.settle();
      const problem = await check();
      if (problem !== undefined) throw new ConformanceFailure(`${what}: ${problem}`);
      if (this.clock.monotonic() >= end) return;
      await this.passTime();
    }
  }

  /** The kind of that name. */
  kind(name: string): KindSubject {
    const kind = this.subject.loadBalancers.find((one) => one.name === name);
    if (!kind) throw new ConformanceFailure(`the subject has no kind ${name}`);
    return kind;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      for (const cluster of this.#clusters) await cluster.stop();
    } finally {
      await this.world[Symbol.asyncDispose]();
    }
  }

  #makeCluster(): Cluster {
    const cluster = new Cluster({
      clock: this.clock,
      provider: this.world.provider,
      number: this.#clusters.length,
      onActivity: () => {
        this.#activity++;
      },
      settle: () => this.settle(),
      routes: this.subject.capabilities.routes ? 'looked after' : 'left alone',
      permissions: Object.values(this.subject.permissions),
      ...(this.#log && { log: this.#log }),
    });
    this.#clusters.push(cluster);
    return cluster;
  }

  async #untilAnswered(): Promise<void> {
    for (;;) {
      const waiting = this.#clusters.flatMap(({ tap }) => [...tap.underWay]);
      if (waiting.length === 0) return;
      await Promise.allSettled(waiting);
    }
  }
}
