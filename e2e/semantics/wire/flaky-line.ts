import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way to a server that can be cut at will: what passes is not looked into. */
export interface FlakyLine extends AsyncDisposable {
  /** Like the server's URL, with another port. */
  readonly url: string;
  /** Ends every connection at once, with data on its way or not. New ones are let through. */
  readonly cut: () => void;
  /** Ends every connection and refuses new ones until {@link mend}. */
  readonly interrupt: () => void;
  readonly mend: () => void;
}

export async function flakyLine(to: string): Promise<FlakyLine> {
  const target = new URL(to);
  const sockets = new Set<Socket>();
  let isWhole = true;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    keep(near);
    if (!isWhole) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(Number(target.port), target.hostname);
    keep(far);
    near.pipe(far);
    far.pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `${target.protocol}//127.0.0.1:${address.port}`,
    cut,
    interrupt: () => {
      isWhole = false;
      cut();
    },
    mend: () => {
      isWhole = true;
    },
    [Symbol.asyncDispose]: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
