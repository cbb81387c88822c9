import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Bounds the connections of a server. A new one beyond the limit takes the place of the one that has been idle longest, so
 * that thousands of idle connections keep no probe from getting through; when none is idle, of one whose client does not take
 * its answer. Only when all of them wait for answers it is refused.
 */
export function limitConnections(server: Server, limit: number): void {
  // In the order of their last use. TLS wraps the socket that arrives first, so the peer's address is what names both.
  const open = new Map<string, Socket>();
  const busy = new Map<string, ServerResponse>();
  server.on('connection', (socket: Socket) => {
    const name = nameOf(socket);
    if (open.size >= limit) {
      const names = [...open.keys()];
      const dispensable =
        names.find((other) => !busy.has(other)) ?? names.find((other) => busy.get(other)?.writableEnded === true);
      if (dispensable === undefined) {
        socket.destroy();
        return;
      }
      open.get(dispensable)?.destroy();
      open.delete(dispensable);
    }
    open.set(name, socket);
    socket.once('close', () => {
      if (open.get(name) === socket) open.delete(name);
    });
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const name = nameOf(request.socket);
    busy.set(name, response);
    response.once('close', () => {
      if (busy.get(name) === response) busy.delete(name);
      const socket = open.get(name);
      if (!socket) return;
      open.delete(name);
      open.set(name, socket);
    });
  });
}

function nameOf(socket: Socket): string {
  return `${socket.remoteAddress ?? ''} ${socket.remotePort ?? ''}`;
}
