import { type Death, type DetachedLife, type DetachedMessage, liveDetached } from './detached-world.ts';
import type { Incarnate } from './manager-body.ts';
import type { ProofReport } from './print-report.ts';

export interface DetachedCrashOptions {
  /** The name of the proof. */
  readonly name: string;
  readonly incarnate: Incarnate;
  /** Tries every so many of the deaths only. @default 1, which is all of them */
  readonly every?: number;
  /** Lives consist of waiting; so many of them are lived side by side. @default 4 */
  readonly lanes?: number;
}

export interface DetachedCrashReport extends ProofReport {
  /** Writes of the life without a death, as the cloud and the API server counted them. */
  readonly writes: number;
  readonly lives: number;
  /** Deaths of which there was no occasion: with real time, leases are renewed and Events put together now and then only. */
  readonly missed: number;
  /** Leases that were lost without a death, for want of computing time: their managers were started again. */
  readonly lostLeases: number;
}

/**
 * Kills a manager that runs beside this thread at every write, before the write arrives and after it was done and before it is
 * answered. A life has one death in each of its steps.
 */
export async function sweepDetachedCrashes(options: DetachedCrashOptions): Promise<DetachedCrashReport> {
  const { name, incarnate, every = 1, lanes = 4 } = options;
  const faultless = await liveDetached(incarnate);
  const writes = faultless.messages.filter(({ kind }) => kind === 'write');
  const failures = faultless.faults.map((fault) => `without a death: ${fault}`);
  // What is refused, as after a conflict, arrives and is not counted.
  if (faultless.counted > writes.length) failures.push(`of ${faultless.counted} writes ${writes.length} were seen`);
  const deaths = listDeaths(writes).filter((_, index) => index % every === 0);
  const stepOf = new Map(writes.map(({ key, step }) => [key, step]));
  let lives = 0;
  let lostLeases = faultless.lost;
  const missed: Death[] = [];
  const liveAll = async (plans: readonly (readonly Death[])[], onMissed: (death: Death) => void): Promise<void> => {
    const waiting = [...plans];
    const lane = async (): Promise<void> => {
      for (let plan = waiting.shift(); plan; plan = waiting.shift()) {
        const life = await liveDetached(incarnate, plan);
        lives++;
        lostLeases += life.lost;
        failures.push(...judge(life, faultless).map((fault) => `${describe([...life.died])}: ${fault}`));
        for (const death of plan) if (!life.died.has(death)) onMissed(death);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  };
  const again: Death[] = [];
  await liveAll(oneOfEachStep(deaths, stepOf), (death) => again.push(death));
  // What an earlier death kept from happening is tried once more alone.
  await liveAll(
    again.map((death) => [death]),
    (death) => missed.push(death),
  );
  for (const death of missed) {
    if (!/[ /](leases|events)\b/.test(death.key)) failures.push(`${describe([death])}: it never came to it`);
  }
  return {
    proof: name,
    points: deaths.length - missed.length,
    writes: faultless.counted,
    lives,
    missed: missed.length,
    lostLeases,
    failures,
  };
}

function judge(life: DetachedLife, faultless: DetachedLife): readonly string[] {
  const faults = [...life.faults];
  if (life.starts !== life.died.size + life.lost + 1)
    faults.push(`${life.starts} starts after ${life.died.size} deaths`);
  if (faults.length === 0 && life.endState !== faultless.endState) faults.push('the end state differs');
  return faults;
}

function listDeaths(writes: readonly DetachedMessage[]): readonly Death[] {
  return writes.flatMap(({ key }) => [
    { key, moment: 'beforeItArrives' as const },
    { key, moment: 'beforeItsAnswer' as const },
  ]);
}

function oneOfEachStep(deaths: readonly Death[], stepOf: ReadonlyMap<string, string>): readonly (readonly Death[])[] {
  const plans: Death[][] = [];
  const heights = new Map<string, number>();
  for (const death of deaths) {
    const step = stepOf.get(death.key) ?? '';
    const height = heights.get(step) ?? 0;
    heights.set(step, height + 1);
    (plans[height] ??= []).push(death);
  }
  return plans;
}

function describe(deaths: readonly Death[]): string {
  return deaths.map(({ key, moment }) => `killed ${moment} of ${key}`).join(' and ') || 'without a death';
}
