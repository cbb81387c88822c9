import { type Breach, describeBreach } from './breach.ts';

/** One row of the table of everything that is checked. */
export interface Check {
  /** Unique; what `npm test -- <name>` selects by. */
  readonly name: string;
  /** Then it is ended, and failed. @default ten minutes */
  readonly timeLimitMilliseconds?: number;
  /**
   * For checks that wait for servers more than they compute: they run two at a time beside those that follow the named check,
   * so that two cores are used.
   * @default in turn with the others
   */
  readonly besideWhatFollows?: string;
  /** Does it. Whatever it throws counts as one failure. */
  run(context: CheckContext): Promise<CheckOutcome>;
}

/** What a check is given. */
export interface CheckContext {
  readonly root: string;
  /** Takes a line of output: kept, and shown only when the check fails. */
  readonly log: (line: string) => void;
  /** Aborted when the whole run is to end. */
  readonly signal: AbortSignal;
}

/** Numbers of individual tests. */
export interface CheckOutcome {
  readonly passed: number;
  readonly failed: number;
  /** Parts that this machine could not run. @default none */
  readonly notRun?: readonly NotRun[];
}

/** Something that was not judged, why, and what to do about it. */
export interface NotRun {
  readonly name: string;
  readonly reason: string;
  readonly remedy: string;
}

/** A static check counts as one test. */
export function outcomeOfBreaches(breaches: readonly Breach[], log: (line: string) => void): CheckOutcome {
  for (const breach of breaches) log(describeBreach(breach));
  return outcomeOf(breaches.length === 0);
}

/** One test, passed or failed. */
export function outcomeOf(isPassed: boolean): CheckOutcome {
  return isPassed ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}
