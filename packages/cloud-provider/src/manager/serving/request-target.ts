/** What a request asks for. */
export interface RequestTarget {
  /** Unescaped, and otherwise as it was written: `..` and `//` are not resolved. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/**
 * Reads the target of a request as Go's net/http does; undefined when it is none. What is authorized and what is served
 * must be one path, so nothing is resolved: no route has `..` in it.
 */
export function parseRequestTarget(target: string): RequestTarget | undefined {
  const ofServer = target.replace(/^https?:\/\/[^/?]*/i, '');
  const end = ofServer.indexOf('?');
  const [escaped, query] = end === -1 ? [ofServer, ''] : [ofServer.slice(0, end), ofServer.slice(end + 1)];
  try {
    return { path: decodeURIComponent(escaped), query: new URLSearchParams(query) };
  } catch {
    return undefined;
  }
}
