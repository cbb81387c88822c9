import type { CloudReply, CloudRequest, OperationName } from '../cloud/api.ts';

/** Carries requests to a memory cloud, in the same process or elsewhere. */
export interface Transport {
  /**
   * Resolves with the cloud's reply, also when it is a refusal. Rejects when no reply came: then nobody knows whether the
   * request was done.
   */
  send<Name extends OperationName>(request: CloudRequest<Name>, signal: AbortSignal): Promise<CloudReply<Name>>;
  close(): Promise<void>;
}
