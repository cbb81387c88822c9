import { Duration } from '../../base/duration.ts';
import { type SeededRandom, seededRandom } from '../seeded-random.ts';
import { conflict, forbidden, internalError } from '../api-server/status.ts';
import type { Fault } from '../memory-cloud/cloud/faults.ts';
import { compare } from './crash-sweep.ts';
import type { LifeReport, Live } from './live.ts';
import { type Message, type ProofWorld, keyOf } from './world.ts';

/** What goes wrong with one message. */
export interface FaultKind<World = ProofWorld> {
  readonly name: string;
  readonly to: Message['to'];
  /** Whether such a message can meet it. */
  readonly fits: (message: Message) => boolean;
  /** Called when the message has arrived and nothing is done yet: whatever is placed strikes this one. */
  readonly strike: (world: World) => void;
  /** How long it may take to be made good. @default that of `live` */
  readonly patience?: Duration;
}

/** One message and what goes wrong with it. */
export interface FaultPoint<World = ProofWorld> {
  readonly fault: FaultKind<World>;
  readonly message: Message;
}

export interface FaultSweepOptions<World = ProofWorld> {
  /** The name of the proof. @default fault-sweep */
  readonly name?: string;
  readonly faults: readonly FaultKind<World>[];
  /**
   * - `apart`: each single fault has a life of its own.
   * - `together`: a life meets one fault in each of its steps, after everything was made good that the one before did; a life
   *   that ends badly is lived again with each of its faults alone.
   * - `none`: no single faults.
   * @default together
   */
  readonly singles?: 'apart' | 'together' | 'none';
  /** Tries every so many of the single faults only. @default 1, which is all of them */
  readonly every?: number;
  /** So many random pairs besides, each in a life of its own. @default 0 */
  readonly pairs?: number;
  /** Chooses which singles share a life, and which pairs. @default 1 */
  readonly seed?: number;
  /** `stop` ends the sweep with the first failure. @default goOn */
  readonly onFailure?: 'goOn' | 'stop';
}

export interface FaultSweepReport {
  readonly proof: string;
  /** How many single faults and pairs of them were met. */
  readonly points: number;
  readonly singles: number;
  readonly pairs: number;
  readonly lives: number;
  /** Requests of the life in which nothing goes wrong. */
  readonly messages: { readonly cloud: number; readonly cluster: number };
  /** How often each kind of fault struck. */
  readonly struck: Readonly<Record<string, number>>;
  readonly foreignWrites: number;
  readonly failures: readonly string[];
}

const second = Duration.seconds(1);
const isRead = ({ kind }: Message): boolean => kind === 'read';
const isWrite = ({ kind }: Message): boolean => kind === 'write';
const isAny = (): boolean => true;
const isWatch = ({ label }: Message): boolean => label.startsWith('GET') && /\/(nodes|services)$/.test(label);

/** Everything that a cloud does to its callers. */
export const cloudFaults: readonly FaultKind[] = [
  cloudFault('throttle', isAny, { kind: 'throttle', retryAfter: second.times(2) }),
  cloudFault('unavailable', isAny, { kind: 'unavailable' }),
  cloudFault('denied', isAny, { kind: 'deny' }),
  cloudFault('refused', isAny, { kind: 'loseRequest' }),
  cloudFault('lostReply', isAny, { kind: 'loseReply', how: 'reset' }),
  cloudFault('silence', isAny, { kind: 'loseReply', how: 'silence' }),
  cloudFault('busy', isAny, { kind: 'busy' }),
  cloudFault('quota', isWrite, { kind: 'quota' }),
  {
    ...cloudFault('partialList', ({ label }) => /^(Describe|List)/.test(label), { kind: 'omit', every: 1 }),
    // Nobody can tell that something is missing in a list of routes; the slow pass reads it again.
    patience: Duration.minutes(65),
  },
  // Nothing is believed on one answer, so what lasts for a minute tries what a single failure can't.
  outageOfInstances('silentOutage', [
    { effect: { kind: 'omit', every: 1 }, match: { operation: 'DescribeInstances' } },
    { effect: { kind: 'unavailable' }, match: { operation: 'GetInstance' } },
    { effect: { kind: 'deny' }, match: { operation: 'GetInstanceByName' } },
  ]),
  outageOfInstances('outage', [{ effect: { kind: 'unavailable' }, match: { operation: 'DescribeInstances' } }]),
  cloudFault('staleRead', isRead, { kind: 'stale', by: second.times(3) }),
];

const subject = { group: '', label: 'objects' };

/** Everything that an API server does to its clients. */
export const clusterFaults: readonly FaultKind[] = [
  clusterFault('conflict', isWrite, ({ server }) => {
    server.faults.refuse({ times: 1 }, conflict(subject, 'it', 'the object has been modified'));
  }),
  clusterFault('tooManyRequests', isAny, ({ server }) => void server.faults.tooManyRequests({ times: 1 }, second)),
  clusterFault('unavailable', isAny, ({ server }) => void server.faults.unavailable({ times: 1 })),
  clusterFault('internalError', isAny, ({ server }) => {
    server.faults.refuse({ times: 1 }, internalError('etcdserver: request timed out'));
  }),
  clusterFault('forbidden', isAny, ({ server }) => {
    server.faults.refuse({ times: 1 }, forbidden(subject, 'it', 'the roles are not there yet'));
  }),
  clusterFault('cut', isAny, ({ server }) => void server.faults.cut({ times: 1 })),
  clusterFault('silence', isAny, ({ server }) => void server.faults.hang({ times: 1 })),
  clusterFault('lostReply', isWrite, ({ server }) => void server.faults.loseReply({ times: 1 })),
  clusterFault('expired', isRead, ({ server }) => void server.faults.expired({ times: 1 })),
  clusterFault('watchesCut', isAny, ({ server }) => void server.faults.cutWatches()),
  clusterFault('watchesExpired', isAny, ({ server }) => {
    server.forgetHistory();
    server.faults.expireWatches();
  }),
  clusterFault('watchesHalfOpen', isAny, ({ server }) => void server.faults.freezeWatches()),
  clusterFault('staleList', isWatch, ({ server }) => void server.faults.staleLists({ times: 1 }, 20)),
];

/**
 * Lets every kind of fault strike every message of a life that it can strike, and then random pairs of them. Each of these
 * lives must end as the one in which nothing goes wrong.
 *
 * @param live lives one such life, in a new world each time
 */
export async function sweepFaults<World>(
  live: Live<World>,
  options: FaultSweepOptions<World>,
): Promise<FaultSweepReport> {
  const messages: Message[] = [];
  const faultless = await live({ tap: { onArrival: (message) => messages.push(message) } });
  const all = options.faults.flatMap((fault) =>
    messages.filter((message) => message.to === fault.to && fault.fits(message)).map((message) => ({ fault, message })),
  );
  const sweep = new FaultSweep(faultless, live, options);
  const { every = 1, seed = 1, singles: how = 'together' } = options;
  const random = seededRandom(seed);
  const singles = how === 'none' ? [] : all.filter((_, index) => (index + seed) % every === 0);
  const pairs = Array.from({ length: options.pairs ?? 0 }, () => [random.pick(all), random.pick(all)]);
  for (const points of how === 'together' ? oneOfEachStep(shuffle(singles, random)) : singles.map((point) => [point])) {
    await sweep.singles(points);
  }
  for (const pair of pairs) await sweep.life(pair);
  const { cloud, cluster } = faultless.messages;
  return {
    proof: options.name ?? 'fault-sweep',
    points: singles.length + pairs.length,
    singles: singles.length,
    pairs: pairs.length,
    lives: sweep.lives,
    messages: { cloud, cluster },
    struck: sweep.struck,
    foreignWrites: sweep.foreignWrites,
    failures: sweep.failures,
  };
}

function shuffle<Item>(items: readonly Item[], random: SeededRandom): readonly Item[] {
  const keyed = items.map((item) => ({ item, key: random.next() }));
  return keyed.sort((left, right) => left.key - right.key).map(({ item }) => item);
}

/** Heaps with at most one point of each step of the life. */
function oneOfEachStep<World>(points: readonly FaultPoint<World>[]): readonly (readonly FaultPoint<World>[])[] {
  const heaps: FaultPoint<World>[][] = [];
  const heights = new Map<string, number>();
  for (const point of points) {
    const { step } = point.message;
    const height = heights.get(step) ?? 0;
    heights.set(step, height + 1);
    (heaps[height] ??= []).push(point);
  }
  return heaps;
}

/** The tally of a sweep. */
class FaultSweep<World> {
  readonly struck: Record<string, number> = {};
  readonly failures: string[];
  lives = 0;
  foreignWrites = 0;
  readonly #faultless: LifeReport;
  readonly #live: Live<World>;
  readonly #options: FaultSweepOptions<World>;

  constructor(faultless: LifeReport, live: Live<World>, options: FaultSweepOptions<World>) {
    this.failures = faultless.faults.map((fault) => `without a fault: ${fault}`);
    this.#faultless = faultless;
    this.#live = live;
    this.#options = options;
  }

  /** A life with all of these; those that did not come to pass or went wrong get lives of their own. */
  async singles(points: readonly FaultPoint<World>[]): Promise<void> {
    if (points.length === 1) return this.life(points);
    if (this.#isOver) return;
    const { hits, failure } = await this.#suffer(points);
    if (failure === undefined) {
      for (const point of points) if (!hits.has(point)) await this.life([point]);
      return;
    }
    const before = this.failures.length;
    for (const point of points) await this.life([point]);
    // Each is harmless alone, so it takes several of them.
    if (this.failures.length === before) this.failures.push(`${points.map(describePoint).join(' and ')}: ${failure}`);
  }

  /** A life with these, which must all be for something. */
  async life(points: readonly FaultPoint<World>[]): Promise<void> {
    if (this.#isOver) return;
    const { hits, failure } = await this.#suffer(points);
    const complaint = failure ?? (hits.size === 0 ? 'nothing was struck' : undefined);
    if (complaint !== undefined) this.failures.push(`${points.map(describePoint).join(' and ')}: ${complaint}`);
  }

  get #isOver(): boolean {
    return this.#options.onFailure === 'stop' && this.failures.length > 0;
  }

  async #suffer(points: readonly FaultPoint<World>[]) {
    const { report, hits } = await suffer(this.#live, points);
    this.lives++;
    this.foreignWrites += report.foreignWrites;
    for (const { fault } of hits) {
      const name = `${fault.to}/${fault.name}`;
      this.struck[name] = (this.struck[name] ?? 0) + 1;
    }
    return { hits, failure: compare(report, this.#faultless) };
  }
}

/** One life in which these things go wrong. */
export async function suffer<World>(
  live: Live<World>,
  points: readonly FaultPoint<World>[],
  log?: (line: string) => void,
): Promise<{ readonly report: LifeReport; readonly hits: ReadonlySet<FaultPoint<World>> }> {
  const hits = new Set<FaultPoint<World>>();
  const waiting = Map.groupBy(points, ({ message }) => keyOf(message));
  const patience = longest(points.flatMap(({ fault }) => fault.patience ?? []));
  const report = await live({
    ...(log && { log }),
    ...(patience && { patience }),
    tap: {
      onArrival(message, world) {
        for (const point of waiting.get(keyOf(message)) ?? []) {
          // The same message twice: one is struck and so is its repetition.
          if (hits.has(point)) continue;
          hits.add(point);
          log?.(`----- ${describePoint(point)}`);
          point.fault.strike(world);
        }
      },
    },
  });
  return { report, hits };
}

function longest(durations: readonly Duration[]): Duration | undefined {
  const [first, ...rest] = durations;
  return first && rest.reduce((most, one) => (one.isLongerThan(most) ? one : most), first);
}

export function describePoint<World>({ fault, message }: FaultPoint<World>): string {
  return `${fault.to}/${fault.name} at ${message.label}, the ${message.nth}. in "${message.step}"`;
}

function cloudFault(
  name: string,
  fits: FaultKind['fits'],
  effect: Parameters<ProofWorld['cloud']['faults']['add']>[0]['effect'],
): FaultKind {
  return { name, to: 'cloud', fits, strike: ({ cloud }) => void cloud.faults.add({ effect, times: 1 }) };
}

/** For a minute after a question about machines all such questions fare like this. */
function outageOfInstances(name: string, faults: readonly Fault[]): FaultKind {
  return {
    name,
    to: 'cloud',
    fits: ({ label }) => label === 'DescribeInstances',
    strike({ cloud, clock }) {
      const ends = faults.map((fault) => cloud.faults.add(fault));
      clock.schedule(Duration.minutes(1), () => {
        for (const end of ends) end();
      });
    },
  };
}

function clusterFault(name: string, fits: FaultKind['fits'], strike: FaultKind['strike']): FaultKind {
  return { name, to: 'cluster', fits, strike };
}
