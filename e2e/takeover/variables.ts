/** The variables that tell the tests what to test with. */
export const programsVariable = 'CCM_TS_E2E_PROGRAMS';

/** Paths of what the tests start. */
export interface TakeoverPrograms {
  /** Our manager's bundle. */
  readonly ours: string;
  /** The Go framework's manager. */
  readonly go: string;
  readonly cloudsim: string;
}

export function readPrograms(environment: NodeJS.ProcessEnv): TakeoverPrograms {
  const text = environment[programsVariable];
  if (!text) throw new Error(`${programsVariable} must be set`);
  return JSON.parse(text) as TakeoverPrograms;
}
