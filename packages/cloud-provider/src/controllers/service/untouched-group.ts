import { intentsIn } from '../../cloud/create-intent.ts';
import { adoptedIDs } from '../../cloud/service-directives.ts';
import { groupAnnotation } from './group-record.ts';
import type { Pass } from './group-pass.ts';
import { type ServiceWorkspace, hasFinalizer, memberOf } from './service-workspace.ts';

/** The Service is not as it was when nothing could have been made for it: what there is has to be read. */
export class ServiceTouchedError extends Error {
  override readonly name = 'ServiceTouchedError';
  readonly code = 'ServiceTouched';

  constructor(service: string) {
    super(`${service} was changed before it had the finalizer`);
  }
}

/**
 * The state of a group for which nothing can have been made, by this process or any other: its only Service bears no
 * finalizer, and nothing is written to a cloud before one is on it. It holds for one version of the Service alone, so the
 * finalizer must be put onto that version; a cache that lags behind is found out by this. Undefined when the group has to be read.
 */
export function untouchedState(
  workspace: ServiceWorkspace,
  { cause, group, memberships }: Pass,
): { readonly observed: unknown; readonly version: string } | undefined {
  const { kind, key } = group;
  const [membership, ...others] = memberships;
  if (!kind.untouched || cause !== 'changes' || membership?.wish !== 'present' || others.length > 0) return undefined;
  const { member } = membership;
  const { metadata, status } = member.service;
  const isUntouched =
    key === `service/${member.uid}` &&
    member.presence === 'present' &&
    metadata.deletionTimestamp === '' &&
    status.loadBalancer.ingress.length === 0 &&
    metadata.annotations[groupAnnotation] === undefined &&
    intentsIn(metadata.annotations).length === 0 &&
    adoptedIDs(member.service).size === 0 &&
    !hasFinalizer(workspace, member.service) &&
    !workspace.publisher.hasWritten(member.uid);
  if (!isUntouched) return undefined;
  return { observed: kind.untouched(key, memberOf(workspace, member)), version: metadata.resourceVersion };
}
