import { once } from 'node:events';
import { createServer } from 'node:http';

/** The variable that names where a test can ask that the server under test forgets its history. */
export const historyControlVariable = 'CCM_TS_E2E_HISTORY_CONTROL';

/** Lets tests, which know nothing of the server but its API, make it forget. */
export async function serveHistoryControl(
  forget: () => Promise<void>,
): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((_, response) => {
    forget().then(
      () => response.end(),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Asks the server under test to forget: every resourceVersion before now is too old afterwards, for Events at least. */
export async function forgetHistory(): Promise<void> {
  const url = process.env[historyControlVariable];
  if (!url) throw new Error(`${historyControlVariable} must be set`);
  const response = await fetch(url, { method: 'POST' });
  if (!response.ok) throw new Error(await response.text());
}
