import type { ApiObject } from '../api-object.ts';
import type { ValueOf } from '../schema.ts';
import type { configMap, secret, serviceAccount } from '../schemas/config.ts';
import type { endpoints } from '../schemas/endpoints.ts';
import type { endpointSlice } from '../schemas/endpoint-slice.ts';
import type { event, eventsV1Event } from '../schemas/event.ts';
import type { lease } from '../schemas/lease.ts';
import type { namespace } from '../schemas/namespace.ts';
import type { node } from '../schemas/node.ts';
import type { pod } from '../schemas/pod.ts';
import type { service } from '../schemas/service.ts';

/** The types of the resources by plural; a plural that two groups share has its group appended for the second. */
export interface ResourceTypes {
  readonly configmaps: typeof configMap;
  readonly endpoints: typeof endpoints;
  readonly endpointslices: typeof endpointSlice;
  readonly events: typeof event;
  readonly 'events.events.k8s.io': typeof eventsV1Event;
  readonly leases: typeof lease;
  readonly namespaces: typeof namespace;
  readonly nodes: typeof node;
  readonly pods: typeof pod;
  readonly secrets: typeof secret;
  readonly serviceaccounts: typeof serviceAccount;
  readonly services: typeof service;
}

/** A stored object of a resource. */
export type ResourceValue<R extends keyof ResourceTypes> = ValueOf<ResourceTypes[R]> & Pick<ApiObject, 'metadata'>;
