import type { Service } from '../../api/service.ts';
import { type ItemBackoff, itemBackoff } from '../../base/backoff.ts';
import { CloudError, toCloudError } from '../../cloud/cloud-error.ts';
import { isProtected } from '../../cloud/service-directives.ts';
import { type ApiError, isApiError } from '../../kube/client/api-error.ts';
import type { ReconcileResult } from '../../kube/work-queue/run-workers.ts';
import type { OperationLog } from '../../reconcile/operation-log.ts';
import { groupAnnotation } from './group-record.ts';
import { loadBalancerConditions, troubled } from './load-balancer-condition.ts';
import type { MemberState } from './member-state.ts';
import { isToBeOrphaned, orphanService } from './orphan-service.ts';
import { defectIn } from '../../cloud/provider-defect.ts';
import { publishTrouble } from './publish-result.ts';
import { defectLimits, patience, retryLimits } from './retry-limits.ts';
import { decideIntent, inputsFingerprint } from './service-intent.ts';
import { handOver, lookAgain } from './service-handover.ts';
import { type Leaving, ServicePlacement } from './service-placement.ts';
import { type ServiceWorkspace, finalizersOf, hasFinalizer, report, schedule } from './service-workspace.ts';

export interface ServiceResolverOptions {
  readonly operations: OperationLog;
}

/**
 * Decides for one Service whether it is to have a load balancer and of which kind, and has it placed there. A Service that
 * leaves all kinds is released: its finalizer falls.
 */
export class ServiceResolver {
  readonly #workspace: ServiceWorkspace;
  readonly #options: ServiceResolverOptions;
  readonly #placement: ServicePlacement;
  readonly #backoff: ItemBackoff<string> = itemBackoff(retryLimits);
  readonly #defectBackoff: ItemBackoff<string> = itemBackoff(defectLimits);

  constructor(workspace: ServiceWorkspace, options: ServiceResolverOptions) {
    this.#workspace = workspace;
    this.#options = options;
    this.#placement = new ServicePlacement(workspace);
  }

  /** Looks at whatever has or had the name. */
  async resolve(key: string, signal: AbortSignal): Promise<ReconcileResult> {
    const { members, store } = this.#workspace;
    const service = store.get(key);
    for (const member of members.ofKey(key)) {
      if (member.uid !== service?.metadata.uid) this.#vanish(member);
    }
    if (service) this.#learn(service);
    let result: ReconcileResult = { kind: 'done' };
    for (const member of members.ofKey(key)) {
      const next = await this.#advance(member, signal);
      if (next.kind === 'done') continue;
      if (result.kind === 'done' || result.after.isLongerThan(next.after)) result = next;
    }
    if (result.kind === 'done') {
      this.#backoff.forget(key);
      this.#defectBackoff.forget(key);
    }
    return result;
  }

  /** A Service went. Its last state serves for removing what was made for it, if it had no time to wait for that. */
  onDelete(last: Service): void {
    const { members, publisher } = this.#workspace;
    const { uid } = last.metadata;
    if (members.get(uid)) return;
    const mayHaveLeftSomething =
      this.#workspace.isManaged(last) &&
      this.#isClaimed(last) &&
      (hasFinalizer(this.#workspace, last) || last.status.loadBalancer.ingress.length > 0);
    if (mayHaveLeftSomething && !publisher.hasWritten(uid)) this.#vanish(this.#add(last, 'gone'));
    publisher.forget(uid);
  }

  #add(service: Service, intent: MemberState['intent']): MemberState {
    return this.#workspace.members.add(service, intent, this.#workspace.clock.now().toISOString());
  }

  #vanish(member: MemberState): void {
    member.presence = 'vanished';
    member.intent = 'gone';
  }

  #learn(service: Service): void {
    const { classes, kinds, members, publisher } = this.#workspace;
    // What we know already is newer, or the Service was just released and the cache has yet to hear of it.
    if (publisher.isOutdated(service)) return;
    const known = members.get(service.metadata.uid);
    if (!this.#workspace.isManaged(service)) {
      if (known) handOver(this.#workspace, known);
      return;
    }
    const intent = decideIntent(service, {
      classes,
      finalizers: finalizersOf(kinds),
      memory: known ? 'known' : 'unknown',
    });
    if (known) {
      const isProtectionMoved = isProtected(known.service) !== isProtected(service);
      const own = known.result.annotations ?? {};
      const isEdited = inputsFingerprint(known.service, own) !== inputsFingerprint(service, own);
      known.service = service;
      known.presence = 'present';
      if (intent !== 'ignored') known.intent = intent;
      // Who edits a Service that can't go may have mended what is in the way.
      if (isProtectionMoved || (isEdited && known.intent === 'gone')) lookAgain(this.#workspace, known);
      return;
    }
    if (intent === 'ignored') return;
    // Another controller may serve what no kind claims.
    if (intent === 'wanted' && !this.#isClaimed(service) && !hasFinalizer(this.#workspace, service)) return;
    this.#add(service, intent);
  }

  /** A kind that can't even say is taken to claim: the defect is told when the Service is placed. */
  #isClaimed(service: Service): boolean {
    return this.#workspace.kinds.some((kind) => {
      try {
        return kind.claims(service);
      } catch {
        return true;
      }
    });
  }

  async #advance(member: MemberState, signal: AbortSignal): Promise<ReconcileResult> {
    try {
      if (isToBeOrphaned(member)) {
        await orphanService(this.#workspace, { member, operations: this.#options.operations, signal });
        await this.#release(member, signal);
        return { kind: 'done' };
      }
      return await this.#settle(member, signal);
    } catch (thrown) {
      signal.throwIfAborted();
      return await this.#failed(member, isApiError(thrown) ? thrown : toCloudError(thrown), signal);
    }
  }

  async #settle(member: MemberState, signal: AbortSignal): Promise<ReconcileResult> {
    const { kinds } = this.#workspace;
    const version = member.service.metadata.resourceVersion;
    const owner = member.intent === 'wanted' ? kinds.find((kind) => kind.claims(member.service)) : undefined;
    const leavings: Leaving[] = [];
    const silent: string[] = [];
    for (const kind of kinds) {
      if (kind === owner) continue;
      const leaving = await this.#placement.leave(member, kind, signal);
      leavings.push(leaving);
      if (leaving === 'unknown') silent.push(kind.name);
    }
    if (silent.length > 0) return this.#waitForTraces(member, silent, signal);
    if (leavings.includes('leaving')) {
      member.judged = version;
      return { kind: 'done' };
    }
    if (owner) await this.#placement.join(member, owner, signal);
    // What is wanted and claimed by nobody is left as it is: another controller may serve it.
    else if (member.intent === 'gone') await this.#conclude(member, signal);
    member.judged = version;
    return { kind: 'done' };
  }

  /** No kind has anything for the Service any more. */
  async #conclude(member: MemberState, signal: AbortSignal): Promise<void> {
    const { announcer, logger } = this.#workspace;
    const wasOurs = hasFinalizer(this.#workspace, member.service) || member.announced === 'deleting';
    await this.#release(member, signal);
    if (!wasOurs) return;
    announcer.deleted(member);
    logger.info('Load balancer deleted', { service: member.key });
  }

  /** From now on the Service is no concern of ours. */
  async #release(member: MemberState, signal: AbortSignal): Promise<void> {
    const { kinds, members, publisher, store } = this.#workspace;
    if (member.presence === 'present') {
      const isDeleting = member.service.metadata.deletionTimestamp !== '';
      const traces = {
        loadBalancer: { ingress: [] },
        removeAnnotations: [groupAnnotation],
        removeConditions: Object.values(loadBalancerConditions),
      };
      const writes = { removeFinalizers: [...finalizersOf(kinds)], ...(isDeleting ? {} : traces) };
      await publisher.write(member, writes, signal);
    }
    members.remove(member);
    if (store.get(member.key)?.metadata.uid !== member.uid) publisher.forget(member.uid);
  }

  async #waitForTraces(member: MemberState, kinds: readonly string[], signal: AbortSignal): Promise<ReconcileResult> {
    const message = `it is not known whether a load balancer of another kind is still there for this Service: the cloud does not tell of ${kinds.join(' and ')}`;
    this.#workspace.announcer.warnOnce(member, 'SyncLoadBalancerFailed', `Error syncing load balancer: ${message}`);
    const after = this.#backoff.next(member.key);
    report(this.#workspace, member, { state: 'blocked', reason: 'TracesUnknown', message });
    schedule(this.#workspace, member, after);
    if (this.#backoff.failures(member.key) >= patience) {
      const conditions = [troubled('programmed', 'TracesUnknown', message)];
      await publishTrouble(this.#workspace, { member, conditions, signal });
    }
    return { kind: 'requeueAfter', after, reason: 'TracesUnknown' };
  }

  async #failed(member: MemberState, error: ApiError | CloudError, signal: AbortSignal): Promise<ReconcileResult> {
    const { announcer, logger } = this.#workspace;
    const { key } = member;
    const defect = defectIn(error);
    const after = (defect ? this.#defectBackoff : this.#backoff).next(key);
    announcer.failed(member, member.intent === 'wanted' ? 'ensure' : 'delete', error.message);
    report(this.#workspace, member, { state: 'failed', reason: defect?.code ?? error.code, message: error.message });
    schedule(this.#workspace, member, after);
    logger[defect ? 'error' : 'warn']('Service could not be placed', { service: key, err: error });
    const isLasting = defect !== undefined || (error instanceof CloudError && !error.isRetriable);
    if (isLasting || this.#backoff.failures(key) >= patience) {
      const conditions = [troubled('programmed', defect?.code ?? `Cloud${error.code}`, error.message)];
      await publishTrouble(this.#workspace, { member, conditions, signal });
    }
    return { kind: 'requeueAfter', after, reason: error.message };
  }
}
