/** The variables that tell the tests what to test with, besides those of kubectl and of the suite aws. */
export const helmVariable = 'CCM_TS_E2E_HELM';
