import { CloudError } from '../../../../cloud/cloud-error.ts';
import type { CallContext } from '../../../../cloud/call-context.ts';
import type { OperationOutputs, OperationResult } from '../../../../cloud/operation.ts';
import { isNotFound } from '../../client/cloud-error-mapping.ts';
import type { MemoryClient } from '../../client/memory-client.ts';
import type { ForwarderObserved, ObservedForwarder } from './observe.ts';
import type { ForwarderOperation } from './plan.ts';

/** Does one operation. A create is never repeated: the next look finds out by its note whether it was done. */
export async function applyForwarder(
  operation: ForwarderOperation,
  client: MemoryClient,
  call: CallContext,
): Promise<OperationResult> {
  switch (operation.verb) {
    case 'create': {
      if (!operation.intent) throw new CloudError('Invalid', 'a forwarder that is not written down would be lost');
      const { id, address } = await client.createForwarder({ note: operation.intent.id, ports: operation.ports }, call);
      return { kind: 'done', outputs: { id, address } };
    }
    case 'update': {
      const { id, ports, tags } = operation;
      await client.updateForwarder({ id, ports, tags }, call);
      return { kind: 'done', outputs: {} };
    }
    case 'delete':
      try {
        await client.deleteForwarder(operation.id, call);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
      return { kind: 'done', outputs: {} };
  }
}

/** The observed state after an operation. Pure. */
export function foldForwarder(
  observed: ForwarderObserved,
  operation: ForwarderOperation,
  outputs: OperationOutputs,
): ForwarderObserved {
  return { ...observed, forwarders: foldForwarders(observed.forwarders, operation, outputs) };
}

/** The forwarders as they are after an operation. Pure. */
export function foldForwarders(
  forwarders: readonly ObservedForwarder[],
  operation: ForwarderOperation,
  outputs: OperationOutputs,
): readonly ObservedForwarder[] {
  switch (operation.verb) {
    case 'create': {
      const { id = '', address = '' } = outputs;
      const { intent, ports } = operation;
      const made = { id, address, note: intent?.id ?? '', ports, tags: {} };
      return [...forwarders, { ...made, ownership: { kind: 'ours', proof: 'journal' } }];
    }
    case 'update': {
      const { id, ports, tags } = operation;
      return forwarders.map((one) => (one.id === id ? { ...one, ports, tags: { ...one.tags, ...tags } } : one));
    }
    case 'delete':
      return forwarders.filter(({ id }) => id !== operation.id);
  }
}
