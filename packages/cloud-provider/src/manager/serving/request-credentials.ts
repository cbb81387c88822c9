import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { PacedConnection } from './paced-connection.ts';
import type { PeerCertificate, RequestCredentials } from './request-user.ts';

/** What a request brings along to prove who sends it. */
export function credentialsOf(request: IncomingMessage): RequestCredentials {
  const headers = request.headersDistinct;
  return {
    authorization: request.headers.authorization,
    header: (name) => headers[name] ?? [],
    headerNames: Object.keys(headers),
    peer: peerOf(request),
  };
}

function peerOf(request: IncomingMessage): PeerCertificate {
  const connection: unknown = request.socket;
  const socket = connection instanceof PacedConnection ? connection.secured : connection;
  if (!(socket instanceof TLSSocket)) return { kind: 'none' };
  const certificate = socket.getPeerX509Certificate();
  if (!certificate) return { kind: 'none' };
  return socket.authorized ? { kind: 'verified', certificate } : { kind: 'unverified' };
}
