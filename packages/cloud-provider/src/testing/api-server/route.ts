import type { Registry } from './registry.ts';
import type { ResourceDefinition, Verb } from './resource.ts';
import { methodNotAllowed, unknownResource } from './status.ts';
import type { Subresource } from './writes.ts';

/** A request for objects. */
export interface ResourceRoute {
  readonly kind: 'resource';
  readonly verb: Verb;
  readonly resource: ResourceDefinition;
  /** Empty for cluster-scoped resources and for lists over all namespaces. */
  readonly namespace: string;
  /** Empty for collections. */
  readonly name: string;
  readonly subresource: Subresource;
}

export type Route = ResourceRoute | { readonly kind: 'other'; readonly path: string };

/** Finds out what a request is about. @throws StatusError 404, 405 */
export function findRoute(registry: Registry, method: string, url: URL): Route {
  const parts = url.pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  const place = resourcePlace(parts);
  if (!place) return { kind: 'other', path: url.pathname };
  if (!registry.resources.some((one) => one.group === place.group && one.version === place.version)) {
    return { kind: 'other', path: url.pathname };
  }
  const { plural, name, subresource } = place;
  const resource = registry.find(place.group, place.version, plural);
  if (!resource) throw unknownResource();
  if (subresource !== '' && !resource.subresources.some((one) => one === subresource)) throw unknownResource();
  if (place.namespace !== '' && !resource.namespaced) throw unknownResource();
  if (name !== '' && resource.namespaced && place.namespace === '') throw unknownResource();
  const verb = verbOf(method, { isNamed: name !== '', isWatch: isTrue(url.searchParams.get('watch')) });
  const allowed = subresource === '' ? resource.verbs : subresourceVerbs(subresource);
  if (!verb || !allowed.includes(verb)) throw methodNotAllowed();
  if (verb === 'create' && resource.namespaced && place.namespace === '') throw methodNotAllowed();
  return {
    kind: 'resource',
    verb,
    resource,
    namespace: place.namespace,
    name,
    subresource: subresource === 'status' || subresource === 'finalize' ? subresource : '',
  };
}

interface Place {
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly plural: string;
  readonly name: string;
  readonly subresource: string;
}

function resourcePlace(parts: readonly string[]): Place | undefined {
  const isCore = parts[0] === 'api';
  if (!isCore && parts[0] !== 'apis') return undefined;
  const [group = '', version = ''] = isCore ? ['', parts[1]] : [parts[1], parts[2]];
  const rest = parts.slice(isCore ? 2 : 3);
  const [first = '', second = '', third = ''] = rest;
  if (first === '') return undefined;
  // `namespaces/x` and `namespaces/x/status` are about the namespace, anything longer or else is inside of it.
  const isInside =
    first === 'namespaces' &&
    third !== '' &&
    !(isCore && rest.length === 3 && (third === 'status' || third === 'finalize'));
  if (!isInside) return { group, version, namespace: '', plural: first, name: second, subresource: third };
  const [, , plural = '', name = '', subresource = ''] = rest;
  return { group, version, namespace: second, plural, name, subresource };
}

function verbOf(method: string, request: { readonly isNamed: boolean; readonly isWatch: boolean }): Verb | undefined {
  const { isNamed } = request;
  switch (method) {
    case 'GET':
      if (isNamed) return 'get';
      return request.isWatch ? 'watch' : 'list';
    case 'POST':
      return isNamed ? undefined : 'create';
    case 'PUT':
      return isNamed ? 'update' : undefined;
    case 'PATCH':
      return isNamed ? 'patch' : undefined;
    case 'DELETE':
      return isNamed ? 'delete' : 'deletecollection';
    default:
      return undefined;
  }
}

function subresourceVerbs(subresource: string): readonly Verb[] {
  return subresource === 'finalize' ? ['update'] : ['get', 'patch', 'update'];
}

/** Booleans of a query as Go reads them. */
export function isTrue(text: string | null): boolean {
  return text === 'true' || text === '1' || text === 'True' || text === 't';
}
