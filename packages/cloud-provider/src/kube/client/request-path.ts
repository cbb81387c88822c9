import type { KubernetesObject } from '../../api/object-meta.ts';
import type { Resource } from '../resources.ts';

export interface Place {
  /** Empty for all namespaces and for cluster-scoped resources. */
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

/** The path segments of a resource, of one object, or of a subresource; unescaped. */
export function resourcePath(resource: Resource<KubernetesObject>, place: Place): string[] {
  const segments = resource.group === '' ? ['api', resource.version] : ['apis', resource.group, resource.version];
  if (resource.namespaced && place.namespace !== undefined && place.namespace !== '') {
    segments.push('namespaces', place.namespace);
  }
  segments.push(resource.plural);
  if (place.name !== undefined) segments.push(place.name);
  if (place.subresource !== undefined) segments.push(place.subresource);
  return segments;
}

/** Path and query as they go on the wire. Undefined and empty parameters are left out. */
export function requestTarget(
  segments: readonly string[],
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') parameters.set(name, value);
  }
  const path = `/${segments.map(encodeURIComponent).join('/')}`;
  const suffix = parameters.toString();
  return suffix === '' ? path : `${path}?${suffix}`;
}
