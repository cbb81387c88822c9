import { Duration } from '../../base/duration.ts';
import { seededRandom } from '../seeded-random.ts';
import { conflict, forbidden, internalError } from '../api-server/status.ts';
import { compare } from './crash-sweep.ts';
import { type LifeReport, live } from './live.ts';
import type { Message, ProofWorld } from './world.ts';

/** What goes wrong with one message. */
export interface FaultKind {
  readonly name: string;
  readonly to: Message['to'];
  /** Whether such a message can meet it. */
  readonly fits: (message: Message) => boolean;
  /** Called when the message has arrived and nothing is done yet: whatever is placed strikes this one. */
  readonly strike: (world: ProofWorld) => void;
  /** How long it may take to be made good. @default that of `live` */
  readonly patience?: Duration;
}

/** One message and what goes wrong with it. */
export interface FaultPoint {
  readonly fault: FaultKind;
  readonly message: Message;
}

export interface FaultSweepOptions {
  readonly faults: readonly FaultKind[];
  /** Tries every so many of the single faults only. @default 1, which is all of them */
  readonly every?: number;
  /** So many random pairs besides. @default 0 */
  readonly pairs?: number;
  /** Chooses which of the singles and which pairs. @default 1 */
  readonly seed?: number;
}

export interface FaultSweepReport {
  readonly proof: 'fault-sweep';
  /** How many lives were lived with something going wrong. */
  readonly points: number;
  readonly singles: number;
  readonly pairs: number;
  /** Requests of the life in which nothing goes wrong. */
  readonly messages: { readonly cloud: number; readonly cluster: number };
  /** How many lives struck each kind of fault. */
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
  cloudFault('busy', isWrite, { kind: 'busy' }),
  cloudFault('quota', isWrite, { kind: 'quota' }),
  {
    ...cloudFault('partialList', ({ label }) => /^(Describe|List)/.test(label), { kind: 'omit', every: 1 }),
    // Nobody can tell that something is missing in a list of routes; the slow pass reads it again.
    patience: Duration.minutes(65),
  },
  {
    name: 'silentOutage',
    to: 'cloud',
    fits: ({ label }) => label === 'DescribeInstances',
    // For a minute lists are empty, and questions for single machines are not answered.
    strike({ cloud, clock }) {
      const ends = [
        cloud.faults.add({ effect: { kind: 'omit', every: 1 }, match: { operation: 'DescribeInstances' } }),
        cloud.faults.add({ effect: { kind: 'unavailable' }, match: { operation: 'GetInstance' } }),
        cloud.faults.add({ effect: { kind: 'deny' }, match: { operation: 'GetInstanceByName' } }),
      ];
      clock.schedule(Duration.minutes(1), () => {
        for (const end of ends) end();
      });
    },
  },
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
 * Lets every kind of fault strike every message of the life that it can strike, one in each life, and then random pairs. Each
 * of these lives must end as the one in which nothing goes wrong.
 */
export async function sweepFaults(options: FaultSweepOptions): Promise<FaultSweepReport> {
  const messages: Message[] = [];
  const faultless = await live({ tap: { onArrival: (message) => messages.push(message) } });
  const failures = faultless.faults.map((fault) => `without a fault: ${fault}`);
  const all = options.faults.flatMap((fault) =>
    messages.filter((message) => message.to === fault.to && fault.fits(message)).map((message) => ({ fault, message })),
  );
  const { every = 1, seed = 1 } = options;
  const singles = all.filter((_, index) => (index + seed) % every === 0).map((point) => [point]);
  const random = seededRandom(seed);
  const pairs = Array.from({ length: options.pairs ?? 0 }, () => [random.pick(all), random.pick(all)]);
  const struck: Record<string, number> = {};
  let foreignWrites = 0;
  for (const points of [...singles, ...pairs]) {
    const { report, hits } = await suffer(points);
    for (const name of hits) struck[name] = (struck[name] ?? 0) + 1;
    foreignWrites += report.foreignWrites;
    const failure = compare(report, faultless) ?? (hits.length === 0 ? 'nothing was struck' : undefined);
    if (failure !== undefined) failures.push(`${points.map(describePoint).join(' and ')}: ${failure}`);
  }
  const { cloud, cluster } = faultless.messages;
  return {
    proof: 'fault-sweep',
    points: singles.length + pairs.length,
    singles: singles.length,
    pairs: pairs.length,
    messages: { cloud, cluster },
    struck,
    foreignWrites,
    failures,
  };
}

/** One life in which these things go wrong. */
export async function suffer(
  points: readonly FaultPoint[],
  log?: (line: string) => void,
): Promise<{ readonly report: LifeReport; readonly hits: readonly string[] }> {
  const hits: string[] = [];
  const patience = points.map(({ fault }) => fault.patience).find((one) => one !== undefined);
  const report = await live({
    ...(log && { log }),
    ...(patience && { patience }),
    tap: {
      onArrival(message, world) {
        for (const { fault, message: wanted } of points) {
          // After the first fault the rest of the life may differ; then the second strikes whatever has its number.
          if (message.to !== wanted.to || message.number !== wanted.number || !fault.fits(message)) continue;
          hits.push(`${fault.to}/${fault.name}`);
          log?.(`----- ${describePoint({ fault, message })}`);
          fault.strike(world);
        }
      },
    },
  });
  return { report, hits };
}

export function describePoint({ fault, message }: FaultPoint): string {
  return `${fault.to}/${fault.name} at message ${message.number} (${message.label})`;
}

function cloudFault(
  name: string,
  fits: FaultKind['fits'],
  effect: Parameters<ProofWorld['cloud']['faults']['add']>[0]['effect'],
): FaultKind {
  return { name, to: 'cloud', fits, strike: ({ cloud }) => void cloud.faults.add({ effect, times: 1 }) };
}

function clusterFault(name: string, fits: FaultKind['fits'], strike: FaultKind['strike']): FaultKind {
  return { name, to: 'cluster', fits, strike };
}
