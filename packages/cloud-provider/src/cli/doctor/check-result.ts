import { tellFailure } from '../command-failure.ts';

/** One line of the doctor. Plain data. */
export interface CheckResult {
  readonly check: string;
  /** `warn`: it works, but not as it should. `unknown`: it can't be told. */
  readonly state: 'good' | 'warn' | 'bad' | 'unknown';
  readonly text: string;
  /** What to do; empty when there is nothing to do. */
  readonly fix: string;
}

export function good(check: string, text: string): CheckResult {
  return { check, state: 'good', text, fix: '' };
}

/** What was thrown, as a line. */
export function failedCheck(check: string, error: unknown, state: 'bad' | 'unknown' = 'bad'): CheckResult {
  const { cause, more, next } = tellFailure(error);
  return { check, state, text: [cause, ...more].join('; '), fix: next };
}
