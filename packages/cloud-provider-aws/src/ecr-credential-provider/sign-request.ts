import { createHash, createHmac } from 'node:crypto';

/** A request with a body to the root of a service. */
export interface UnsignedRequest {
  readonly method: string;
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Signature {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  readonly region: string;
  /** The name that the service signs under. */
  readonly service: string;
  readonly time: Date;
}

/**
 * The headers of the request with those that sign it: AWS Signature Version 4. All that are given are signed.
 * Source: AWS "Create a signed AWS API request"; the tests hold its published vectors.
 */
export function signRequest(request: UnsignedRequest, signature: Signature): Readonly<Record<string, string>> {
  const { accessKeyId, region, secretAccessKey, service, sessionToken, time } = signature;
  const stamp = time.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const day = stamp.slice(0, 8);
  const headers: Record<string, string> = {
    ...request.headers,
    host: request.url.host,
    'x-amz-date': stamp,
    ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
  };
  const names = Object.keys(headers).sort();
  const signedNames = names.join(';');
  const canonical = [
    request.method,
    request.url.pathname,
    // Nothing is asked by the query: the operation stands in a header.
    '',
    ...names.map((name) => `${name}:${headers[name]?.trim()}`),
    '',
    signedNames,
    sha256(request.body),
  ].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', stamp, scope, sha256(canonical)].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${secretAccessKey}`,
  );
  const proof = createHmac('sha256', key).update(toSign).digest('hex');
  const credential = `Credential=${accessKeyId}/${scope}`;
  headers['authorization'] = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${signedNames}, Signature=${proof}`;
  return headers;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
