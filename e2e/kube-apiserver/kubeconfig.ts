/** What it takes to talk to an API server. */
export interface Access {
  readonly url: string;
  /** PEM; absent for plain HTTP. */
  readonly certificateAuthority?: string;
  readonly token?: string;
}

/** A kubeconfig in JSON, which is YAML too, so that every reader needs one parser only. */
export function kubeconfigText(access: Access): string {
  const cluster = {
    server: access.url,
    ...(access.certificateAuthority
      ? { 'certificate-authority-data': Buffer.from(access.certificateAuthority).toString('base64') }
      : {}),
  };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'e2e', cluster }],
    users: [{ name: 'e2e', user: access.token ? { token: access.token } : {} }],
    contexts: [{ name: 'e2e', context: { cluster: 'e2e', user: 'e2e' } }],
    'current-context': 'e2e',
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

/** Reads back what {@link kubeconfigText} wrote. */
export function readAccess(text: string): Access {
  const config = JSON.parse(text) as {
    clusters: { cluster: { server: string; 'certificate-authority-data'?: string } }[];
    users: { user: { token?: string } }[];
  };
  const cluster = config.clusters[0]?.cluster;
  if (!cluster) throw new Error('the kubeconfig has no cluster');
  const authority = cluster['certificate-authority-data'];
  const token = config.users[0]?.user.token;
  return {
    url: cluster.server,
    ...(authority ? { certificateAuthority: Buffer.from(authority, 'base64').toString() } : {}),
    ...(token ? { token } : {}),
  };
}
