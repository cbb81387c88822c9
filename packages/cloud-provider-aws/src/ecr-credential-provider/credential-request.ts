/** What kubelet wants to know, of the version `credentialprovider.kubelet.k8s.io/v1` of its protocol. */
export interface CredentialRequest {
  readonly image: string;
  /** Given when the configuration of kubelet says that the plugin works with the identities of pods. */
  readonly serviceAccountToken?: string;
  readonly serviceAccountAnnotations: Readonly<Record<string, string>>;
}

export const protocolVersion = 'credentialprovider.kubelet.k8s.io/v1';
const requestKind = 'CredentialProviderRequest';

/**
 * Reads what kubelet wrote.
 * @throws Error when it is of another kind or version, or no JSON
 */
export function readCredentialRequest(text: string): CredentialRequest {
  const { apiVersion, image, kind, serviceAccountAnnotations, serviceAccountToken } = parseObject(text);
  if (apiVersion !== protocolVersion || kind !== requestKind) {
    throw new Error(
      `the request is ${quoted(kind)} of ${quoted(apiVersion)}, and should be ${requestKind} of ${protocolVersion}: ` +
        `set apiVersion: ${protocolVersion} for this provider in the CredentialProviderConfig`,
    );
  }
  if (typeof image !== 'string' || image === '') throw new Error('the request names no image');
  return {
    image,
    ...(typeof serviceAccountToken === 'string' && serviceAccountToken !== '' ? { serviceAccountToken } : {}),
    serviceAccountAnnotations: onlyTexts(serviceAccountAnnotations),
  };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The text may hold a token, so it is not repeated.
    throw new Error('the request on the standard input is no JSON: kubelet runs this program, people need not');
  }
  if (typeof parsed !== 'object' || parsed === null) throw new Error('the request on the standard input is no object');
  return { ...parsed };
}

function onlyTexts(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function quoted(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}
