import type { ServerResponse } from 'node:http';
import type { Codec } from './codec.ts';
import type { Json } from './json.ts';
import type { StatusError } from './status.ts';

const chunkSize = 256 * 1024;

/** Answers with a whole body. */
export function sendBody(
  response: ServerResponse,
  code: number,
  body: { readonly type: string; readonly content: Buffer | string },
): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(code, { 'content-type': body.type, 'content-length': Buffer.byteLength(body.content) });
  response.end(body.content);
}

export function sendJson(response: ServerResponse, code: number, value: Json): void {
  sendBody(response, code, { type: 'application/json', content: `${JSON.stringify(value)}\n` });
}

/** Answers with a `Status`. */
export function sendStatus(
  response: ServerResponse,
  codec: Pick<Codec, 'mediaType' | 'status'>,
  error: StatusError,
): void {
  if (response.destroyed || response.headersSent) return;
  const seconds = error.details?.retryAfterSeconds;
  if (seconds !== undefined) response.setHeader('retry-after', String(seconds));
  sendBody(response, error.code, { type: codec.mediaType, content: codec.status(error) });
}

/** Answers with a body in pieces, no faster than the client reads. */
export async function sendPieces(
  response: ServerResponse,
  body: { readonly type: string; readonly pieces: Iterable<Buffer> },
): Promise<void> {
  response.writeHead(200, { 'content-type': body.type });
  let waiting: Buffer[] = [];
  let size = 0;
  for (const piece of body.pieces) {
    waiting.push(piece);
    size += piece.length;
    if (size < chunkSize) continue;
    if (!response.write(Buffer.concat(waiting, size))) await drained(response);
    if (response.destroyed) return;
    waiting = [];
    size = 0;
  }
  response.end(Buffer.concat(waiting, size));
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}
