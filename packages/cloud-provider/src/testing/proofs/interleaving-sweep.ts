import { compare } from './crash-sweep.ts';
import { type LifeStep, life } from './life.ts';
import { live } from './live.ts';
import type { ProofReport } from './print-report.ts';
import { type Message, keyOf } from './world.ts';

export interface InterleavingOptions {
  /** Tries every so many of the messages only. @default 1, which is all of them */
  readonly every?: number;
  /** `stop` ends the sweep with the first failure. @default goOn */
  readonly onFailure?: 'goOn' | 'stop';
}

export interface InterleavingReport extends ProofReport {
  /** Requests of the life in which everything comes in its turn. */
  readonly messages: number;
}

/**
 * Lets the next thing happen while a request is under way, for every request of the life: what a manager works on is just
 * then changed by people, machines or kubelets. Each of these lives must end as the one that gives it time.
 */
export async function sweepInterleavings(options: InterleavingOptions = {}): Promise<InterleavingReport> {
  const messages: Message[] = [];
  const model = await live({ tap: { onArrival: (message) => messages.push(message) } });
  const failures = model.faults.map((fault) => `without haste: ${fault}`);
  const { every = 1 } = options;
  // After a step that asks for rest the next one is not possible at once: machines need time to go, Nodes to grow older.
  const moments = messages
    .filter(({ step }) => life.some(({ name, rest }, at) => name === step && !rest && at < life.length - 1))
    .filter((_, index) => index % every === 0);
  for (const moment of moments) {
    if (options.onFailure === 'stop' && failures.length > 0) break;
    const { next, report } = await liveHastily(moment);
    const isExcused = (fault: string): boolean => next?.takesBack === 'yes' && fault.includes('of the live Service');
    const faults = report.faults.filter((fault) => !isExcused(fault));
    const failure = compare({ ...report, faults }, model);
    if (failure !== undefined) failures.push(`the next thing at ${keyOf(moment)}: ${failure}`);
  }
  return { proof: 'interleavings', points: moments.length, messages: messages.length, failures };
}

/** The life in which the deed of the next step is done when this message arrives. */
async function liveHastily(moment: Message) {
  const next = life[life.findIndex(({ name }) => name === moment.step) + 1];
  let isDone = false;
  const steps = life.map((step): LifeStep => {
    if (step !== next) return step;
    return { ...step, act: (world) => (isDone ? undefined : step.act(world)) };
  });
  const report = await live({
    steps,
    tap: {
      onArrival(message, world) {
        if (isDone || !next || keyOf(message) !== keyOf(moment)) return;
        isDone = true;
        world.act(() => next.act(world));
      },
    },
  });
  return { next, report };
}
