import type { Event } from '../../api/event.ts';
import { CloudError } from '../../cloud/cloud-error.ts';
import { describeCloudError, nextForCloud, oneLine } from '../command-failure.ts';
import type { CheckResult } from '../doctor/check-result.ts';
import type { RecordedAnswers } from '../planning/cloud-answers.ts';
import type { PlannedObject } from '../planning/cluster-plan.ts';

/** What is known beside the plan of an object. */
export interface Circumstances {
  /** Events about it, the latest first. */
  readonly told: readonly Event[];
  /** What the cloud answered instead of an answer. */
  readonly trouble: CloudError | undefined;
  /** Whether a manager is at work; asked for when something is to be written. */
  readonly manager: readonly CheckResult[];
}

/** Why a Service is as it is, in a line that begins with the cause and ends with what to do. Pure. */
export function serviceStanding(
  object: PlannedObject,
  addresses: readonly string[],
  circumstances: Circumstances,
): string {
  return object.state === 'converged'
    ? `as it should be, reached at ${addresses.join(', ') || 'no address'}`
    : troubled(object, circumstances);
}

/** Why a Node is as it is. Pure. */
export function nodeStanding(object: PlannedObject, circumstances: Circumstances): string {
  if (object.state === 'converged') return 'as its machine is';
  const isGoing = object.steps.some(({ kind, verb }) => kind === 'Node' && verb === 'delete');
  if (isGoing) return `it is about to be deleted: ${object.message}`;
  return troubled(object, circumstances);
}

function troubled(object: PlannedObject, { manager, told, trouble }: Circumstances): string {
  const { message, reason, state, steps } = object;
  const why = [reason, message].filter((text) => text !== '').join(': ');
  switch (state) {
    case 'converged':
      return 'as it should be';
    case 'change': {
      const writes = `${steps.length} ${steps.length === 1 ? 'write is' : 'writes are'} due: ${why}`;
      return `${writes}; ${lastTry(told) ?? whoWrites(manager)}`;
    }
    case 'waiting':
      return `waiting, nothing needs to be done: ${why}`;
    case 'blocked':
      return `blocked: ${why}`;
    case 'refused':
      return `refused: ${why}${whatNow(reason)}`;
    case 'unknown':
      return trouble
        ? `not known: ${describeCloudError(trouble)} — ${nextForCloud(trouble)}`
        : `not known, because the cloud did not answer: ${why}`;
  }
}

/** What a manager said when it last tried; whoever only reads can't meet what stands in the way of its writes. */
function lastTry(told: readonly Event[]): string | undefined {
  const [latest] = told;
  if (latest?.type !== 'Warning') return undefined;
  return `the manager failed when it last tried, at ${timeOf(latest).slice(0, 19)}: ${latest.reason}: ${oneLine(latest.note)}`;
}

function whoWrites([lease]: readonly CheckResult[]): string {
  const stay = 'if they stay, look at its log';
  if (!lease) return `a running manager makes them within seconds: ${stay}`;
  if (lease.state === 'good') return `the manager makes them within seconds (the lease ${lease.text}): ${stay}`;
  if (lease.state === 'warn') return `no manager makes them: the lease ${lease.text} — ${lease.fix}`;
  return `whether a manager is at work is not known: ${lease.text}`;
}

function whatNow(reason: string): string {
  return reason === 'OwnershipConflict'
    ? " — find out whose it is; `orphans adopt` takes over what is nobody else's"
    : '';
}

/** The error among the answers to the questions about one object. */
export function troubleOf(
  { answers }: RecordedAnswers,
  isAbout: (question: string) => boolean,
): CloudError | undefined {
  for (const [question, answer] of answers) {
    if (!isAbout(question)) continue;
    if (answer.kind === 'error') return answer.error;
    const { value } = answer;
    // A machine about which nothing is known carries the reason.
    if (typeof value === 'object' && value !== null && 'reason' in value && value.reason instanceof CloudError) {
      return value.reason;
    }
  }
  return undefined;
}

/** When an Event happened last. RFC 3339. */
export function timeOf({ eventTime, metadata, series }: Event): string {
  return series.lastObservedTime || eventTime || metadata.creationTimestamp;
}
