import type { MemoryCloud } from '../cloud/memory-cloud.ts';
import type { Transport } from './transport.ts';

/** Reaches a memory cloud in the same process by function calls. */
export function embeddedTransport(cloud: MemoryCloud): Transport {
  return {
    send: (request, signal, beforeSend) => {
      beforeSend();
      return cloud.handle(request, signal);
    },
    async close() {},
  };
}
