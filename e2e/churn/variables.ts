/** The variables that tell the tests what to test with. */
export const apiServerVariable = 'CCM_TS_E2E_API_SERVER';
export const programVariable = 'CCM_TS_E2E_PROGRAM';
export const secondsVariable = 'CCM_TS_E2E_SECONDS';
/** A file that the outcome is written to. */
export const resultVariable = 'CCM_TS_E2E_RESULT';

/** The API server as the tests need to know it. */
export interface ApiServerUnderTest {
  readonly url: string;
  readonly certificateAuthority: string;
  readonly token: string;
  readonly pid: number;
}

export function readApiServer(environment: NodeJS.ProcessEnv): ApiServerUnderTest {
  const text = environment[apiServerVariable];
  if (!text) throw new Error(`${apiServerVariable} must be set`);
  return JSON.parse(text) as ApiServerUnderTest;
}

export function readProgram(environment: NodeJS.ProcessEnv): string {
  const path = environment[programVariable];
  if (!path) throw new Error(`${programVariable} must be set`);
  return path;
}
