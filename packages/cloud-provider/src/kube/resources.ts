import type { EndpointSlice } from '../api/endpoint-slice.ts';
import type { Event } from '../api/event.ts';
import type { Lease } from '../api/lease.ts';
import type { Node } from '../api/node.ts';
import type { KubernetesObject } from '../api/object-meta.ts';
import type { Service } from '../api/service.ts';
import { endpointSliceProjection } from './projection/endpoint-slice.ts';
import { eventProjection } from './projection/event.ts';
import { leaseProjection } from './projection/lease.ts';
import { nodeProjection } from './projection/node.ts';
import { metadataProjection } from './projection/object-meta.ts';
import type { Projection } from './projection/projection.ts';
import { serviceProjection } from './projection/service.ts';

/** A resource of the API server that the managers use, and how its objects are read. */
export interface Resource<T extends KubernetesObject> {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly projection: Projection<T>;
}

export const nodes: Resource<Node> = {
  group: '',
  version: 'v1',
  plural: 'nodes',
  kind: 'Node',
  namespaced: false,
  projection: nodeProjection,
};

export const services: Resource<Service> = {
  group: '',
  version: 'v1',
  plural: 'services',
  kind: 'Service',
  namespaced: true,
  projection: serviceProjection,
};

export const leases: Resource<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
  projection: leaseProjection,
};

export const events: Resource<Event> = {
  group: 'events.k8s.io',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
  projection: eventProjection,
};

export const endpointSlices: Resource<EndpointSlice> = {
  group: 'discovery.k8s.io',
  version: 'v1',
  plural: 'endpointslices',
  kind: 'EndpointSlice',
  namespaced: true,
  projection: endpointSliceProjection,
};

/** Namespaces, of which only the metadata is read (the UID of kube-system is the identity of the cluster). */
export const namespaces: Resource<KubernetesObject> = {
  group: '',
  version: 'v1',
  plural: 'namespaces',
  kind: 'Namespace',
  namespaced: false,
  projection: metadataProjection,
};

/** `v1`, or `group/version` outside the core group. */
export function apiVersionOf(resource: Pick<Resource<KubernetesObject>, 'group' | 'version'>): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}
