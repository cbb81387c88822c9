/** The variable that tells the tests where the bundle of the manager is. */
const programVariable = 'CCM_TS_E2E_PROGRAM';

/** For the environment of the tests. */
export function programEnvironment(path: string): Readonly<Record<string, string>> {
  return { [programVariable]: path };
}

/** The bundle of the manager with the memory cloud. */
export function readProgram(environment: NodeJS.ProcessEnv): string {
  const path = environment[programVariable];
  if (!path) throw new Error(`${programVariable} must be set`);
  return path;
}
