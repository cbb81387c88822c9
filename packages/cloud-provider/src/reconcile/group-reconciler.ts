import { Duration } from '../base/duration.ts';
import { CloudError, toCloudError } from '../cloud/cloud-error.ts';
import { needsJournal } from '../cloud/create-intent.ts';
import { type GuardPolicy, type GuardRefusal, guardOperation } from '../cloud/guard.ts';
import type {
  AsyncHandle,
  ItemKey,
  Operation,
  OperationOutputs,
  OperationResult,
  ResourceKey,
} from '../cloud/operation.ts';
import { describeOperation } from '../cloud/operation.ts';
import type { Plan } from '../cloud/plan.ts';
import type { MetricRegistry } from '../telemetry/metrics.ts';
import type { Journal } from './journal.ts';
import type { OperationLog, OperationPhase } from './operation-log.ts';

/**
 * A plan that finds new work each time its operations are done never ends; a provider's longest honest chain (create, then
 * what needs the id, then what needs that) is far shorter than this.
 */
const maxRounds = 8;

/** What was written down is struck out only after a look that follows the last write by so much. */
const lookAfterJournaled = Duration.seconds(2);

/** The four questions that a provider answers about one group. `plan` and `fold` are pure. */
export interface GroupPort<Observed, Op extends Operation> {
  /** Reads the group from the cloud, now. */
  observe(): Promise<Observed>;
  plan(observed: Observed): Plan<Op>;
  apply(operation: Op, observed: Observed): Promise<OperationResult>;
  fold(observed: Observed, operation: Op, outputs: OperationOutputs): Observed;
}

export interface GroupPass<Observed, Op extends Operation> {
  /** The name of the group in the operation log. */
  readonly group: ResourceKey;
  readonly port: GroupPort<Observed, Op>;
  /** A state that may still hold, to plan from without reading; it is read when the cloud disagrees. */
  readonly known?: { readonly observed: Observed };
  readonly policy: GuardPolicy;
  readonly log: OperationLog;
  readonly metrics: MetricRegistry;
  readonly signal: AbortSignal;
  /**
   * `goOn` when operations don't build on one another: one that fails keeps none of the others from being done, except for
   * those that the same obstacle would meet. The outcome is `failed` all the same, with everything that failed.
   * @default stop
   */
  readonly onFailure?: 'stop' | 'goOn';
  /**
   * Called once, before the first write of the pass and after the guard let the plan through: the place to record that
   * something will be there. What it throws ends the pass, with nothing written.
   */
  readonly beforeWrites?: (operations: readonly Op[]) => Promise<void>;
  /**
   * Called right before each operation that deletes: the place to look whether it is still wished. What it throws ends the
   * pass, and the deletion is not sent.
   */
  readonly beforeDeletion?: (operation: Op) => void;
  /**
   * Where creates are written down that can't be found again otherwise. What it throws ends the pass, and the create is not
   * sent. @default such creates fail
   */
  readonly journal?: Journal;
}

export interface RefusedOperation<Op> {
  readonly operation: Op;
  readonly refusal: GuardRefusal;
}

/** An operation that was not done, or not wholly. */
export interface FailedOperation<Op> {
  readonly operation: Op;
  readonly error: CloudError;
  /** The items of it that failed, when the others were done. */
  readonly items?: ReadonlyMap<ItemKey, CloudError>;
}

/** What a pass came to. `written` counts the operations that were done or accepted. */
export type GroupOutcome<Observed, Op> = { readonly written: number } & (
  | { readonly kind: 'converged'; readonly observed: Observed }
  | {
      readonly kind: 'settling';
      readonly observed: Observed;
      readonly on: ResourceKey;
      readonly after: Duration;
      readonly handle?: AsyncHandle;
    }
  | { readonly kind: 'blocked'; readonly observed: Observed; readonly by: ResourceKey; readonly reason: string }
  | { readonly kind: 'refused'; readonly observed: Observed; readonly refused: readonly RefusedOperation<Op>[] }
  /** The next pass must begin by reading: whether `operation` was done may be unknown. */
  | {
      readonly kind: 'failed';
      /** The first one. */
      readonly error: CloudError;
      readonly operation?: Op;
      /** All of them, when the pass was to go on. */
      readonly failures?: readonly FailedOperation<Op>[];
    }
);

/**
 * Brings one group to what is planned for it: observe → plan → guard → apply, each result folded into the observed state,
 * until the plan is empty. Every write to a cloud goes through here.
 *
 * The caller makes sure that one group is in one pass at a time.
 *
 * @throws the signal's reason when it is aborted, and whatever `beforeWrites` and `beforeDeletion` throw; failures of the cloud and of the
 * provider are outcomes
 */
export async function reconcileGroup<Observed, Op extends Operation>(
  pass: GroupPass<Observed, Op>,
): Promise<GroupOutcome<Observed, Op>> {
  const progress: Progress = { written: 0, isAnnounced: false };
  const { known } = pass;
  if (known) {
    const outcome = await run(pass, progress, () => Promise.resolve(known));
    if (outcome.kind !== 'failed') return outcome;
    const errors = outcome.failures?.map((failure) => failure.error) ?? [outcome.error];
    if (!errors.some(mayBeStale)) return outcome;
  }
  return run(pass, progress, async () => ({ observed: await pass.port.observe() }));
}

interface Progress {
  written: number;
  isAnnounced: boolean;
  /** What `beforeWrites`, `beforeDeletion` or the journal threw: a failure of the cluster, not of the cloud. */
  clusterFailure?: Error;
}

/** Errors that a state which no longer holds explains. */
function mayBeStale(error: CloudError): boolean {
  return error.code === 'NotFound' || error.code === 'Conflict' || error.code === 'Invalid';
}

async function run<Observed, Op extends Operation>(
  pass: GroupPass<Observed, Op>,
  progress: Progress,
  observe: () => Promise<{ readonly observed: Observed }>,
): Promise<GroupOutcome<Observed, Op>> {
  const { port, signal } = pass;
  try {
    let { observed } = await observe();
    for (let round = 1; round <= maxRounds; round++) {
      signal.throwIfAborted();
      const plan = port.plan(observed);
      if (plan.operations.length === 0) return await finish(pass, progress, { plan, observed });
      const refused = judge(pass, plan.operations);
      if (refused.length > 0) return { kind: 'refused', observed, refused, written: progress.written };
      await announce(pass, progress, plan.operations);
      const applied = await applyAll({ pass, progress, operations: plan.operations, observed });
      if (applied.kind === 'stop') return applied.outcome;
      observed = applied.observed;
    }
    throw new CloudError('Unknown', `the plan was not empty after ${maxRounds} rounds`);
  } catch (error) {
    if (progress.clusterFailure) throw progress.clusterFailure;
    signal.throwIfAborted();
    return { kind: 'failed', error: toCloudError(error), written: progress.written };
  }
}

async function finish<Observed, Op extends Operation>(
  pass: GroupPass<Observed, Op>,
  progress: Progress,
  end: { readonly plan: Plan<Op>; readonly observed: Observed },
): Promise<GroupOutcome<Observed, Op>> {
  const { written } = progress;
  const { observed } = end;
  const { next } = end.plan;
  switch (next.kind) {
    case 'converged':
      if (pass.journal?.isOpen() === true) {
        // What was folded was not seen: if it is lost now, only the journal leads back to it.
        if (written > 0) return { kind: 'settling', observed, on: pass.group, after: lookAfterJournaled, written };
        await inCluster(progress, () => pass.journal?.close());
      }
      return { kind: 'converged', observed, written };
    case 'settling':
      return { ...next, observed, written };
    case 'blocked':
      return { ...next, observed, written };
  }
}

/** All operations are judged before any is done: half of a plan may be worse than none of it. */
function judge<Observed, Op extends Operation>(
  pass: GroupPass<Observed, Op>,
  operations: readonly Op[],
): readonly RefusedOperation<Op>[] {
  const refused: RefusedOperation<Op>[] = [];
  for (const operation of operations) {
    record(pass, operation, 'planned');
    const refusal = guardOperation(operation, pass.policy);
    if (!refusal) continue;
    record(pass, operation, 'refused', refusal.message);
    refused.push({ operation, refusal });
  }
  return refused;
}

async function announce<Observed, Op extends Operation>(
  pass: GroupPass<Observed, Op>,
  progress: Progress,
  operations: readonly Op[],
): Promise<void> {
  if (progress.isAnnounced) return;
  await inCluster(progress, () => pass.beforeWrites?.(operations));
  progress.isAnnounced = true;
}

/** Keeps failures of the cluster apart from those of the cloud. */
async function inCluster<Result>(
  progress: Progress,
  work: () => Promise<Result> | undefined,
): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    progress.clusterFailure = error instanceof Error ? error : new Error('the pass was ended', { cause: error });
    throw progress.clusterFailure;
  }
}

/** The operation as it is applied: a create that nothing would lead back to is written down first. */
async function writeDown<Observed, Op extends Operation>(
  pass: GroupPass<Observed, Op>,
  progress: Progress,
  operation: Op,
): Promise<Op> {
  if (!needsJournal(operation)) return operation;
  const { journal } = pass;
  if (!journal) {
    throw new CloudError('Invalid', `${describeOperation(operation)}: there is no journal to write it down in before`);
  }
  const intent = await inCluster(progress, () => journal.open(operation));
  return intent ? { ...operation, intent } : operation;
}

type Applied<Observed, Op> =
  | { readonly kind: 'goOn'; readonly observed: Observed }
  | { readonly kind: 'stop'; readonly outcome: GroupOutcome<Observed, Op> };

async function applyAll<Observed, Op extends Operation>(work: {
  readonly pass: GroupPass<Observed, Op>;
  readonly progress: Progress;
  readonly operations: readonly Op[];
  readonly observed: Observed;
}): Promise<Applied<Observed, Op>> {
  const { pass, progress, operations } = work;
  let { observed } = work;
  const failures: FailedOperation<Op>[] = [];
  const stop = ({ error, operation }: FailedOperation<Op>): Applied<Observed, Op> => {
    const all = pass.onFailure === 'goOn' ? { failures } : {};
    return { kind: 'stop', outcome: { kind: 'failed', error, operation, ...all, written: progress.written } };
  };
  for (const operation of operations) {
    pass.signal.throwIfAborted();
    if (failures.some((failure) => isInTheWayOf(failure, operation))) continue;
    let ready = operation;
    let result: OperationResult;
    try {
      ready = await writeDown(pass, progress, operation);
      pass.signal.throwIfAborted();
      if (operation.verb === 'delete') await inCluster(progress, async () => pass.beforeDeletion?.(operation));
      result = await pass.port.apply(ready, observed);
    } catch (thrown) {
      if (progress.clusterFailure) throw progress.clusterFailure;
      const error = toCloudError(thrown);
      record(pass, operation, 'failed', error.message);
      pass.signal.throwIfAborted();
      failures.push({ operation, error });
      if (pass.onFailure !== 'goOn' || isCloudDown(failures)) break;
      continue;
    }
    progress.written++;
    if (result.kind === 'pending') {
      record(pass, operation, 'pending');
      const { handle, after } = result;
      const on = operation.locks[0] ?? `${operation.object.kind}/${operation.object.name}`;
      return { kind: 'stop', outcome: { kind: 'settling', observed, on, after, handle, written: progress.written } };
    }
    const [failedItem] = result.failed ?? [];
    if (failedItem) {
      const [item, error] = failedItem;
      const message = `${result.failed?.size ?? 1} failed, first ${item}: ${error.message}`;
      record(pass, operation, 'failed', message);
      failures.push({
        operation,
        error: new CloudError(error.code, message, error.details),
        ...(result.failed && { items: result.failed }),
      });
      if (pass.onFailure !== 'goOn') break;
      continue;
    }
    record(pass, operation, 'applied');
    observed = pass.port.fold(observed, ready, result.outputs);
  }
  const [first] = failures;
  return first ? stop(first) : { kind: 'goOn', observed };
}

/** Whether what made one operation fail would make the other fail too. */
function isInTheWayOf(failure: FailedOperation<Operation>, operation: Operation): boolean {
  switch (failure.error.code) {
    case 'Throttled':
    case 'Denied':
    case 'Quota':
      return failure.operation.permission === operation.permission;
    case 'NotFound':
    case 'Conflict':
    case 'Invalid':
    case 'Unavailable':
    case 'Unknown':
      return false;
  }
}

/** So many operations that were not answered, one after the other, are not the operations' fault. */
const unansweredLimit = 5;

function isCloudDown(failures: readonly FailedOperation<unknown>[]): boolean {
  const latest = failures.slice(-unansweredLimit);
  return latest.length === unansweredLimit && latest.every(({ error }) => error.code === 'Unavailable');
}

function record<Observed, Op extends Operation>(
  pass: GroupPass<Observed, Op>,
  operation: Op,
  phase: OperationPhase,
  message?: string,
): void {
  pass.log.record(pass.group, operation, { phase, ...(message === undefined ? {} : { message }) });
  if (phase === 'planned') return;
  pass.metrics
    .counter('ccm_cloud_operations_total', { verb: operation.verb, object: operation.object.kind, outcome: phase })
    .increment();
}
