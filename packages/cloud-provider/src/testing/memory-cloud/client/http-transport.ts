import { Pool } from 'undici';
import type { CloudReply } from '../cloud/api.ts';
import { clusterHeader } from '../cloud/http-server.ts';
import type { Transport } from './transport.ts';

/** Reaches a memory cloud over HTTP. Connections are kept and shared. */
export function httpTransport(endpoint: string): Transport {
  const pool = new Pool(endpoint, { connections: 64 });
  return {
    async send(request, signal) {
      const response = await pool.request({
        method: 'POST',
        path: `/v1/${request.operation}`,
        headers: { 'content-type': 'application/json', [clusterHeader]: request.caller.cluster },
        body: JSON.stringify(request.input),
        signal,
        // How long to wait is the caller's to say; he does it by the signal.
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      return (await response.body.json()) as CloudReply<typeof request.operation>;
    },
    close: () => pool.destroy(),
  };
}
