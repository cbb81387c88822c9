import type { Node } from '../../api/node.ts';
import type { Service } from '../../api/service.ts';
import type { Clock } from '../../base/clock.ts';
import type { Duration } from '../../base/duration.ts';
import type { ClusterIdentity } from '../../cloud/cluster-identity.ts';
import type { GuardPolicy } from '../../cloud/guard.ts';
import type { LoadBalancerKind } from '../../cloud/load-balancer-kind.ts';
import type { KubeClient } from '../../kube/client/kube-client.ts';
import type { WriteFence } from '../../kube/client/write-fence.ts';
import type { EventRecorder } from '../../kube/events/event-recorder.ts';
import type { Informer } from '../../kube/informer/informer.ts';
import type { OperationLog } from '../../reconcile/operation-log.ts';
import { type Health, healthy } from '../../telemetry/health.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import type { Controller, ControllerStatus } from '../controller.ts';

export interface ServiceControllerOptions {
  readonly client: KubeClient;
  /** Withholds writes once the lease is lost. */
  readonly fence?: WriteFence;
  readonly services: Informer<Service>;
  readonly nodes: Informer<Node>;
  /** In order: the first that claims a Service owns it. */
  readonly kinds: readonly LoadBalancerKind[];
  readonly cluster: ClusterIdentity;
  readonly recorder: EventRecorder;
  readonly operations: OperationLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricRegistry;
  /** Judges every write. @default runs everything, protects nothing */
  readonly policy?: GuardPolicy;
  /** Groups that are worked on at once; one group is never worked on twice at once. @default 16 */
  readonly concurrency?: number;
  /** How often a converged group is compared with the cloud without any cause. @default 30m */
  readonly observePeriod?: Duration;
}

/** Gives Services their load balancers, keeps them right, and removes them. */
export class ServiceController implements Controller {
  readonly name = 'service-lb-controller';

  constructor(_options: ServiceControllerOptions) {}

  run(_signal: AbortSignal): Promise<void> {
    return Promise.reject(new Error('not there yet'));
  }

  status(): ControllerStatus {
    return { queues: [], items: [], facts: {} };
  }

  health(): Health {
    return healthy;
  }
}
