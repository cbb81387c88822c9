import type { Service } from '../../api/service.ts';
import { groupAnnotation } from '../../cloud/own-annotations.ts';
import type { LoadBalancerKind } from '../../cloud/load-balancer-kind.ts';
import type { ResourceKey } from '../../cloud/operation.ts';
import type { ServiceWrites } from './service-patches.ts';

/**
 * Says in which group a Service was last written, when that is not a group of its own: `<uid of the Service>:<kind>/<group>`.
 * Without it, a Service that changes its group while nobody runs would leave its share of the old one behind. The UID keeps a
 * copy of the manifest from speaking for another Service.
 */
export { groupAnnotation };

type Place = { readonly kind: LoadBalancerKind; readonly key: ResourceKey };

/** The group of that kind that is recorded on the Service; undefined when none is. */
export function recordedGroup(service: Service, kind: LoadBalancerKind): ResourceKey | undefined {
  const prefix = `${service.metadata.uid}:${kind.name}/`;
  const recorded = service.metadata.annotations[groupAnnotation];
  return recorded?.startsWith(prefix) === true ? recorded.slice(prefix.length) : undefined;
}

/** What makes the record true before the group is written: it goes into the patch that brings the finalizer. Pure. */
export function recordGroup(service: Service, place: Place): Pick<ServiceWrites, 'annotations' | 'removeAnnotations'> {
  const { uid } = service.metadata;
  // By itself it is found by the UID alone.
  if (place.key === `service/${uid}`) return { removeAnnotations: [groupAnnotation] };
  return { annotations: { [groupAnnotation]: `${uid}:${place.kind.name}/${place.key}` } };
}
