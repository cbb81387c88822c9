import { judgeVersionSkew, versionMatrix } from '../config/version-skew.ts';
import type { KubeClient } from '../kube/client/kube-client.ts';
import type { Logger } from '../telemetry/logger.ts';

export interface VersionCheckOptions {
  readonly client: KubeClient;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** This API server lacks what the manager can't do without. */
export class UnusableApiServerError extends Error {
  readonly code = 'UnusableApiServer';
  override readonly name = 'UnusableApiServerError';
}

/**
 * Compares the API server with the matrix of versions: says so when it is out of range, and rejects with
 * UnusableApiServerError when APIs are missing. What can't be found out is said and does no harm.
 */
export async function checkVersionSkew(options: VersionCheckOptions): Promise<void> {
  const { logger, signal } = options;
  try {
    const verdict = judgeVersionSkew(await readFacts(options));
    switch (verdict.kind) {
      case 'supported':
        return;
      case 'unknown':
      case 'outOfRange':
        logger.warn('The version of the API server is not one that this release is known to work with', {
          reason: verdict.message,
        });
        return;
      case 'unusable':
        throw new UnusableApiServerError(verdict.message);
    }
  } catch (error) {
    if (signal.aborted || error instanceof UnusableApiServerError) throw error;
    logger.warn("The version of the API server can't be found out", { error });
  }
}

async function readFacts(options: VersionCheckOptions): Promise<Parameters<typeof judgeVersionSkew>[0]> {
  // The replies are the API server's own documents.
  const version = (await read(options, ['version'])) as { gitVersion?: string };
  const groups = (await read(options, ['apis'])) as { groups?: { versions?: { groupVersion?: string }[] }[] };
  const served = (groups.groups ?? []).flatMap(({ versions = [] }) =>
    versions.map(({ groupVersion = '' }) => groupVersion),
  );
  const [core] = versionMatrix.needs;
  return { gitVersion: version.gitVersion ?? '', groupVersions: new Set([core, ...served]) };
}

async function read({ client, signal }: VersionCheckOptions, path: readonly string[]): Promise<unknown> {
  const response = await client.raw({ method: 'GET', path, signal });
  if (response.status >= 300) throw new Error(`the API server answered /${path.join('/')} with ${response.status}`);
  return response.json();
}
