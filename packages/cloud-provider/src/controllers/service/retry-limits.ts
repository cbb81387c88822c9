import { Duration } from '../../base/duration.ts';

/** The back-off of one Service or group. Source: k8s.io/cloud-provider controllers/service, minRetryDelay and maxRetryDelay. */
export const retryLimits = { initial: Duration.seconds(5), max: Duration.seconds(300) };

/** The back-off of what a defect of the provider keeps from being done: as good as never, but a later version heals it. */
export const defectLimits = { initial: Duration.minutes(5), max: Duration.hours(1) };

/** What may pass by itself becomes a condition when it was met for this many times in a row. */
export const patience = 3;
