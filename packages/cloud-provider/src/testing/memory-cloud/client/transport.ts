import type { CloudReply, CloudRequest, OperationName } from '../cloud/api.ts';

/** Carries requests to a memory cloud, in the same process or elsewhere. */
export interface Transport {
  /**
   * Resolves with the cloud's reply, also when it is a refusal. Rejects when no reply came: then nobody knows whether the
   * request was done.
   *
   * @param beforeSend called when the request is about to leave; what it throws keeps the request here
   */
  send<Name extends OperationName>(
    request: CloudRequest<Name>,
    signal: AbortSignal,
    beforeSend: () => void,
  ): Promise<CloudReply<Name>>;
  close(): Promise<void>;
}
