import { once } from 'node:events';
import { type Server, type Socket, connect, createServer } from 'node:net';
import { freePorts } from '../kube-apiserver/free-ports.ts';

/** An address of a cloud that can be out of reach: nobody listens there then. */
export interface CloudSwitch extends AsyncDisposable {
  readonly url: string;
  readonly comeBack: () => Promise<void>;
  /** Ends connections too. */
  readonly goAway: () => Promise<void>;
}

/** Starts out of reach. */
export async function cloudSwitch(target: string): Promise<CloudSwitch> {
  const { hostname, port: targetPort } = new URL(target);
  const [port = 0] = await freePorts(1);
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  const goAway = async (): Promise<void> => {
    const closing = server;
    server = undefined;
    if (closing === undefined) return;
    const closed = once(closing, 'close');
    closing.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    comeBack: async () => {
      server = createServer((client) => {
        const cloud = connect(Number(targetPort), hostname);
        for (const socket of [client, cloud]) {
          sockets.add(socket);
          socket.once('close', () => sockets.delete(socket));
          socket.once('error', () => [client, cloud].forEach((each) => each.destroy()));
        }
        client.pipe(cloud).pipe(client);
      });
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    goAway,
    [Symbol.asyncDispose]: goAway,
  };
}
