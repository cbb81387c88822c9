import type { CloudCall, CloudCallGate } from '../../cloud/cloud-call-gate.ts';
import { toCloudError } from '../../cloud/cloud-error.ts';

/** One request to the cloud and how it ended. */
export interface CountedCall {
  readonly operation: string;
  readonly apiGroup: string;
  readonly kind: CloudCall['kind'];
  /** `ok`, or the code of its error. */
  readonly outcome: string;
  /** The cloud's words; empty when it went well. */
  readonly message: string;
}

/** The gate, noting each request. */
export function countingGate(gate: CloudCallGate, calls: CountedCall[]): CloudCallGate {
  return {
    async run(call, context, send) {
      const { apiGroup, kind, operation } = call;
      try {
        const result = await gate.run(call, context, send);
        calls.push({ operation, apiGroup, kind, outcome: 'ok', message: '' });
        return result;
      } catch (error) {
        const { code, message } = toCloudError(error);
        calls.push({ operation, apiGroup, kind, outcome: code, message });
        throw error;
      }
    },
  };
}
