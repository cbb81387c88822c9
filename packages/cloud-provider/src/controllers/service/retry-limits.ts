import { Duration } from '../../base/duration.ts';

/** The back-off of one Service or group. Source: k8s.io/cloud-provider controllers/service, minRetryDelay and maxRetryDelay. */
export const retryLimits = { initial: Duration.seconds(5), max: Duration.seconds(300) };
