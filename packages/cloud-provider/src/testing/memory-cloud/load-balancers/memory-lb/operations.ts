import type { Operation } from '../../../../cloud/operation.ts';
import type { HealthCheck, Listener } from '../../client/balancer.ts';

/** Makes the load balancer, without listeners and backends. */
export interface CreateBalancer extends Operation {
  readonly verb: 'create';
  readonly target: 'balancer';
  readonly networkID: string;
  readonly scheme: string;
  readonly allowedRanges: readonly string[];
  readonly healthCheck: HealthCheck;
  readonly tags: Readonly<Record<string, string>>;
}

/** Changes the load balancer's own fields: those that are there. */
export interface UpdateBalancer extends Operation {
  readonly verb: 'update';
  readonly target: 'balancer';
  readonly allowedRanges?: readonly string[];
  readonly healthCheck?: HealthCheck;
  readonly tags?: Readonly<Record<string, string>>;
}

/** Deletes the load balancer with everything in it. */
export interface DeleteBalancer extends Operation {
  readonly verb: 'delete';
  readonly target: 'balancer';
}

export interface WriteListener extends Operation {
  readonly verb: 'create' | 'update' | 'delete';
  readonly target: 'listener';
  readonly listener: Listener;
}

/** Sets the whole pool of backends. */
export interface SetBackends extends Operation {
  readonly verb: 'create' | 'update';
  readonly target: 'backends';
  readonly machineIDs: readonly string[];
}

/** Everything that this kind writes. */
export type MemoryLBOperation = CreateBalancer | UpdateBalancer | DeleteBalancer | WriteListener | SetBackends;
