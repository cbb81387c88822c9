import type { Clock } from '../base/clock.ts';
import type { Duration } from '../base/duration.ts';
import type { ConfiguredProvider } from '../cloud/cloud-provider.ts';
import type { GuardPolicy } from '../cloud/guard.ts';
import type { ProviderControllerDeclaration } from '../cloud/provider-controller.ts';
import type { LeaderMigrationConfiguration } from '../config/leader-migration.ts';
import type { KubeClient } from '../kube/client/kube-client.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { MetricRegistry } from '../telemetry/metrics.ts';
import type { ControllerSettings } from './controller-registry.ts';

/** How one replica takes part in the election; `off` when it runs alone. */
export type LeadershipSettings =
  | 'off'
  | {
      readonly namespace: string;
      readonly name: string;
      readonly leaseDuration: Duration;
      readonly renewDeadline: Duration;
      readonly retryPeriod: Duration;
    };

export interface ManagerOptions {
  /** The version of the program, for `/statusz`. */
  readonly version: string;
  /** Unique among the replicas: `<hostname>_<uuid>`. */
  readonly identity: string;
  readonly client: KubeClient;
  readonly provider: ConfiguredProvider;
  readonly providerName: string;
  readonly clusterName: string;
  /** The `--controllers` list. */
  readonly controllers: readonly string[];
  /** The loops that only this cloud has. @default none */
  readonly providerControllers?: readonly ProviderControllerDeclaration[];
  readonly leadership: LeadershipSettings;
  readonly settings: ControllerSettings;
  /** `observe` writes nothing but the lease and Events. @default run */
  readonly mode?: GuardPolicy['mode'];
  /** Which controllers run under a second lock. @default none */
  readonly migration?: LeaderMigrationConfiguration | undefined;
  /** Whether the lease is given back at the end. @default yes */
  readonly releasesLease?: 'yes' | 'no';
  /** Clients of controllers by service account. @default all use the manager's */
  readonly controllerClients?: ReadonlyMap<string, KubeClient>;
  /** Time between the starts of two controllers. @default none */
  readonly startInterval?: Duration;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricRegistry;
}

/** Why a manager ended. */
export type ManagerEnd =
  | { readonly kind: 'stopped' }
  /** Another replica may be leading already: the process must end, as the Go managers' does. */
  | { readonly kind: 'leaseLost' }
  /** A defect of the program. */
  | { readonly kind: 'failed'; readonly error: unknown };
