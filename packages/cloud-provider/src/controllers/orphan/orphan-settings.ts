import { Duration } from '../../base/duration.ts';

/** What is done with an orphan: `report` only says so. */
export type OrphanPolicy = 'report' | 'delete';

/** How careful the controller is. */
export interface OrphanLimits {
  /** Nothing is called an orphan that was made, or was first seen where the cloud does not tell when it was made, later. */
  readonly minimumAge: Duration;
  /** An orphan has been seen twice, so long apart. */
  readonly confirmAfter: Duration;
  /** So many deletions within a minute at most. */
  readonly deletionsPerMinute: number;
  /** Nothing is deleted while more seem to be orphans than the larger of both: this may not be the right cluster. */
  readonly breaker: { readonly objects: number; readonly percent: number };
}

/** What the flags say to the controller. */
export interface OrphanSettings {
  /** `--orphan-policy`. @default report */
  readonly policy?: OrphanPolicy;
  /** `--orphan-sweep-period`: the time between two lists of one kind, at least. @default 1h */
  readonly sweepPeriod?: Duration;
  /** @default defaultOrphanLimits */
  readonly limits?: OrphanLimits;
}

export const defaultSweepPeriod = Duration.hours(1);

export const defaultOrphanLimits: OrphanLimits = {
  minimumAge: Duration.minutes(30),
  confirmAfter: Duration.minutes(10),
  deletionsPerMinute: 5,
  breaker: { objects: 20, percent: 30 },
};
