import { isJsonObject } from './json.ts';
import { badRequest } from './status.ts';

/** Where a list that came in pages goes on. */
export interface ContinueToken {
  /** The revision of the first page; undefined when the rest may be newer than what came before. */
  readonly revision: number | undefined;
  /** The key of the last object that was sent. */
  readonly after: string;
}

const version = 'meta.k8s.io/v1';

/** The real server's own format, which clients must not look into. */
export function encodeContinueToken(token: ContinueToken): string {
  const content = { v: version, rv: token.revision ?? -1, start: `/${token.after}\0` };
  return Buffer.from(JSON.stringify(content)).toString('base64url');
}

/** @throws StatusError 400 */
export function decodeContinueToken(text: string): ContinueToken {
  const content = parse(Buffer.from(text, 'base64url').toString());
  if (!isJsonObject(content) || typeof content['rv'] !== 'number' || typeof content['start'] !== 'string') {
    throw badRequest('invalid continue token: continue key is not valid');
  }
  const revision = content['rv'] < 0 ? undefined : content['rv'];
  return { revision, after: content['start'].replace(/^\//, '').replace(/\0$/, '') };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
