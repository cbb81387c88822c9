/** What could not be judged on this machine, and what to do about it. */
export interface NotRun {
  readonly what: string;
  readonly reason: string;
  readonly remedy: string;
}

export interface Failure {
  readonly test: string;
  readonly message: string;
}

/** How tests went. */
export interface Outcome {
  readonly passed: number;
  readonly failures: readonly Failure[];
  readonly notRun: readonly NotRun[];
}

export const emptyOutcome: Outcome = { passed: 0, failures: [], notRun: [] };

export function addOutcomes(one: Outcome, other: Outcome): Outcome {
  return {
    passed: one.passed + other.passed,
    failures: [...one.failures, ...other.failures],
    notRun: [...one.notRun, ...other.notRun],
  };
}
