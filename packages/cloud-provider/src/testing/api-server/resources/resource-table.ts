import type { ResourceDefinition } from '../resource.ts';
import { configMaps, secrets, serviceAccounts } from './configuration.ts';
import { endpointSlices, endpoints } from './endpoints.ts';
import { coreEvents, groupEvents } from './events.ts';
import { leases } from './leases.ts';
import { namespaces } from './namespaces.ts';
import { nodes } from './nodes.ts';
import { pods } from './pods.ts';
import { defineServices } from './services.ts';

/** Every resource that a server serves. New for each server, since some of them keep pools. */
export function createResources(): readonly ResourceDefinition[] {
  const declared: readonly unknown[] = [
    configMaps,
    endpoints,
    coreEvents,
    namespaces,
    nodes,
    pods,
    secrets,
    serviceAccounts,
    defineServices(),
    leases,
    endpointSlices,
    groupEvents,
  ];
  // A definition is handled by code that knows no kind; it passes each object only to the rules of the object's own kind.
  return declared as readonly ResourceDefinition[];
}
