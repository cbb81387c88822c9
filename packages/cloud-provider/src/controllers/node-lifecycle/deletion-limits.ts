import { Duration } from '../../base/duration.ts';

/** A number of nodes that grows with the cluster: the larger of a fixed number and a part of the nodes. */
export interface NodeAllowance {
  readonly nodes: number;
  /** 0 to 100. */
  readonly percent: number;
}

/** How careful the {@link judgeDeletions deletion guard} is. */
export interface DeletionLimits {
  /** The proof of absence counts when a read that was begun at least so long after the first one brought it again. */
  readonly confirmAfter: Duration;
  /** No Node is deleted before it is so old. */
  readonly minimumAge: Duration;
  /** At most so many Nodes are deleted within a minute. */
  readonly perMinute: NodeAllowance;
  readonly breaker: BreakerLimits;
}

/** When so many machines go missing at once, it is likelier that the cloud's answers are wrong than that they are right. */
export interface BreakerLimits {
  /** More than so many Nodes that were found absent within the window open it. */
  readonly allowance: NodeAllowance;
  readonly window: Duration;
  /** An open breaker is judged again so often. */
  readonly reviewPeriod: Duration;
  /** It closes when the evidence has held for so long. At least as long as the window, or it would open again at once. */
  readonly hold: Duration;
}

/**
 * A Node without a providerID is known to the cloud by its name alone, which may merely be spelt otherwise there: it must be
 * so many times as old as others.
 */
export const ageFactorByName = 8;

export const defaultDeletionLimits: DeletionLimits = {
  confirmAfter: Duration.seconds(10),
  minimumAge: Duration.minutes(2),
  perMinute: { nodes: 20, percent: 10 },
  breaker: {
    allowance: { nodes: 20, percent: 30 },
    window: Duration.minutes(5),
    reviewPeriod: Duration.minutes(1),
    hold: Duration.minutes(10),
  },
};

/**
 * What is done with a Node that the guard lets go: `delete` it, `taint` it so that nothing new is scheduled onto it, or
 * `observe`: only say so.
 */
export type DeletionPolicy = 'delete' | 'taint' | 'observe';

/** How many nodes an allowance comes to in a cluster of that size. */
export function allowanceOf(allowance: NodeAllowance, clusterSize: number): number {
  return Math.max(allowance.nodes, Math.floor((allowance.percent * clusterSize) / 100));
}
