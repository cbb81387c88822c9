import type { Operation } from './operation.ts';

/** The writes that are planned for one group of load balancers, or for one route table. Plain data. */
export interface PlannedWrites {
  /** The name of the kind of load balancer; `routes` for a route table. */
  readonly kind: string;
  /** What that kind, or the routes, observed. */
  readonly observed: unknown;
  /** In order. What only the cloud can tell, such as the ids of things to be made, is not known in them. */
  readonly operations: readonly Operation[];
}

/** One limit of the cloud that a plan comes nearer to, or moves away from. Plain data. */
export interface QuotaUse {
  /** In the cloud's words, for example `load balancers per account`. */
  readonly quota: string;
  /** The object that it is counted for; empty for the account. */
  readonly of: string;
  readonly now: number;
  /** Once the plan is carried out. */
  readonly then: number;
  readonly limit: number;
  /** `account`: the cloud said so. `default`: what new accounts have; this one may have another. */
  readonly source: 'account' | 'default';
}
