import type { ObjectName } from '../../api/object-meta.ts';
import type { Clock } from '../../base/clock.ts';
import type { Duration } from '../../base/duration.ts';
import type { Health } from '../../telemetry/health.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import type { KubeClient, WriteFence } from '../client/kube-client.ts';
import type { EventRecorder } from '../events/event-recorder.ts';

export interface LeaderElectorOptions {
  readonly client: KubeClient;
  readonly lease: ObjectName;
  /** Unique among the replicas: `<hostname>_<uuid>`. */
  readonly identity: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events?: EventRecorder;
  readonly metrics?: MetricRegistry;
  /** @default 15s */
  readonly leaseDuration?: Duration;
  /** @default 10s */
  readonly renewDeadline?: Duration;
  /** @default 2s */
  readonly retryPeriod?: Duration;
  /** Whether the lease is given back when `run` is ended by its signal. @default true */
  readonly releaseOnExit?: boolean;
  /** Uniform in [0, 1). @default Math.random */
  readonly random?: () => number;
}

export interface LeaderCallbacks {
  /** Called once the lease is held. The signal is aborted when it is lost or given back. */
  onStartedLeading(signal: AbortSignal): Promise<void> | void;
  /** Called once after leading, and when `run` ends without having led. */
  onStoppedLeading(): void;
  /** Called whenever the observed holder changes, also to ourselves. */
  onNewLeader?(identity: string): void;
}

/** Leader election on a Lease with client-go's semantics. Source: k8s.io/client-go tools/leaderelection. */
export declare class LeaderElector {
  /** Throws ConfigError unless lease duration > renew deadline > retry period × 1.2. */
  constructor(options: LeaderElectorOptions);
  /** Refuses writes once the lease is no longer surely ours. */
  readonly fence: WriteFence;
  /** The last observed holder; empty when there is none. */
  get leader(): string;
  isLeader(): boolean;
  /** Acquires, leads until the lease is lost or the signal aborted, and resolves. Runs once. */
  run(callbacks: LeaderCallbacks, signal: AbortSignal): Promise<void>;
  /** Unhealthy only if we hold the lease and its renewal is overdue by the lease duration and 20 s. */
  health(): Health;
}
