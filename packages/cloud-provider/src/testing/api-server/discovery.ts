import type { JsonObject } from './json.ts';
import type { Registry } from './registry.ts';
import { groupVersion } from './resource.ts';
import type { ResourceDefinition } from './resource.ts';
import type { MediaRange } from './negotiation.ts';

/** The version that the server claims to be. */
export const serverVersion = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.3',
  gitCommit: '',
  gitTreeState: '',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: '',
  platform: '',
};

/** An answer of the discovery endpoints with its media type. */
export interface DiscoveryDocument {
  readonly type: string;
  readonly content: JsonObject;
}

const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** The discovery document at a path, or undefined when there is none. */
export function discoveryDocument(
  registry: Registry,
  request: { readonly path: string; readonly accept: readonly MediaRange[]; readonly address: string },
): DiscoveryDocument | undefined {
  const parts = request.path.split('/').filter((part) => part !== '');
  const [root, group, version] = parts;
  if (root === 'api' && group === undefined) {
    return wantsAggregated(request.accept) ? aggregated(registry, 'core') : plain(coreVersions(request.address));
  }
  if (root === 'apis' && group === undefined) {
    return wantsAggregated(request.accept) ? aggregated(registry, 'named') : plain(groupList(registry));
  }
  const [name, number] = root === 'api' ? ['', group] : [group, version];
  if ((root !== 'api' && root !== 'apis') || parts.length > (root === 'api' ? 2 : 3)) return undefined;
  const resources = registry.resources.filter(
    (one) => one.group === name && (number === undefined || one.version === number),
  );
  const [first] = resources;
  if (!first) return undefined;
  return plain(
    number === undefined
      ? { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(first) }
      : resourceList(first, resources),
  );
}

function plain(content: JsonObject): DiscoveryDocument {
  return { type: 'application/json', content };
}

function wantsAggregated(accept: readonly MediaRange[]): boolean {
  return accept.some(
    ({ parameters }) => parameters.get('as') === 'APIGroupDiscoveryList' && parameters.get('v') === 'v2',
  );
}

function coreVersions(address: string): JsonObject {
  const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress: address }];
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs };
}

function groupList(registry: Registry): JsonObject {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: namedGroups(registry).map(groupEntry) };
}

/** One resource of each named group. */
function namedGroups(registry: Registry): readonly ResourceDefinition[] {
  const groups = new Map<string, ResourceDefinition>();
  for (const resource of registry.resources) {
    if (resource.group !== '' && !groups.has(resource.group)) groups.set(resource.group, resource);
  }
  return [...groups.values()];
}

function groupEntry(resource: ResourceDefinition): JsonObject {
  const version = { groupVersion: groupVersion(resource), version: resource.version };
  return { name: resource.group, versions: [version], preferredVersion: version };
}

function resourceList(first: ResourceDefinition, resources: readonly ResourceDefinition[]): JsonObject {
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: groupVersion(first),
    resources: resources.flatMap((resource) => [
      {
        name: resource.plural,
        singularName: resource.singular,
        namespaced: resource.namespaced,
        kind: resource.kind,
        verbs: resource.verbs.toSorted(),
        ...(resource.shortNames.length === 0 ? {} : { shortNames: resource.shortNames }),
        ...(resource.categories.length === 0 ? {} : { categories: resource.categories }),
      },
      ...resource.subresources.map((name) => ({
        name: `${resource.plural}/${name}`,
        singularName: '',
        namespaced: resource.namespaced,
        kind: resource.kind,
        verbs: subresourceVerbs(name),
      })),
    ]),
  };
}

function subresourceVerbs(name: string): readonly string[] {
  return name === 'finalize' ? ['update'] : ['get', 'patch', 'update'];
}

function aggregated(registry: Registry, which: 'core' | 'named'): DiscoveryDocument {
  const heads = which === 'core' ? registry.resources.slice(0, 1) : namedGroups(registry);
  const content = {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: heads.map((head) => {
      const group = which === 'core' ? '' : head.group;
      const resources = registry.resources.filter((one) => one.group === group).map(aggregatedResource);
      return {
        metadata: group === '' ? {} : { name: group },
        versions: [{ version: head.version, resources, freshness: 'Current' }],
      };
    }),
  };
  return { type: aggregatedType, content };
}

function aggregatedResource(resource: ResourceDefinition): JsonObject {
  const responseKind = { group: resource.group, version: resource.version, kind: resource.kind };
  const subresources = resource.subresources.map((subresource) => ({
    subresource,
    responseKind,
    verbs: subresourceVerbs(subresource),
  }));
  return {
    resource: resource.plural,
    responseKind,
    scope: resource.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: resource.singular,
    verbs: resource.verbs.toSorted(),
    ...(resource.shortNames.length === 0 ? {} : { shortNames: resource.shortNames }),
    ...(resource.categories.length === 0 ? {} : { categories: resource.categories }),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}
