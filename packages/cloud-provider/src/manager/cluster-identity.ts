import { exponentialBackoff } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import { Duration } from '../base/duration.ts';
import type { ClusterIdentity } from '../cloud/cluster-identity.ts';
import type { KubeClient } from '../kube/client/kube-client.ts';
import { namespaces } from '../kube/resources.ts';
import type { Logger } from '../telemetry/logger.ts';

export interface FindClusterIdentityOptions {
  readonly client: KubeClient;
  readonly clusterName: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Told of each failure, for the readiness report. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Reads the UID of kube-system, as often as it takes: an API server that is not there yet is the normal state of a cluster
 * that is being built. Rejects only when the signal is aborted.
 */
export async function findClusterIdentity(options: FindClusterIdentityOptions): Promise<ClusterIdentity> {
  const { client, clock, logger, signal } = options;
  const backoff = exponentialBackoff({
    initial: Duration.milliseconds(500),
    max: Duration.seconds(15),
    jitter: 0.5,
    random: Math.random,
  });
  for (;;) {
    try {
      const namespace = await client.get(namespaces, { namespace: '', name: 'kube-system' }, { signal });
      return { uid: namespace.metadata.uid, name: options.clusterName };
    } catch (error) {
      signal.throwIfAborted();
      const wait = backoff.next();
      options.onFailure(error);
      logger.warn("Can't read the namespace kube-system, whose UID is the cluster's identity; will try again", {
        error,
        after: wait,
      });
      await clock.sleep(wait, signal);
    }
  }
}
