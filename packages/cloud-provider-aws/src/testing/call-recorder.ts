import { type CallContext, CloudError, Duration } from '@ccm-ts/cloud-provider';
import type { AwsOperation } from '../permissions.ts';

/** What goes wrong with the next call of an operation. */
export type Fault =
  | { readonly kind: 'error'; readonly error: CloudError }
  /** AWS does it and the answer is lost. */
  | { readonly kind: 'lost-reply' };

/** Counts the calls to a double and lets chosen ones fail. */
export class CallRecorder {
  readonly #calls: AwsOperation[] = [];
  readonly #faults: { readonly operation: AwsOperation; readonly fault: Fault }[] = [];

  /** Since the last time that this was asked, in order. */
  take(): AwsOperation[] {
    return this.#calls.splice(0);
  }

  /** The same, counted. */
  takeCounts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const operation of this.take()) counts[operation] = (counts[operation] ?? 0) + 1;
    return counts;
  }

  failNext(operation: AwsOperation, fault: Fault): void {
    this.#faults.push({ operation, fault });
  }

  throttleNext(operation: AwsOperation, retryAfter: Duration = Duration.seconds(1)): void {
    const error = new CloudError('Throttled', `${operation}: RequestLimitExceeded`, { operation, retryAfter });
    this.failNext(operation, { kind: 'error', error });
  }

  async run<Result>(operation: AwsOperation, call: CallContext, does: () => Result): Promise<Result> {
    call.signal.throwIfAborted();
    this.#calls.push(operation);
    const index = this.#faults.findIndex((candidate) => candidate.operation === operation);
    const [planned] = index < 0 ? [] : this.#faults.splice(index, 1);
    // As over a network, nothing is answered before the caller has gone on.
    await Promise.resolve();
    if (planned?.fault.kind === 'error') throw planned.fault.error;
    const result = does();
    if (planned?.fault.kind === 'lost-reply') {
      throw new CloudError('Unavailable', `${operation}: the connection was closed`, { operation });
    }
    return result;
  }
}

/** Refuses as AWS does, with its own code. */
export function refuse(operation: AwsOperation, code: CloudError['code'], cloudCode: string, detail = ''): never {
  throw new CloudError(code, `${operation}: ${cloudCode}: ${detail}`, { operation, cloudCode, requestId: 'req-1' });
}
