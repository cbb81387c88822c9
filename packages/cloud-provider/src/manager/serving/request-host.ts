import type { IncomingMessage } from 'node:http';

/** The bytes that Go's net/http takes in a Host header. Source: golang.org/x/net/http/httpguts, ValidHostHeader. */
const hostPattern = /^[\w!$%&'()*+,\-.:;=[\]~]*$/;

/** What is wrong with whom a request says to ask, in Go's words; undefined when nothing is. Nothing is served by host. */
export function faultOfHost({ headersDistinct }: Pick<IncomingMessage, 'headersDistinct'>): string | undefined {
  const hosts = headersDistinct['host'] ?? [];
  if (hosts.length > 1) return 'too many Host headers';
  return hostPattern.test(hosts[0] ?? '') ? undefined : 'malformed Host header';
}
