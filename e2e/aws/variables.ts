/** The variables that tell the tests what to test with, besides those of kubectl. */
export const motoVariable = 'CCM_TS_E2E_MOTO';
export const proxyVariable = 'CCM_TS_E2E_AWS_PROXY';
export const logVariable = 'CCM_TS_E2E_AWS_LOG';
export const executableVariable = 'CCM_TS_E2E_AWS_EXECUTABLE';
export const ecrExecutableVariable = 'CCM_TS_E2E_AWS_ECR_EXECUTABLE';

export function required(environment: NodeJS.ProcessEnv, variable: string): string {
  const value = environment[variable];
  if (!value) throw new Error(`${variable} must be set`);
  return value;
}
