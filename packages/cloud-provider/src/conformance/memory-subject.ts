import { clusterStampKey } from '../cloud/ownership.ts';
import { Duration } from '../base/duration.ts';
import type { VolumeSource } from '../cloud/volumes.ts';
import { memoryCapabilities } from '../testing/memory-cloud/capabilities.ts';
import { embeddedTransport } from '../testing/memory-cloud/client/embedded-transport.ts';
import { operationTable } from '../testing/memory-cloud/cloud/api.ts';
import type { LoadBalancerRecord } from '../testing/memory-cloud/cloud/api.ts';
import { MemoryCloud } from '../testing/memory-cloud/cloud/memory-cloud.ts';
import { routeTableID } from '../testing/memory-cloud/cloud/routes.ts';
import type { CloudSettings } from '../testing/memory-cloud/cloud/settings.ts';
import {
  balancerName,
  internalAnnotation,
  kindAnnotation,
  type NameInitial,
  serviceUIDTag,
} from '../testing/memory-cloud/load-balancers/memory-lb/desired.ts';
import { sharesIn } from '../testing/memory-cloud/load-balancers/shared-forwarder/observe.ts';
import { groupAnnotation } from '../testing/memory-cloud/load-balancers/shared-forwarder/shared-forwarder-lb.ts';
import { type MemoryCloudProviderOptions, memoryCloudProvider } from '../testing/memory-cloud/memory-cloud-provider.ts';
import { volumeDriver } from '../testing/memory-cloud/volumes/memory-volumes.ts';
import { permissionFor } from '../testing/memory-cloud/permissions.ts';
import type {
  BalancerView,
  ConformanceGround,
  ConformanceSubject,
  ConformanceWorld,
  KindSubject,
  Machine,
} from './subject.ts';

const region = 'memory-1';
const initials: readonly NameInitial[] = ['a', 'x'];

/** Objects are busy for a while after each write, and reads lag behind. */
const slow: Partial<CloudSettings> = {
  readLag: Duration.seconds(1),
  provisioning: Duration.seconds(3),
  updating: Duration.seconds(1),
  deleting: Duration.seconds(2),
  machineTransition: Duration.seconds(2),
};

const usualKind: KindSubject = {
  name: 'memory-lb',
  annotations: {},
  internalAnnotations: { [internalAnnotation]: 'true' },
  capabilities: memoryCapabilities.loadBalancers,
};
const permissions = Object.fromEntries(
  (Object.keys(operationTable) as (keyof typeof operationTable)[]).map((name) => [name, permissionFor(name)]),
);

/** The memory cloud as a subject of the suite: the example that a provider's own follows. */
export const memorySubject: ConformanceSubject = {
  name: 'memory-cloud',
  capabilities: memoryCapabilities,
  permissions: Object.fromEntries(Object.entries(permissions).filter(([name]) => !name.endsWith('Forwarder'))),
  unseenPermissions: { [permissionFor('ListForwarders')]: 'only the kind without names lists them' },
  loadBalancers: [usualKind],
  open: async (ground) => openMemoryWorld(ground).world,
};

/** Every kind of load balancer that the memory cloud has. */
export const memoryKinds = { forwarders: 'yes', loadBalancerKinds: 'two', shared: 'yes' } as const;

/** The memory cloud with every kind of load balancer that it has, one of them without names. */
export const memoryKindsSubject: ConformanceSubject = {
  ...memorySubject,
  name: 'memory-cloud with all kinds',
  capabilities: { ...memoryCapabilities, loadBalancers: [...memoryCapabilities.loadBalancers, 'shared'] },
  permissions,
  unseenPermissions: {},
  loadBalancers: [
    {
      name: 'memory-forwarder',
      annotations: { [kindAnnotation]: 'forwarder' },
      capabilities: ['tcp', 'udp', 'mixed-protocols'],
    },
    {
      name: 'memory-shared',
      annotations: { [kindAnnotation]: 'shared' },
      sharing: {
        annotations: (group) => ({ [groupAnnotation]: group }),
        refused: { [internalAnnotation]: 'true' },
      },
      capabilities: ['tcp', 'udp', 'mixed-protocols', 'shared'],
    },
    { ...usualKind, name: 'memory-express-lb', annotations: { [kindAnnotation]: 'express' } },
    usualKind,
  ],
  open: async (ground) => openMemoryWorld(ground, memoryKinds).world,
};

/** The world together with the cloud behind it, for tests that need more of it. */
export function openMemoryWorld(
  { clock, pace }: ConformanceGround,
  kinds: Pick<MemoryCloudProviderOptions, 'forwarders' | 'loadBalancerKinds' | 'shared'> = {},
): {
  readonly world: ConformanceWorld;
  readonly cloud: MemoryCloud;
} {
  const cloud = new MemoryCloud({ clock, ownerTag: clusterStampKey, settings: pace === 'slow' ? slow : {} });
  const { operator } = cloud;
  let launched = 0;
  const idOf = ({ providerID }: Machine): string => providerID.slice(providerID.lastIndexOf('/') + 1);
  const machineOf = (id: string): Machine => {
    const record = cloud.snapshot().instances.find((one) => one.id === id);
    if (!record) throw new Error(`there is no machine ${id}`);
    return {
      nodeName: record.name,
      providerID: providerIDOf(record),
      instanceType: record.type,
      zone: record.zone,
      region,
      internalIPs: [record.privateIP],
    };
  };
  const balancersOf = (uid: string): readonly LoadBalancerRecord[] =>
    cloud.snapshot().loadBalancers.filter(({ name }) => initials.some((one) => name === balancerName(uid, one)));
  const forwardersOf = (uid: string): readonly BalancerView[] =>
    cloud.snapshot().forwarders.flatMap(({ id, address, ports, tags }): readonly BalancerView[] => {
      const own = tags[serviceUIDTag] === uid ? ports : sharesIn(tags).get(uid);
      if (!own) return [];
      // A share is what is said to be the Service's; only what is there as well serves it.
      const listeners = own
        .filter((text) => ports.includes(text))
        .map((text) => {
          const [protocol = '', port, nodePort] = text.split('/');
          return { protocol, port: Number(port), nodePort: Number(nodePort), backends: 'unknown' } as const;
        });
      return [{ id, address, scheme: 'public', sourceRanges: 'unknown', listeners }];
    });
  const isNamed = (kind: string): boolean => kind === 'memory-lb' || kind === 'memory-express-lb';
  const plant = (planted: {
    readonly kind: string;
    readonly uid: string;
    readonly owner: string;
    readonly tags: Readonly<Record<string, string>>;
  }): string => {
    const { kind, owner, tags, uid } = planted;
    const record = {
      name: balancerName(uid, kind === 'memory-express-lb' ? 'x' : 'a'),
      networkID: 'net-main',
      scheme: 'public',
      allowedRanges: ['0.0.0.0/0'],
      healthCheck: { protocol: 'tcp', port: 8080, path: '' },
      listeners: [{ protocol: 'TCP', port: 8080, backendPort: 30_999, affinity: 'none' }],
      backends: [],
      tags,
    };
    return operator.plantLoadBalancer(record, owner);
  };
  const backendOf = (id: string): string => {
    const record = cloud.snapshot().instances.find((one) => one.id === id);
    return record ? providerIDOf(record) : id;
  };
  const world: ConformanceWorld = {
    provider: memoryCloudProvider({ ...kinds, transport: embeddedTransport(cloud) }).configure({
      file: undefined,
      environment: {},
      allowUntaggedCloud: 'no',
      clusterName: 'kubernetes',
    }),
    machines: {
      launch({ nodeName } = {}) {
        const number = launched++;
        const zone = `memory-1${['a', 'b', 'c'][number % 3] ?? 'a'}`;
        return machineOf(operator.launch({ name: nodeName ?? `machine-${number}`, zone }).id);
      },
      terminate: (machine) => operator.terminate(idOf(machine)),
      async forget(machine) {
        cloud.configure({ terminatedVisible: Duration.zero });
        operator.terminate(idOf(machine));
      },
      stop: (machine) => operator.stop(idOf(machine)),
      start: (machine) => operator.start(idOf(machine)),
      hideFromLists: () =>
        cloud.faults.add({ effect: { kind: 'omit', every: 1 }, match: { operation: 'DescribeInstances' } }),
    },
    loadBalancers: {
      of: ({ uid }) => [
        ...balancersOf(uid).map(
          (one): BalancerView => ({
            id: one.id,
            address: one.address,
            scheme: one.scheme === 'internal' ? 'internal' : 'public',
            sourceRanges: one.allowedRanges,
            listeners: one.listeners.map(({ protocol, port, backendPort }) => ({
              protocol,
              port,
              nodePort: backendPort,
              backends: one.backends.map(backendOf),
            })),
          }),
        ),
        ...forwardersOf(uid),
      ],
      plantNamesake(kind, { uid }, owner) {
        if (!isNamed(kind)) return 'noNames';
        plant({ kind, uid, owner, tags: { [clusterStampKey]: owner, [serviceUIDTag]: uid } });
        return undefined;
      },
      plantUnproven(kind, { uid }) {
        if (!isNamed(kind)) return 'noNames';
        return plant({ kind, uid, owner: 'a person', tags: { [serviceUIDTag]: 'of-another-service' } });
      },
      emptyBackends({ uid }) {
        for (const { name } of balancersOf(uid)) operator.tamperLoadBalancer(name, { backends: [] });
      },
    },
    routes: {
      list: () => cloud.snapshot().routes.map(({ cidr, instanceID }) => ({ cidr, target: backendOf(instanceID) })),
      plantForeign(cidr) {
        const { id } = operator.launch({ name: `of-somebody-else-${cidr}`, zone: 'memory-1a' });
        operator.plantRoute({ cidr, instanceID: id, tags: {} }, 'a person');
      },
      async lose(cidr) {
        const input = { tableID: routeTableID, cidrs: [cidr] };
        const caller = { cluster: 'a person' };
        await cloud.handle({ operation: 'DeleteRoutes', caller, input }, new AbortController().signal);
      },
      mislead(cidr, machine) {
        const tags = cloud.snapshot().routes.find((route) => route.cidr === cidr)?.tags ?? {};
        operator.plantRoute({ cidr, instanceID: idOf(machine), tags }, tags[clusterStampKey] ?? '');
      },
    },
    volumes: {
      make() {
        const zones = ['memory-1a', 'memory-1b'];
        return { source: diskSource(operator.makeVolume(zones).id), zones, region };
      },
      missing: diskSource('vol-none'),
    },
    account: () => {
      const { forwarders, loadBalancers, routes } = cloud.snapshot();
      return [
        ...forwarders.map(({ id, tags, ...content }) => ({
          kind: 'Forwarder',
          id,
          stamp: tags[clusterStampKey] ?? '',
          content: JSON.stringify([tags, content]),
        })),
        ...loadBalancers.map(({ id, tags, ...content }) => ({
          kind: 'LoadBalancer',
          id,
          stamp: tags[clusterStampKey] ?? '',
          content: JSON.stringify([tags, content]),
        })),
        ...routes.map(({ cidr, tags, ...content }) => ({
          kind: 'Route',
          id: cidr,
          stamp: tags[clusterStampKey] ?? '',
          content: JSON.stringify([tags, content]),
        })),
      ];
    },
    requests: () =>
      new Map(
        Object.entries(cloud.log.counts()).map(([name, { accepted, throttled, failed }]) => [
          name,
          accepted + throttled + failed,
        ]),
      ),
    async [Symbol.asyncDispose]() {},
  };
  return { world, cloud };
}

function providerIDOf({ zone, id }: { readonly zone: string; readonly id: string }): string {
  return `memory:///${zone}/${id}`;
}

function diskSource(handle: string): VolumeSource {
  return { kind: 'csi', driver: volumeDriver, handle };
}
