import {
  type CallContext,
  type Clock,
  type CloudCallGate,
  CloudError,
  type CloudScope,
  Duration,
} from '@ccm-ts/cloud-provider';
import type { AwsOperation } from '../permissions.ts';
import type { AskingAgents } from './asking-agents.ts';
import { toAwsCloudError } from './error-mapping.ts';

/**
 * What AWS throttles together. EC2 keeps a bucket for reads and one for writes of an account and region, and so does load
 * balancing; registering targets is written off against buckets of its own.
 * Sources: EC2 "Request throttling for the Amazon EC2 API"; Elastic Load Balancing "Request throttling".
 */
export type ApiGroup =
  | 'ec2-read'
  | 'ec2-write'
  | 'elb-read'
  | 'elb-write'
  | 'elbv2-read'
  | 'elbv2-write'
  | 'elbv2-targets'
  | 'sts-read';

export interface AwsRequest<Result> {
  readonly operation: AwsOperation;
  readonly apiGroup: ApiGroup;
  readonly context: CallContext;
  readonly send: (signal: AbortSignal) => Promise<Result>;
}

export interface CallSenderOptions {
  readonly gate: CloudCallGate;
  readonly scope: CloudScope;
  readonly clock: Clock;
  /** Those that the clients send through. */
  readonly agents: AskingAgents;
}

/** As many as the Go manager's SDK makes. */
const maxAttempts = 3;
/** Before the second attempt; twice as long before the third. */
const firstWait = Duration.seconds(1);
/** Who is asked to wait for longer leaves that to the loop behind it, which has other things to do meanwhile. */
const longestWait = Duration.seconds(5);

/**
 * Sends requests, each attempt through the gate. What AWS has throttled was not done and is sent again; so are reads that got no
 * answer. A write that got none may have been done: whoever planned it has to look first.
 */
export class CallSender {
  readonly #options: CallSenderOptions;

  constructor(options: CallSenderOptions) {
    this.#options = options;
  }

  async run<Result>(request: AwsRequest<Result>): Promise<Result> {
    const { clock } = this.#options;
    const { signal } = request.context;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(request);
      } catch (error) {
        const wait = waitAfter(error, request.apiGroup, attempt);
        if (wait === undefined || signal.aborted) throw error;
        await clock.sleep(wait, signal);
      }
    }
  }

  #attempt<Result>({ operation, apiGroup, context, send }: AwsRequest<Result>): Promise<Result> {
    const { agents, gate, scope } = this.#options;
    return gate.run({ apiGroup, operation, scope, kind: kindOf(apiGroup) }, context, async (signal, beforeSend) => {
      try {
        return await agents.run(beforeSend, () => send(signal));
      } catch (error) {
        throw toAwsCloudError(error, operation);
      }
    });
  }
}

/** Undefined when it is not to be sent again. */
function waitAfter(error: unknown, apiGroup: ApiGroup, attempt: number): Duration | undefined {
  if (!(error instanceof CloudError) || attempt >= maxAttempts) return undefined;
  const wasNotDone = error.code === 'Throttled' || (error.code === 'Unavailable' && kindOf(apiGroup) === 'read');
  if (!wasNotDone) return undefined;
  const wait = firstWait.times(2 ** (attempt - 1)).max(error.details.retryAfter ?? Duration.zero);
  return wait.milliseconds > longestWait.milliseconds ? undefined : wait;
}

function kindOf(apiGroup: ApiGroup): 'read' | 'write' {
  return apiGroup.endsWith('-read') ? 'read' : 'write';
}
