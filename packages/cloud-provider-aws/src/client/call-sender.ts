import type { CallContext, CloudCallGate, CloudScope } from '@ccm-ts/cloud-provider';
import type { AwsOperation } from '../permissions.ts';
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

/** Sends requests, each through the gate exactly once. */
export class CallSender {
  readonly #gate: CloudCallGate;
  readonly #scope: CloudScope;

  constructor(gate: CloudCallGate, scope: CloudScope) {
    this.#gate = gate;
    this.#scope = scope;
  }

  run<Result>(request: AwsRequest<Result>): Promise<Result> {
    const { operation, apiGroup } = request;
    const kind = apiGroup.endsWith('-read') ? 'read' : 'write';
    return this.#gate.run({ apiGroup, operation, scope: this.#scope, kind }, request.context, async (signal) => {
      try {
        return await request.send(signal);
      } catch (error) {
        throw toAwsCloudError(error, operation);
      }
    });
  }
}
