import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Bounds the connections of a server. A new one beyond the limit takes the place of the one that has been idle longest, so
 * that thousands of idle connections keep no probe from getting through; only when all of them are busy it is refused.
 */
export function limitConnections(server: Server, limit: number): void {
  // In the order of their last use. TLS wraps the socket that arrives first, so the peer's address is what names both.
  const open = new Map<string, Socket>();
  const busy = new Set<string>();
  server.on('connection', (socket: Socket) => {
    const name = nameOf(socket);
    if (open.size >= limit) {
      const [idle] = [...open].find(([other]) => !busy.has(other)) ?? [];
      if (idle === undefined) {
        socket.destroy();
        return;
      }
      open.get(idle)?.destroy();
      open.delete(idle);
    }
    open.set(name, socket);
    socket.once('close', () => {
      if (open.get(name) === socket) open.delete(name);
    });
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const name = nameOf(request.socket);
    busy.add(name);
    response.once('close', () => {
      busy.delete(name);
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
