import { Duration } from '../../../base/duration.ts';
import type { ApiGroup, OperationName } from './api.ts';

export interface RateLimit {
  /** Requests a second. */
  readonly rate: number;
  /** Requests at once after a quiet time. */
  readonly burst: number;
}

/** How the cloud behaves. All of it may be changed while it runs. */
export interface CloudSettings {
  /** From request to reply. @default 0 */
  readonly latency: Duration;
  /** Each request takes up to this part of the latency longer, 0 to 1. @default 0 */
  readonly latencyJitter: number;
  /** Reads show what was true so long ago. @default 0 */
  readonly readLag: Duration;
  /** How far back the `stale` fault can reach beyond that. @default 0 */
  readonly staleMemory: Duration;
  /** A new load balancer is `PENDING_CREATE` for so long. @default 0 */
  readonly provisioning: Duration;
  /** A changed load balancer is `PENDING_UPDATE` for so long. @default 0 */
  readonly updating: Duration;
  /** A deleted load balancer is `PENDING_DELETE` for so long. @default 0 */
  readonly deleting: Duration;
  /** A new machine is `pending` for so long, one on its way down `stopping` or `terminating`. @default 0 */
  readonly machineTransition: Duration;
  /** A terminated machine stays readable for so long. @default 1h */
  readonly terminatedVisible: Duration;
  /** A group without an entry is not limited. @default {} */
  readonly rateLimits: Readonly<Partial<Record<ApiGroup, RateLimit>>>;
  readonly quotas: CloudQuotas;
  /** Operations that the caller's credentials do not allow. @default [] */
  readonly denied: readonly OperationName[];
}

export interface CloudQuotas {
  /** @default 10000 */
  readonly loadBalancers: number;
  /** @default 100 */
  readonly listenersPerLoadBalancer: number;
  /** @default 10000 */
  readonly backendsPerLoadBalancer: number;
  /** @default 10000 */
  readonly routesPerTable: number;
}

export const defaultCloudSettings: CloudSettings = {
  latency: Duration.zero,
  latencyJitter: 0,
  readLag: Duration.zero,
  staleMemory: Duration.zero,
  provisioning: Duration.zero,
  updating: Duration.zero,
  deleting: Duration.zero,
  machineTransition: Duration.zero,
  terminatedVisible: Duration.hours(1),
  rateLimits: {},
  quotas: {
    loadBalancers: 10_000,
    listenersPerLoadBalancer: 100,
    backendsPerLoadBalancer: 10_000,
    routesPerTable: 10_000,
  },
  denied: [],
};
