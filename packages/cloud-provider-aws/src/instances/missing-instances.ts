import { type CallContext, CloudError, type Evidence, toCloudError } from '@ccm-ts/cloud-provider';
import type { Ec2Port } from '../client/ec2-port.ts';
import { isWellFormedInstanceID } from '../provider-id.ts';
import type { Verdict } from './verdict.ts';

/**
 * So many ids are asked for one by one when EC2's answer does not say which of them it does not know; the others stay unknown
 * until the next time.
 */
const mostSingleLookups = 10;

/**
 * Finds out about instances that were missing from a filtered answer. A filtered answer proves nothing, because it may lag
 * behind; only EC2 saying `InvalidInstanceID.NotFound` to the very id does. One id that is gone must not cost a request for
 * each of the others: EC2 names those that it does not know, and the rest is asked for once more together.
 */
export async function judgeMissingInstances(
  ids: readonly string[],
  ec2: Ec2Port,
  call: CallContext,
): Promise<ReadonlyMap<string, Verdict>> {
  const verdicts = new Map<string, Verdict>();
  const wellFormed = ids.filter(isWellFormedInstanceID);
  for (const id of ids) {
    if (wellFormed.includes(id)) continue;
    const reason = new CloudError('Invalid', `${id} is not an id that EC2 could have given`, { field: 'providerID' });
    verdicts.set(id, { kind: 'unknown', reason });
  }
  await judge(wellFormed, 'together');
  return verdicts;

  async function judge(asked: readonly string[], round: 'together' | 'rest'): Promise<void> {
    if (asked.length === 0) return;
    try {
      const { value, requestID } = await ec2.getInstances(asked, call);
      for (const id of asked) {
        const instance = value.find((candidate) => candidate.id === id);
        if (instance !== undefined) verdicts.set(id, { kind: 'found', instance, requestID });
      }
    } catch (error) {
      const reason = toCloudError(error);
      const named = asked.length === 1 ? asked : asked.filter((id) => namesID(reason.message, id));
      if (reason.code !== 'NotFound') {
        for (const id of asked) verdicts.set(id, { kind: 'unknown', reason });
        return;
      }
      for (const id of named) verdicts.set(id, { kind: 'absent', evidence: notFoundEvidence(reason) });
      const rest = asked.filter((id) => !named.includes(id));
      if (named.length > 0 && round === 'together') {
        await judge(rest, 'rest');
        return;
      }
      for (const id of rest.slice(0, mostSingleLookups)) await judge([id], 'rest');
      for (const id of rest.slice(mostSingleLookups)) verdicts.set(id, { kind: 'unknown', reason });
    }
  }
}

/** Whether EC2's message names this very id, and not one that merely begins alike. */
export function namesID(message: string, id: string): boolean {
  const at = message.indexOf(id);
  return at >= 0 && !/[0-9a-f]/.test(message.charAt(at + id.length));
}

function notFoundEvidence(error: CloudError): Evidence {
  return {
    statement: error.details.cloudCode ?? error.message,
    operation: error.details.operation ?? 'DescribeInstances',
    requestId: error.details.requestId ?? '',
  };
}
