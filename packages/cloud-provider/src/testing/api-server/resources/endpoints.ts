import { isIP } from 'node:net';
import type { ApiObject } from '../api-object.ts';
import { defineResource } from '../resource.ts';
import type { ValueOf } from '../schema.ts';
import { endpointSlice } from '../schemas/endpoint-slice.ts';
import { endpoints as endpointsType } from '../schemas/endpoints.ts';
import { fieldFault } from '../status.ts';
import type { StatusCause } from '../status.ts';
import { ageColumn, nameColumn } from '../table.ts';

type Endpoints = ValueOf<typeof endpointsType> & ApiObject;
type EndpointSlice = ValueOf<typeof endpointSlice> & ApiObject;

/** How many addresses or ports a table shows. */
const shown = 3;

export const endpoints = defineResource({
  group: '',
  version: 'v1',
  plural: 'endpoints',
  singular: 'endpoints',
  kind: 'Endpoints',
  shortNames: ['ep'],
  namespaced: true,
  type: endpointsType,
  createsOnUpdate: true,
  applyDefaults: (object) => {
    if (object.subsets === undefined) return object;
    const subsets = object.subsets.map((subset) =>
      subset.ports === undefined
        ? subset
        : { ...subset, ports: subset.ports.map((port) => ({ ...port, protocol: port.protocol ?? 'TCP' })) },
    );
    return { ...object, subsets };
  },
  columns: [
    nameColumn,
    { name: 'Endpoints', priority: 0, cell: (object) => addresses(object as Endpoints) },
    ageColumn,
  ],
});

export const endpointSlices = defineResource({
  group: 'discovery.k8s.io',
  version: 'v1',
  plural: 'endpointslices',
  singular: 'endpointslice',
  kind: 'EndpointSlice',
  namespaced: true,
  type: endpointSlice,
  countsGenerations: true,
  applyDefaults: (object) => ({
    ...object,
    ports: object.ports?.map((port) => ({ ...port, name: port.name ?? '', protocol: port.protocol ?? 'TCP' })) ?? null,
  }),
  validate: validateSlice,
  columns: [
    nameColumn,
    { name: 'AddressType', priority: 0, cell: (object) => (object as EndpointSlice).addressType },
    { name: 'Ports', priority: 0, cell: (object) => slicePorts(object as EndpointSlice) },
    {
      name: 'Endpoints',
      priority: 0,
      cell: (object) =>
        firstOf(
          ((object as EndpointSlice).endpoints ?? []).flatMap((one) => one.addresses ?? []),
          '<unset>',
        ),
    },
    ageColumn,
  ],
});

const addressTypes = ['FQDN', 'IPv4', 'IPv6'];

function validateSlice(object: EndpointSlice, old: EndpointSlice | undefined): readonly StatusCause[] {
  const faults: StatusCause[] = [];
  if (object.addressType === '') faults.push(fieldFault.required('addressType'));
  else if (!addressTypes.includes(object.addressType)) {
    faults.push(fieldFault.notSupported('addressType', object.addressType, addressTypes));
  }
  if (old !== undefined && old.addressType !== object.addressType) {
    faults.push(fieldFault.invalid('addressType', object.addressType, 'field is immutable'));
  }
  for (const [index, endpoint] of (object.endpoints ?? []).entries()) {
    const path = `endpoints[${index}].addresses`;
    if ((endpoint.addresses ?? []).length === 0)
      faults.push(fieldFault.required(path, 'must contain at least 1 address'));
    const version = object.addressType === 'IPv6' ? 6 : 4;
    for (const [place, address] of (endpoint.addresses ?? []).entries()) {
      if (object.addressType === 'FQDN' || isIP(address) === version) continue;
      faults.push(fieldFault.invalid(`${path}[${place}]`, address, `must be an ${object.addressType} address`));
    }
  }
  return faults;
}

function addresses(object: Endpoints): string {
  const all = (object.subsets ?? []).flatMap((subset) => {
    const hosts = (subset.addresses ?? []).map((address) => address.ip);
    const ports = subset.ports ?? [];
    return ports.length === 0 ? hosts : ports.flatMap((port) => hosts.map((host) => hostPort(host, port.port)));
  });
  return firstOf(all, '<none>');
}

function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function slicePorts(object: EndpointSlice): string {
  return firstOf(
    (object.ports ?? []).map((port) => String(port.port ?? (port.name || '*'))),
    '<unset>',
  );
}

function firstOf(all: readonly string[], none: string): string {
  if (all.length === 0) return none;
  const text = all.slice(0, shown).join(',');
  return all.length > shown ? `${text} + ${all.length - shown} more...` : text;
}
