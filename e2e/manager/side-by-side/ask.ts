import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import type { SecureVersion } from 'node:tls';
import type { CertificateAndKey } from '@ccm-ts/cloud-provider/testing';

/** What is sent to a manager, on a connection of its own. */
export interface Question {
  /** Sent as it is. */
  readonly path: string;
  /** @default GET */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** @default none */
  readonly body?: string;
  readonly certificate?: CertificateAndKey;
  /** The only version of TLS that is offered. @default those that Node offers */
  readonly tls?: SecureVersion;
}

/** What a manager answered. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Asks a server on loopback. Rejects when there is no answer. */
export function ask(port: number, question: Question): Promise<Answer> {
  const { path, method = 'GET', headers = {}, body, certificate, tls } = question;
  return new Promise((resolve, reject) => {
    const sent = request({
      host: '127.0.0.1',
      port,
      path,
      method,
      agent: false,
      // They make their certificates while they start.
      rejectUnauthorized: false,
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat()])),
      timeout: 30_000,
      ...(certificate && { cert: certificate.certificate, key: certificate.key }),
      // Versions that are refused by default can only be offered at the lowest level of security.
      ...(tls && { minVersion: tls, maxVersion: tls, ciphers: 'DEFAULT@SECLEVEL=0' }),
    });
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => (text += piece));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer to ${method} ${path}`)));
    sent.on('error', reject);
    sent.end(body);
  });
}
