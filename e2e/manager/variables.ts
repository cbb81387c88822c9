/** The variable that tells the tests where the API server writes its audit log. */
export const auditLogVariable = 'CCM_TS_E2E_AUDIT_LOG';
