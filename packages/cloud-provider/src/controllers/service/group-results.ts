import type { LoadBalancerStatus } from '../../api/service.ts';
import { asError } from '../../base/as-error.ts';
import { type Pass, servedBy } from './group-pass.ts';
import { type GroupState, soil } from './group-state.ts';
import { troubled } from './load-balancer-condition.ts';
import type { MemberState } from './member-state.ts';
import { type ProviderDefectError, defectIn } from '../../cloud/provider-defect.ts';
import { publishResult, publishTrouble } from './publish-result.ts';
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
      await publishResult(workspace, { member, group, signal, remarks: pass.wishes.remarks.get(member.uid) ?? [] });
      report(workspace, member, { state: 'converged', plan: [] });
      announcer.ensured(member);
    } catch (thrown) {
      signal.throwIfAborted();
      const error = asError(thrown);
      const defect = defectIn(error);
      if (defect) {
        await tellDefect(workspace, { member, defect, signal });
        continue;
      }
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
    const status = statusOf(workspace, group, { member, observed });
    if (!status || status.ingress.length === 0) continue;
    await workspace.publisher.write(member, { loadBalancer: status }, signal);
  }
}

/** A kind that can't say is asked again when the cloud is done, and its defect told then. */
function statusOf(
  workspace: ServiceWorkspace,
  group: GroupState,
  seen: { readonly member: MemberState; readonly observed: unknown },
): LoadBalancerStatus | undefined {
  try {
    return group.kind.result(seen.observed, memberOf(workspace, seen.member)).status;
  } catch (error) {
    if (defectIn(asError(error))) return undefined;
    throw error;
  }
}

/** The load balancer is there, and its kind can't say what to tell the Service: nothing to be tried before the next look. */
async function tellDefect(
  workspace: ServiceWorkspace,
  told: { readonly member: MemberState; readonly defect: ProviderDefectError; readonly signal: AbortSignal },
): Promise<void> {
  const { member, defect, signal } = told;
  const { code, message } = defect;
  workspace.logger.error('A defect of the provider', { service: member.key, err: defect });
  workspace.announcer.warnOnce(member, 'SyncLoadBalancerFailed', `Error syncing load balancer: ${message}`);
  report(workspace, member, { state: 'failed', reason: code, message });
  await publishTrouble(workspace, { member, conditions: [troubled('programmed', code, message)], signal });
}
