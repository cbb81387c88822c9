import type {
  AccessLog,
  AttributeChange,
  ClassicAttributes,
  ClassicHealthCheck,
  ConnectionDraining,
} from '../../client/classic-elb-port.ts';

/** The blocks in which anything that is asked for differs. What AWS says beyond that does not count. */
export function changedAttributes(desired: AttributeChange, present: ClassicAttributes): AttributeChange {
  const { crossZone, accessLog, draining, idleTimeoutSeconds } = desired;
  return {
    ...(crossZone === undefined || crossZone === present.crossZone ? {} : { crossZone }),
    ...(accessLog === undefined || isSameLog(accessLog, present.accessLog) ? {} : { accessLog }),
    ...(draining === undefined || isSameDraining(draining, present.draining) ? {} : { draining }),
    ...(idleTimeoutSeconds === undefined || idleTimeoutSeconds === present.idleTimeoutSeconds
      ? {}
      : { idleTimeoutSeconds }),
  };
}

/** Where logs would go does not matter while there are none. */
function isSameLog(desired: AccessLog, present: AccessLog): boolean {
  if (!desired.enabled) return !present.enabled;
  return (
    present.enabled &&
    isMet(desired.emitIntervalMinutes, present.emitIntervalMinutes) &&
    isMet(desired.bucket, present.bucket) &&
    isMet(desired.prefix, present.prefix)
  );
}

function isSameDraining(desired: ConnectionDraining, present: ConnectionDraining): boolean {
  return desired.enabled === present.enabled && isMet(desired.timeoutSeconds, present.timeoutSeconds);
}

function isMet<Value>(desired: Value | undefined, present: Value | undefined): boolean {
  return desired === undefined || desired === present;
}

export function isSameCheck(desired: ClassicHealthCheck, present: ClassicHealthCheck): boolean {
  return (
    desired.target === present.target &&
    desired.intervalSeconds === present.intervalSeconds &&
    desired.timeoutSeconds === present.timeoutSeconds &&
    desired.healthyThreshold === present.healthyThreshold &&
    desired.unhealthyThreshold === present.unhealthyThreshold
  );
}
