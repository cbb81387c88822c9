import type { Service } from '../api/service.ts';

/** What of a cluster decides how often its cloud is called. */
export interface SpendingFacts {
  readonly nodes: number;
  /** Those of the nodes that are not ready. */
  readonly silentNodes: number;
  readonly routes: 'managed' | 'none';
  /** Those that have a load balancer. */
  readonly services: readonly Service[];
}

/** Calls to the cloud on one occasion, at the defaults of both managers. Plain data. */
export interface Spending {
  /** For people, for example `keeping nodes true`. */
  readonly what: string;
  /** `hour`: in each hour in which nothing happens. `restart`: at each start. `nodeChange`: each time that a node comes or goes. */
  readonly each: 'hour' | 'restart' | 'nodeChange';
  /** Those of the cloud's Go manager, at least. */
  readonly go: number;
  /** Those of this one, about. */
  readonly ours: number;
}
