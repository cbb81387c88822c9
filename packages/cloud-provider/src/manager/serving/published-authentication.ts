import { createHash } from 'node:crypto';
import type { KubeClient } from '../../kube/client/kube-client.ts';
import { type ClientAuthorities, parseCertificates } from './client-authorities.ts';

/** What the API server publishes about how it authenticates, for servers beside it. */
export interface PublishedAuthentication extends ClientAuthorities {
  /** Differs when anything does. @default nothing was read */
  readonly fingerprint?: string;
}

const configMapPath = ['api', 'v1', 'namespaces', 'kube-system', 'configmaps', 'extension-apiserver-authentication'];

/**
 * Reads the ConfigMap `kube-system/extension-apiserver-authentication`. Rejects when there is none, when it may not be read,
 * and when it is not what it should be.
 * Source: k8s.io/apiserver server/options/authentication_dynamic_request_header.go.
 */
export async function lookUpAuthentication(client: KubeClient, signal: AbortSignal): Promise<PublishedAuthentication> {
  const response = await client.raw({ method: 'GET', path: configMapPath, signal });
  if (response.status >= 300) {
    throw new Error(`the API server answered the read of ${configMapPath.slice(2).join('/')} with ${response.status}`);
  }
  // The reply is the API server's, of the version asked for.
  const { data = {} } = response.json() as { readonly data?: Readonly<Record<string, string>> };
  const proxies = data['requestheader-client-ca-file'] ?? '';
  const clients = data['client-ca-file'] ?? '';
  return {
    clients: clients === '' ? [] : parseCertificates(clients),
    requestHeader:
      proxies === ''
        ? undefined
        : {
            certificates: parseCertificates(proxies),
            allowedNames: textList(data, 'requestheader-allowed-names'),
            usernameHeaders: textList(data, 'requestheader-username-headers'),
            groupHeaders: textList(data, 'requestheader-group-headers'),
            extraHeaderPrefixes: textList(data, 'requestheader-extra-headers-prefix'),
            uidHeaders: textList(data, 'requestheader-uid-headers'),
          },
    fingerprint: createHash('sha256').update(JSON.stringify(data)).digest('hex'),
  };
}

function textList(data: Readonly<Record<string, string>>, key: string): readonly string[] {
  const text = data[key] ?? '';
  if (text === '') return [];
  const value: unknown = JSON.parse(text);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw new Error(`${key} is not a list of texts`);
}
