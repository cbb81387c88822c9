import { Stage } from '../stage.ts';
import type { ConformanceSubject } from '../subject.ts';
import { listSituations } from './situations.ts';

/** Calls by operation. */
export type OperationCounts = ReadonlyMap<string, number>;

/** The calls of each situation, in the order of the table. */
export type CallBudget = ReadonlyMap<string, OperationCounts>;

/**
 * Plays every situation and counts what passes the gate. The same program gives the same counts: the clock is the stage's, and
 * what draws random numbers to spread its work draws the mean while this runs.
 *
 * @param only measures those alone whose name holds this text. @default all
 */
export async function measureCallBudget(subject: ConformanceSubject, only = ''): Promise<CallBudget> {
  const { random } = Math;
  Math.random = () => 0.5;
  try {
    const budget = new Map<string, OperationCounts>();
    for (const situation of listSituations(subject)) {
      const { name, routes } = situation;
      if (!name.includes(only)) continue;
      const capabilities = { ...subject.capabilities, routes: routes === 'looked after' };
      await using stage = await Stage.open({ ...subject, capabilities });
      const counts = new Map<string, number>();
      await situation.play(stage, async (deed) => {
        const { calls } = stage.main.tap;
        const before = calls.length;
        await deed();
        for (const { operation } of calls.slice(before)) counts.set(operation, (counts.get(operation) ?? 0) + 1);
      });
      budget.set(name, counts);
    }
    return budget;
  } finally {
    Math.random = random;
  }
}
