import { defineResource } from '../resource.ts';
import type { ResourceDefinition } from '../resource.ts';
import { service as serviceType } from '../schemas/service.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { Column } from '../table.ts';
import { ServiceAllocator } from './service-allocator.ts';
import { applyServiceDefaults } from './service-defaults.ts';
import type { Service } from './service-defaults.ts';
import { prepareServiceUpdate } from './service-update.ts';
import { validateService, validateServiceStatus } from './service-validation.ts';

/** Services. Each server has its own, because each hands out its own addresses and ports. */
export function defineServices(): ResourceDefinition<typeof serviceType> {
  const allocator = new ServiceAllocator();
  return defineResource({
    group: '',
    version: 'v1',
    plural: 'services',
    singular: 'service',
    kind: 'Service',
    shortNames: ['svc'],
    categories: ['all'],
    namespaced: true,
    subresources: ['status'],
    type: serviceType,
    nameRule: 'label',
    createsOnUpdate: true,
    returnsDeletedObject: true,
    selectableFields: {
      'spec.clusterIP': (object) => (object as Service).spec.clusterIP ?? '',
      'spec.type': (object) => (object as Service).spec.type ?? '',
    },
    applyDefaults: applyServiceDefaults,
    prepareForCreate: (object) => ({ ...object, status: { loadBalancer: {} } }),
    prepareForUpdate: prepareServiceUpdate,
    validate: validateService,
    validateStatus: validateServiceStatus,
    allocate: (object, old, context) => allocator.allocate(object, old, context),
    release: (object) => allocator.release(object),
    columns: serviceColumns(),
  });
}

function serviceColumns(): readonly Column[] {
  const column = (name: string, priority: 0 | 1, cell: (service: Service) => string): Column => ({
    name,
    priority,
    cell: (object) => cell(object as Service),
  });
  return [
    nameColumn,
    column('Type', 0, (service) => service.spec.type ?? ''),
    column('Cluster-IP', 0, (service) => service.spec.clusterIPs?.[0] ?? '<none>'),
    column('External-IP', 0, externalAddresses),
    column('Port(s)', 0, ports),
    ageColumn,
    column('Selector', 1, selector),
  ];
}

function externalAddresses({ spec, status }: Service): string {
  if (spec.type === 'ExternalName') return spec.externalName ?? '';
  const own = spec.externalIPs ?? [];
  if (spec.type !== 'LoadBalancer') return own.length === 0 ? '<none>' : own.join(',');
  const given = new Set((status.loadBalancer.ingress ?? []).flatMap((one) => one.ip ?? one.hostname ?? []));
  const all = [...[...given].sort(), ...own];
  return all.length === 0 ? '<pending>' : all.join(',');
}

function ports({ spec }: Service): string {
  const shown = (spec.ports ?? []).map((port) => {
    const nodePort = port.nodePort === undefined ? '' : `:${port.nodePort}`;
    return `${port.port}${nodePort}/${port.protocol}`;
  });
  return shown.length === 0 ? '<none>' : shown.join(',');
}

function selector({ spec }: Service): string {
  const pairs = Object.entries(spec.selector ?? {}).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? '<none>' : pairs.join(',');
}
