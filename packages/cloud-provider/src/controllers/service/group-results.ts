import { asError } from '../../base/as-error.ts';
import { type Pass, servedBy } from './group-pass.ts';
import { soil } from './group-state.ts';
import { publishResult } from './publish-result.ts';
import { type ServiceWorkspace, memberOf, report } from './service-workspace.ts';

/** The cloud is as it should be, and the cluster could not be told. */
export class NotToldError extends Error {
  override readonly name = 'NotToldError';
  readonly code = 'NotTold';
}

/**
 * Tells each Service of the pass what the cloud has for it.
 *
 * @throws NotToldError for the first failure, after all were tried
 */
export async function publishAll(workspace: ServiceWorkspace, pass: Pass, observed: unknown): Promise<void> {
  const { group, signal } = pass;
  const { announcer } = workspace;
  let failure: Error | undefined;
  for (const { member, wish } of servedBy(pass)) {
    if (wish === 'gone') continue;
    try {
      member.result = group.kind.result(observed, memberOf(workspace, member));
      await publishResult(workspace, { member, group, signal });
      report(workspace, member, { state: 'converged', plan: [] });
      announcer.ensured(member);
    } catch (thrown) {
      signal.throwIfAborted();
      const error = asError(thrown);
      failure ??= error;
      announcer.failed(member, 'ensure', error.message);
      report(workspace, member, { state: 'failed', reason: 'StatusNotWritten', message: error.message });
    }
  }
  if (!failure) return;
  // The cloud is as it should be: the next pass only has to write onto Services.
  soil(group, 'backends');
  throw new NotToldError(failure.message, { cause: failure });
}

/** An address that is known already is told while the cloud is still busy; nothing is taken back. */
export async function publishEarly(workspace: ServiceWorkspace, pass: Pass, observed: unknown): Promise<void> {
  const { group, signal } = pass;
  for (const { member, wish } of servedBy(pass)) {
    if (wish === 'gone') continue;
    const { status } = group.kind.result(observed, memberOf(workspace, member));
    if (!status || status.ingress.length === 0) continue;
    await workspace.publisher.write(member, { loadBalancer: status }, signal);
  }
}
