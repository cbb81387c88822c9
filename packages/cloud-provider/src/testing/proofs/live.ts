import { Duration } from '../../base/duration.ts';
import { describeEndState } from './end-state.ts';
import { seededRandom } from '../seeded-random.ts';
import { findProblems } from './find-problems.ts';
import { type LifeStep, life } from './life.ts';
import { ProofWorld, type Tap } from './world.ts';

/** @typeParam World what a tap may strike */
export interface LiveOptions<World = ProofWorld> {
  readonly tap?: Tap<World>;
  /** When a manager that was killed is started again. @default atOnce */
  readonly restart?: 'atOnce' | 'afterNextStep';
  /** How long anything may take to be made good. @default 15m, longer than every back-off and shorter than every slow pass */
  readonly patience?: Duration;
  readonly log?: (line: string) => void;
  /** @default the scripted life that goes through everything */
  readonly steps?: readonly LifeStep[];
  /** Whether there is the kind of load balancer that has no name. @default no */
  readonly forwarders?: 'yes' | 'no';
}

/** How a life went. */
export interface LifeReport {
  readonly endState: string;
  /** Everything that must never be. Empty when all is well. */
  readonly faults: readonly string[];
  readonly messages: Readonly<Record<'cloud' | 'cluster' | 'writes', number>>;
  /** The writes that cloud and API server have in their own logs. */
  readonly counted: { readonly cloud: number; readonly cluster: number };
  /** Writes that changed what belongs to others, as the cloud judged them. */
  readonly foreignWrites: number;
  readonly starts: number;
}

/** Lives one life in a world of its own, the same one whenever the taps do the same. */
export type Live<World = ProofWorld> = (options: LiveOptions<World>) => Promise<LifeReport>;

const usualPatience = Duration.minutes(15);

/** Lives the life of a cluster once, in a world of its own, with a manager that is started again whenever it has ended. */
export async function live(options: LiveOptions = {}): Promise<LifeReport> {
  const world = new ProofWorld(options);
  const faults: string[] = [];
  // Jitter of the product draws from here: a run that found something must find it again.
  const { random } = Math;
  const chance = seededRandom(3);
  Math.random = () => chance.next();
  try {
    await world.start();
    for (const step of options.steps ?? life) {
      options.log?.(`===== ${step.name}`);
      world.enter(step.name);
      try {
        world.act(() => step.act(world));
      } catch (error) {
        // What the script needs for its next step is not there any more.
        faults.push(`"${step.name}" is not possible: ${String(error)}`);
        break;
      }
      if (!world.process && options.restart === 'afterNextStep') await world.start();
      const problem = await rest(world, step, options);
      if (problem === undefined) continue;
      faults.push(problem);
      break;
    }
    faults.push(...world.foreignWrites(), ...world.violations);
    return {
      endState: describeEndState(world),
      faults,
      messages: { ...world.messages },
      counted: {
        cloud: world.cloud.log.records.filter(({ kind }) => kind === 'write').length,
        cluster: world.server.log.entries.length,
      },
      foreignWrites: world.cloud.foreignWrites.length,
      starts: world.starts,
    };
  } finally {
    await world.dispose();
    Math.random = random;
  }
}

/** Lets time pass until everything is as it must be. Returns what is not, when it takes too long. */
async function rest(world: ProofWorld, step: LifeStep, options: LiveOptions): Promise<string | undefined> {
  const { patience = usualPatience } = options;
  const begin = world.clock.monotonic();
  const leastEnd = begin + (step.rest?.milliseconds ?? 0);
  const hastyEnd = step.haste && begin + step.haste.milliseconds;
  for (;;) {
    await world.settle();
    if (!world.process) {
      // The last step has no next one.
      if (options.restart === 'afterNextStep' && step.rest === undefined) return undefined;
      await world.start();
      continue;
    }
    const now = world.clock.monotonic();
    if (hastyEnd !== undefined && now >= hastyEnd) return undefined;
    const problems = now >= leastEnd ? findProblems(world) : [];
    if (now >= leastEnd && problems.length === 0) return undefined;
    if (now - leastEnd > patience.milliseconds)
      return `after "${step.name}", for more than ${patience.toString()}: ${problems.join('; ')}`;
    await world.passTime();
  }
}
