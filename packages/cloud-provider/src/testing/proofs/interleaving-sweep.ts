import { Duration } from '../../base/duration.ts';
import { compare } from './crash-sweep.ts';
import { type LifeStep, life } from './life.ts';
import { live } from './live.ts';
import type { ProofReport } from './print-report.ts';
import { type Message, type ProofWorld, keyOf } from './world.ts';

export interface InterleavingOptions {
  /** Tries every so many of the messages only; those at which a wish can be taken back are all tried. @default 1, which is all */
  readonly every?: number;
  /** `stop` ends the sweep with the first failure. @default goOn */
  readonly onFailure?: 'goOn' | 'stop';
}

export interface InterleavingReport extends ProofReport {
  /** Requests of the life in which everything comes in its turn. */
  readonly messages: number;
  /** Points at which a wish was taken back while a request was under way that took long enough to hear of it. */
  readonly takenBack: number;
}

/** When the next thing happens. */
interface Moment {
  readonly message: Message;
  /**
   * - `atOnce`: the answer comes as if nothing had happened, before a watch can tell of it.
   * - `slowly`: the answer takes a while.
   */
  readonly answer: 'atOnce' | 'slowly';
}

/** Long enough for a watch to tell what happened meanwhile. */
const slowness = Duration.milliseconds(50);

/**
 * Lets the next thing happen while a request is under way, for every request of the life: what a manager works on is just
 * then changed by people, machines or kubelets. Each of these lives must end as the one that gives it time, and what is
 * wanted again is not deleted by a manager that could have heard of it.
 */
export async function sweepInterleavings(options: InterleavingOptions = {}): Promise<InterleavingReport> {
  const messages: Message[] = [];
  const model = await live({ tap: { onArrival: (message) => messages.push(message) } });
  const failures = model.faults.map((fault) => `without haste: ${fault}`);
  const { every = 1 } = options;
  const sampled = messages.filter(hasNext).filter((_, index) => index % every === 0);
  const takingBack = messages.filter((message) => stepAfter(message)?.takesBack === 'yes');
  const moments: readonly Moment[] = [
    ...takingBack.map((message) => ({ message, answer: 'slowly' }) as const),
    ...sampled.map((message) => ({ message, answer: 'atOnce' }) as const),
  ];
  for (const moment of moments) {
    if (options.onFailure === 'stop' && failures.length > 0) break;
    const { report, isCrossed } = await liveHastily(moment);
    // A deletion that was on its way when the wish was taken back can't be called back.
    const faults = report.faults.filter((fault) => !isCrossed || !fault.includes('of the live Service'));
    const failure = compare({ ...report, faults }, model);
    const where = `the next thing at ${keyOf(moment.message)}, answered ${moment.answer}`;
    if (failure !== undefined) failures.push(`${where}: ${failure}`);
  }
  const takenBack = takingBack.length;
  return { proof: 'interleavings', points: moments.length, messages: messages.length, takenBack, failures };
}

/** After a step that asks for rest the next one is not possible at once: machines need time to go, Nodes to grow older. */
function hasNext({ step }: Message): boolean {
  return life.some(({ name, rest }, at) => name === step && !rest && at < life.length - 1);
}

function stepAfter({ step }: Message): LifeStep | undefined {
  return life[life.findIndex(({ name }) => name === step) + 1];
}

/** The life in which the deed of the next step is done when this message arrives. */
async function liveHastily({ message: moment, answer }: Moment) {
  const next = stepAfter(moment);
  let doneAt: number | undefined;
  let isCrossed = false;
  const steps = life.map((step): LifeStep => {
    if (step !== next) return step;
    return { ...step, act: (world) => (doneAt === undefined ? step.act(world) : undefined) };
  });
  const report = await live({
    steps,
    tap: {
      onArrival(message, world) {
        const now = world.clock.monotonic();
        // Nothing can be heard in no time.
        if (message.label === 'DeleteLoadBalancer' && now === doneAt && next?.takesBack === 'yes') isCrossed = true;
        if (doneAt !== undefined || !next || keyOf(message) !== keyOf(moment)) return;
        doneAt = now;
        world.act(() => next.act(world));
        if (answer === 'slowly') slowDown(world, message);
      },
    },
  });
  return { report, isCrossed };
}

/** The answer to the message that has just arrived takes a while. */
function slowDown({ cloud, server }: ProofWorld, { to }: Message): void {
  switch (to) {
    case 'cloud':
      cloud.faults.add({ effect: { kind: 'slow', by: slowness }, times: 1 });
      return;
    case 'cluster':
      server.faults.delay({ times: 1 }, slowness);
      return;
  }
}
