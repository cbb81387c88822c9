import type { IncomingMessage } from 'node:http';
import { DecodeError } from './decode.ts';
import { isJsonObject } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import { decodeMessage, unwrapMessage } from './protobuf/decode-message.ts';
import { protobufType } from './protobuf/protobuf-codec.ts';
import type { StructType } from './schema.ts';
import { badRequest, unsupportedMediaType } from './status.ts';

/** Reads a body to its end. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** The media type without parameters. */
export function mediaType(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/** The body as an object of a kind. @throws StatusError 400, 415 */
export function parseObject(
  content: { readonly type: string; readonly body: Buffer },
  kind: string,
  type: StructType,
): JsonObject {
  switch (content.type) {
    case '':
    case 'application/json':
      return parseJsonObject(content.body, kind);
    case protobufType:
      return parseProtobuf(content.body, kind, type);
    default:
      throw unsupportedMediaType(
        `the body of the request was in an unknown format - accepted media types include: application/json, ${protobufType}`,
      );
  }
}

function parseJsonObject(body: Buffer, kind: string): JsonObject {
  const text = body.toString();
  const parsed = parseJson(text);
  if (parsed !== undefined && isJsonObject(parsed)) return parsed;
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  throw badRequest(
    `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error (${shown})`,
  );
}

function parseProtobuf(body: Buffer, wanted: string, type: StructType): JsonObject {
  try {
    const { apiVersion, kind, message } = unwrapMessage(body);
    return { kind, apiVersion, ...decodeMessage(type, message) };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw badRequest(`the object provided is unrecognized (must be of type ${wanted}): ${error.message}`);
  }
}

/** The value of a JSON text; undefined when it is none. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
