import type { Minor } from '../kube-apiserver/versions.ts';
import { addOutcomes, emptyOutcome, type Outcome } from './outcome.ts';
import { NotRunnableHere } from '../kube-apiserver/not-runnable.ts';

/** What a suite is run with. */
export interface SuiteContext {
  /** The minors of Kubernetes to test against. */
  readonly minors: readonly Minor[];
  /** Only tests whose names match. @default all */
  readonly only: RegExp | undefined;
  /** Whether a suite that takes long is run as a whole. */
  readonly extent: 'sample' | 'all';
  /** For suites that last as long as they are told to. @default what the suite thinks is enough */
  readonly seconds: number | undefined;
  /** Aborted when the run is interrupted. */
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** A named collection of tests with all that they need. */
export interface Suite {
  readonly name: string;
  readonly description: string;
  /** Throws {@link NotRunnableHere} when the machine lacks something. */
  run(context: SuiteContext): Promise<Outcome>;
}

/** Runs the parts of a suite one after another; a part that cannot run here keeps none of the others from running. */
export async function runParts(
  parts: readonly { readonly title: string; readonly run: () => Promise<Outcome> }[],
): Promise<Outcome> {
  let outcome = emptyOutcome;
  for (const part of parts) outcome = addOutcomes(outcome, await runPart(part.title, part.run));
  return outcome;
}

/** Turns what a part throws into an outcome. */
export async function runPart(title: string, run: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof NotRunnableHere) {
      return { passed: 0, failures: [], notRun: [{ what: title, reason: error.reason, remedy: error.remedy }] };
    }
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { passed: 0, failures: [{ test: title, message }], notRun: [] };
  }
}
