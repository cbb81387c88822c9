import type { Service } from '../../api/service.ts';
import type { CloudProvider } from '../../cloud/cloud-provider.ts';
import { type LintFinding, lintService } from '../lint/lint-command.ts';
import type { Session } from '../session/session.ts';

/** Which Services the manager serves, as its flags and its provider say. */
export function servedBy(session: Session, { loadBalancers = [] }: CloudProvider) {
  const { flags } = session.invocation;
  const unnamed: 'ours' | 'others' = flags['default-load-balancer-class'] ? 'ours' : 'others';
  return {
    settings: { classes: flags['load-balancer-class'], unnamed },
    kinds: loadBalancers.map(({ name }) => name),
  };
}

/** What is to be said about the annotations of a Service. */
export function lintFindingsOf(session: Session, service: Service): readonly LintFinding[] {
  return lintService(service, session.invocation.program.factory.annotations);
}
