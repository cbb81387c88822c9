import type { CaseOutcome } from './report.ts';
import type { ConformanceSubject } from './subject.ts';

export const permissionTitle = 'permissions: all that are declared are used, and no others';

/**
 * Compares the operations that all cases together sent with the permissions that the provider declares: too few and users
 * meet refusals, too many and their policy is wider than it has to be.
 */
export function judgePermissions(subject: ConformanceSubject, used: ReadonlySet<string>): CaseOutcome {
  const { permissions, unseenPermissions = {} } = subject;
  const undeclared = [...used].filter((operation) => !Object.hasOwn(permissions, operation));
  const needed = new Set([...used].map((operation) => permissions[operation]));
  const unused = [...new Set(Object.values(permissions))].filter(
    (permission) => !needed.has(permission) && !Object.hasOwn(unseenPermissions, permission),
  );
  const problems = [
    ...undeclared.map((operation) => `${operation} is sent and its permission is not declared`),
    ...unused.map((permission) => `${permission} is declared and nothing uses it`),
  ];
  return problems.length === 0 ? { kind: 'passed' } : { kind: 'failed', message: problems.join('; ') };
}
