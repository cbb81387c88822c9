import type { LoadBalancerIngress, LoadBalancerStatus, Service } from '../../api/service.ts';
import type { Patch } from '../../kube/client/patch.ts';
import { type ConditionChange, findCondition, planCondition } from '../../kube/conditions/conditions.ts';

type StrategicPatch = Extract<Patch, { type: 'strategic' }>;

/** What is to be true of a Service. Absent parts are left alone. */
export interface ServiceWrites {
  readonly addFinalizer?: string;
  readonly removeFinalizers?: readonly string[];
  readonly loadBalancer?: LoadBalancerStatus;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly removeAnnotations?: readonly string[];
  readonly conditions?: readonly WrittenCondition[];
  readonly removeConditions?: readonly string[];
  /** They are made only if the Service is still of this version. @default whatever its version is */
  readonly onlyVersion?: string;
}

export interface WrittenCondition extends ConditionChange {
  /**
   * `text`: another message is written too. Otherwise it is no news: the messages of clouds carry request ids and change with
   * each attempt.
   * @default reason
   */
  readonly newsIn?: 'reason' | 'text';
}

/**
 * The one patch of `services/status` that makes the writes true, undefined when they are already. The status subresource takes
 * finalizers and annotations too, which is what the Go managers rely on and all that their roles permit.
 *
 * @param now for the transition times of conditions
 */
export function servicePatch(service: Service, writes: ServiceWrites, now: Date): StrategicPatch | undefined {
  const metadata = { ...finalizerChanges(service, writes), ...annotationChanges(service, writes) };
  const status = { ...loadBalancerChanges(service, writes), ...conditionChanges(service, writes, now) };
  const hasMetadata = Object.keys(metadata).length > 0;
  const hasStatus = Object.keys(status).length > 0;
  if (!hasMetadata && !hasStatus) return undefined;
  const version = writes.onlyVersion === undefined ? {} : { resourceVersion: writes.onlyVersion };
  return {
    type: 'strategic',
    // The UID keeps the patch from another Service that has taken the name over.
    body: { metadata: { uid: service.metadata.uid, ...version, ...metadata }, ...(hasStatus ? { status } : {}) },
  };
}

/** Whether two statuses mean the same. */
export function isSameStatus(left: LoadBalancerStatus, right: LoadBalancerStatus): boolean {
  return (
    left.ingress.length === right.ingress.length &&
    left.ingress.every((entry, index) => {
      const other = right.ingress[index];
      return (
        other !== undefined &&
        entry.ip === other.ip &&
        entry.hostname === other.hostname &&
        ipModeOf(entry) === ipModeOf(other)
      );
    })
  );
}

/** The API server sets the mode of an entry with an address when none is given. */
function ipModeOf(entry: LoadBalancerIngress): string {
  return entry.ipMode === '' && entry.ip !== '' ? 'VIP' : entry.ipMode;
}

function finalizerChanges(service: Service, writes: ServiceWrites): Readonly<Record<string, unknown>> {
  const { finalizers } = service.metadata;
  const added = writes.addFinalizer;
  const removed = (writes.removeFinalizers ?? []).filter((finalizer) => finalizers.includes(finalizer));
  return {
    ...(added !== undefined && !finalizers.includes(added) ? { finalizers: [added] } : {}),
    ...(removed.length > 0 ? { '$deleteFromPrimitiveList/finalizers': removed } : {}),
  };
}

function annotationChanges(service: Service, writes: ServiceWrites): Readonly<Record<string, unknown>> {
  const present = service.metadata.annotations;
  const changed: [string, string | null][] = Object.entries(writes.annotations ?? {}).filter(
    ([key, value]) => present[key] !== value,
  );
  for (const key of writes.removeAnnotations ?? []) if (present[key] !== undefined) changed.push([key, null]);
  return changed.length > 0 ? { annotations: Object.fromEntries(changed) } : {};
}

function loadBalancerChanges(service: Service, writes: ServiceWrites): Readonly<Record<string, unknown>> {
  const wanted = writes.loadBalancer;
  if (wanted === undefined || isSameStatus(wanted, service.status.loadBalancer)) return {};
  if (wanted.ingress.length === 0) return { loadBalancer: null };
  return { loadBalancer: { ingress: wanted.ingress.map(wireIngress) } };
}

function conditionChanges(service: Service, writes: ServiceWrites, now: Date): Readonly<Record<string, unknown>> {
  const present = service.status.conditions;
  const changes: Readonly<Record<string, unknown>>[] = [];
  for (const { newsIn, ...wanted } of writes.conditions ?? []) {
    const old = findCondition(present, wanted.type);
    if (newsIn !== 'text' && old?.status === wanted.status && old.reason === wanted.reason) continue;
    const condition = planCondition(present, wanted, now);
    if (condition) changes.push({ ...condition });
  }
  for (const type of writes.removeConditions ?? []) {
    if (findCondition(present, type)) changes.push({ type, $patch: 'delete' });
  }
  return changes.length > 0 ? { conditions: changes } : {};
}

function wireIngress({ ip, hostname, ipMode }: LoadBalancerIngress): Readonly<Record<string, string>> {
  return {
    ...(ip === '' ? {} : { ip }),
    ...(hostname === '' ? {} : { hostname }),
    ...(ipMode === '' ? {} : { ipMode }),
  };
}
