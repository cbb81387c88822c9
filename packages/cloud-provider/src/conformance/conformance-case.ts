import type { LoadBalancerCapability } from '../cloud/capabilities.ts';
import type { Claim } from './claim.ts';
import type { Stage, StageOptions } from './stage.ts';
import type { KindSubject } from './subject.ts';

/** What a report sorts cases by. */
export type CaseGroup =
  | 'declaration'
  | 'registration'
  | 'lifecycle'
  | 'load balancers'
  | 'contract'
  | 'groups'
  | 'inventory'
  | 'survey'
  | 'routes'
  | 'volumes'
  | 'ownership'
  | 'faults'
  | 'leaks';

/** What is demanded of every kind of provider that claims it, before it is known which provider it is. */
export interface CaseDraft {
  readonly group: CaseGroup;
  /** What must hold, as a sentence without its subject. Never changes: reports of many runs are compared by it. */
  readonly name: string;
  /** Demanded only of providers that declare all of them. */
  readonly claims: readonly Claim[];
  /** Demanded only of kinds of load balancers that do not declare it: what they must say instead. */
  readonly without?: LoadBalancerCapability;
  /** `kind` makes one case for each kind of load balancer that has the claims. @default the provider */
  readonly per?: 'kind' | 'provider';
  /** Passing shows that this claim holds, even when it is not declared. */
  readonly shows?: Claim;
  readonly stage?: Omit<StageOptions, 'log'>;
  /** Throws when something is not as it must be. @param kind the first one for cases of the provider */
  run(stage: Stage, kind: KindSubject): Promise<void>;
}

/** A case of one subject. */
export interface ConformanceCase extends Omit<CaseDraft, 'per'> {
  /** `load balancers (network): …`. Unique. */
  readonly title: string;
  /** Undefined for cases that have nothing to do with load balancers. */
  readonly kind: KindSubject | undefined;
}
