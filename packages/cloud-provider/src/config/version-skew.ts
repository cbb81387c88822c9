/** What of a Kubernetes minor concerns cloud controller managers. */
export interface MinorSupport {
  readonly minor: number;
  /** `tested`: the suites run against it. `expected`: it should work. */
  readonly support: 'tested' | 'expected';
}

/**
 * The one place that says which API servers this release works with; the start-up check, the documentation and charts are
 * made from it.
 */
export const versionMatrix = {
  /** The minor of Kubernetes that this release belongs to. */
  release: 36,
  apiServers: [
    { minor: 33, support: 'expected' },
    { minor: 34, support: 'tested' },
    { minor: 35, support: 'tested' },
    { minor: 36, support: 'tested' },
    { minor: 37, support: 'expected' },
  ] satisfies readonly MinorSupport[],
  /** The APIs without which nothing works; a server that lacks one can't be worked with at all. */
  needs: ['v1', 'coordination.k8s.io/v1', 'discovery.k8s.io/v1', 'events.k8s.io/v1'],
} as const;

/** What is to be said about the version of an API server. */
export type SkewVerdict =
  | { readonly kind: 'supported' }
  | { readonly kind: 'unknown'; readonly message: string }
  | { readonly kind: 'outOfRange'; readonly message: string }
  /** APIs are missing: going on would only do harm. */
  | { readonly kind: 'unusable'; readonly message: string };

/** What an API server says of itself. */
export interface ServerFacts {
  /** `gitVersion` of `/version`, for example `v1.36.3`. */
  readonly gitVersion: string;
  /** All `group/version` that it serves. */
  readonly groupVersions: ReadonlySet<string>;
}

/** Judges an API server by the matrix. */
export function judgeVersionSkew(server: ServerFacts): SkewVerdict {
  const missing = versionMatrix.needs.filter((api) => !server.groupVersions.has(api));
  if (missing.length > 0) {
    const message = `the API server ${server.gitVersion} does not serve ${missing.join(', ')}, which is needed`;
    return { kind: 'unusable', message };
  }
  const minor = /^v?1\.(\d+)/.exec(server.gitVersion)?.[1];
  if (minor === undefined) {
    return {
      kind: 'unknown',
      message: `the version of the API server can't be told: ${JSON.stringify(server.gitVersion)}`,
    };
  }
  const known = versionMatrix.apiServers.map((each) => each.minor);
  if (known.some((each) => each === Number(minor))) return { kind: 'supported' };
  const range = `1.${Math.min(...known)} to 1.${Math.max(...known)}`;
  return {
    kind: 'outOfRange',
    message: `the API server is ${server.gitVersion}; this release is for 1.${versionMatrix.release} and works with ${range}`,
  };
}
