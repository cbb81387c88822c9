import { describe, expect, it } from '@jest/globals';
import {
  betaInstanceTypeLabel,
  betaRegionLabel,
  betaZoneLabel,
  instanceTypeLabel,
  regionLabel,
  zoneLabel,
} from '../../api/well-known.ts';
import { Duration } from '../../base/duration.ts';
import { clusterStampKey } from '../../cloud/ownership.ts';
import type { ResourceValue } from '../api-server/resources/resource-types.ts';
import type { LoadBalancerRecord, RouteRecord } from '../memory-cloud/cloud/api.ts';
import { serviceNameTag, serviceUIDTag } from '../memory-cloud/load-balancers/memory-lb/desired.ts';
import { type LifeStep, type Stage, join } from './life.ts';
import { type LifeReport, live } from './live.ts';
import { printReport } from './print-report.ts';

const beginning: readonly LifeStep[] = [
  {
    name: 'a cluster',
    act(world) {
      for (const name of ['a', 'b']) join(world, name, 'memory-1a');
      world.server.store.create('services', {
        metadata: { name: 'web', namespace: 'default' },
        spec: {
          type: 'LoadBalancer',
          ports: [
            { name: 'http', port: 80 },
            { name: 'https', port: 443 },
          ],
        },
      });
    },
    rest: Duration.minutes(5),
  },
];

/** Somebody alters one thing behind the manager's back. */
interface Drift {
  readonly act: (world: Stage) => void;
  /** Every write that this may lead to. */
  readonly writes: readonly string[];
  /** Words of which the plan has each and no other field. */
  readonly fields?: readonly string[];
  /** Everything that these writes changed: fields of cluster objects, or objects of the cloud. */
  readonly touched?: readonly string[];
}

type Alter = (balancer: LoadBalancerRecord) => Partial<LoadBalancerRecord>;

function altered(alter: Alter, write: string, field: string): Drift {
  return {
    act({ cloud }) {
      const balancer = ourBalancer({ cloud });
      cloud.operator.tamperLoadBalancer(balancer.name, alter(balancer));
    },
    writes: [write],
    fields: [field],
  };
}

function ourBalancer({ cloud }: Pick<Stage, 'cloud'>): LoadBalancerRecord {
  const balancer = cloud.snapshot().loadBalancers.find(({ tags }) => tags[serviceNameTag] === 'default/web');
  if (!balancer) throw new Error('there is no load balancer');
  return balancer;
}

const withTag =
  (tag: string): Alter =>
  ({ tags }) => ({ tags: { ...tags, [tag]: 'something-else' } });
const withCheck =
  (change: Partial<LoadBalancerRecord['healthCheck']>): Alter =>
  ({ healthCheck }) => ({ healthCheck: { ...healthCheck, ...change } });
const withFirstListener =
  (change: Partial<LoadBalancerRecord['listeners'][number]>): Alter =>
  ({ listeners: [first, ...others] }) => ({ listeners: [{ ...first!, ...change }, ...others] });

/** By the field of the cloud's record that is altered. */
const balancerDrifts: Readonly<Record<string, Drift>> = {
  allowedRanges: altered(() => ({ allowedRanges: ['192.0.2.0/24'] }), 'UpdateLoadBalancer', 'allowedRanges'),
  'healthCheck.protocol': altered(withCheck({ protocol: 'tcp' }), 'UpdateLoadBalancer', 'healthCheck'),
  'healthCheck.port': altered(withCheck({ port: 1 }), 'UpdateLoadBalancer', 'healthCheck'),
  'healthCheck.path': altered(withCheck({ path: '/other' }), 'UpdateLoadBalancer', 'healthCheck'),
  'listeners.backendPort': altered(withFirstListener({ backendPort: 1 }), 'UpdateListener', 'nodePort'),
  'listeners.affinity': altered(withFirstListener({ affinity: 'client-ip' }), 'UpdateListener', 'affinity'),
  'listeners, one less': altered(({ listeners }) => ({ listeners: listeners.slice(1) }), 'CreateListener', 'nodePort'),
  'backends, one less': altered(({ backends }) => ({ backends: backends.slice(1) }), 'SetBackends', 'backends'),
  'backends, one more': altered(({ backends }) => ({ backends: [...backends, 'm-ffff'] }), 'SetBackends', 'backends'),
  [`tags.${serviceNameTag}`]: altered(withTag(serviceNameTag), 'UpdateLoadBalancer', `tags.${serviceNameTag}`),
};

/** Fields of the record that nobody can set, or that make it another load balancer. */
const notOurs = ['id', 'name', 'networkID', 'scheme', 'address', 'status', 'revision', `tags.${clusterStampKey}`];
/** Ownership is read from it: altered, it is another Service's. */
const ownership = [`tags.${serviceUIDTag}`];

/** Somebody gives one label of a Node another value, or takes it away. */
function relabelled(label: string, value?: string): Drift {
  return {
    act({ server }) {
      server.store.update('nodes', { name: 'a' }, ({ metadata, ...node }) => {
        const others = Object.fromEntries(Object.entries(metadata.labels ?? {}).filter(([name]) => name !== label));
        return {
          ...node,
          metadata: { ...metadata, labels: value === undefined ? others : { ...others, [label]: value } },
        };
      });
    },
    writes: ['patch nodes a'],
    touched: [`metadata.labels.${label}`],
  };
}

const wellKnownLabels = [
  zoneLabel,
  regionLabel,
  instanceTypeLabel,
  betaZoneLabel,
  betaRegionLabel,
  betaInstanceTypeLabel,
];
/** Another value makes it somebody else's label, which is left alone. */
const additionalLabels = ['topology.memory-cloud/host'];
const nodeLabels = [...wellKnownLabels, ...additionalLabels];

type NodeStatus = NonNullable<ResourceValue<'nodes'>['status']>;

/** Somebody writes one part of a Node's status. */
function restated(change: (status: NodeStatus) => NodeStatus, field: string): Drift {
  return {
    act({ server }) {
      server.store.update('nodes', { name: 'a', subresource: 'status' }, (value) => ({
        ...value,
        status: change(value.status ?? {}),
      }));
    },
    writes: ['patch nodes a status'],
    touched: [field],
  };
}

function routeTo({ cloud }: Pick<Stage, 'cloud'>, name: string): RouteRecord {
  const { routes, instances } = cloud.snapshot();
  const machine = instances.find((one) => one.name === name);
  const route = routes.find(({ instanceID }) => instanceID === machine?.id);
  if (!route) throw new Error(`there is no route to ${name}`);
  return route;
}

/** By the field of Nodes, Services and routes that is altered. */
const others: Readonly<Record<string, Drift>> = {
  'a listener that nobody asked for': {
    act({ cloud }) {
      const { name, listeners } = ourBalancer({ cloud });
      const strange = { protocol: 'TCP', port: 9, backendPort: 9, affinity: 'none' };
      cloud.operator.tamperLoadBalancer(name, { listeners: [...listeners, strange] });
    },
    writes: ['DeleteListener'],
    fields: [],
  },
  'the target of a route': {
    act({ cloud }) {
      const owner = routeTo({ cloud }, 'a').tags[clusterStampKey] ?? '';
      const { instanceID } = routeTo({ cloud }, 'b');
      cloud.operator.plantRoute({ ...routeTo({ cloud }, 'a'), instanceID }, owner);
    },
    writes: ['ReplaceRoutes'],
    touched: ['route/10.244.0.0/24'],
  },
  'a route, taken away': {
    act: ({ cloud }) => cloud.operator.uprootRoute(routeTo({ cloud }, 'a').cidr),
    writes: ['CreateRoutes'],
    touched: ['route/10.244.0.0/24'],
  },
  ...Object.fromEntries(wellKnownLabels.map((label) => [`the label ${label}`, relabelled(label, 'elsewhere')])),
  ...Object.fromEntries(nodeLabels.map((label) => [`the label ${label}, taken away`, relabelled(label)])),
  'the addresses of a Node, all but one': restated(
    (status) => ({ ...status, addresses: [{ type: 'Hostname', address: 'a' }] }),
    'status.addresses',
  ),
  'one address of a Node': restated(
    (status) => ({
      ...status,
      addresses: (status.addresses ?? []).map((one) =>
        one.type === 'InternalIP' ? { ...one, address: '192.0.2.1' } : one,
      ),
    }),
    'status.addresses',
  ),
  'the condition of the network of a Node': restated(
    (status) => ({
      ...status,
      conditions: (status.conditions ?? []).map((one) =>
        one.type === 'NetworkUnavailable' ? { ...one, status: 'True' } : one,
      ),
    }),
    'status.conditions',
  ),
  'the address of a Service': {
    act({ server }) {
      server.store.update('services', { name: 'web', subresource: 'status' }, (value) => ({
        ...value,
        status: { ...value.status, loadBalancer: {} },
      }));
    },
    writes: ['patch services web status'],
    touched: ['status.loadBalancer.ingress'],
  },
  'the finalizer of a Service': {
    act: ({ server }) => void server.store.patch('services', 'web', { metadata: { finalizers: null } }),
    // Finalizers may be written along with the status.
    writes: ['patch services web status'],
    touched: ['metadata.finalizers'],
  },
};

/** The paths of everything that two versions of an object don't have in common; lists are compared as wholes. */
function differences(before: unknown, after: unknown, path: readonly string[] = []): readonly string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isRecord(before) || !isRecord(after)) return [path.join('.')];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  for (const bookkeeping of ['resourceVersion', 'managedFields', 'generation']) names.delete(bookkeeping);
  return [...names].flatMap((name) => differences(before[name], after[name], [...path, name]));
}

async function drift({ act }: Drift) {
  let before = { cloud: 0, cluster: 0 };
  let stage: Stage | undefined;
  let spoilt: readonly unknown[] = [];
  const plans: string[] = [];
  const report = await live({
    steps: [
      ...beginning,
      {
        name: 'drift',
        act(world) {
          stage = world;
          before = { cloud: world.cloud.log.records.length, cluster: world.server.log.entries.length };
          act(world);
          spoilt = [world.server.store.get('nodes', 'a'), world.server.store.get('services', 'web')];
        },
        rest: Duration.minutes(75),
      },
    ],
    patience: Duration.minutes(75),
    log(line) {
      if (stage && line.includes('Load balancer plan')) plans.push(line);
    },
  });
  // What was refused was not written: labels are first asked for without force.
  const cloudWrites = stage?.cloud.log.records
    .slice(before.cloud)
    .filter(({ kind, outcome }) => kind === 'write' && outcome === 'accepted');
  const clusterWrites = stage?.server.log.entries
    .slice(before.cluster)
    .filter(({ resource }) => resource === 'nodes' || resource === 'services');
  const writes = [
    ...(cloudWrites ?? []).map(({ operation }) => operation),
    ...(clusterWrites ?? []).map(({ verb, resource, name, subresource }) =>
      [verb, resource, name, subresource].filter((part) => part !== '').join(' '),
    ),
  ];
  const repaired = [stage?.server.store.get('nodes', 'a'), stage?.server.store.get('services', 'web')];
  const touched = [
    ...(cloudWrites ?? []).flatMap((record) => record.touched),
    ...spoilt.flatMap((before, index) => differences(before, repaired[index])),
  ];
  return { report, writes, plans, touched };
}

describe('what somebody alters behind the back of a manager', () => {
  let model: LifeReport | undefined;
  const held = new Set<string>();

  it.each(Object.entries({ ...balancerDrifts, ...others }))(
    '%s, is repaired, and nothing else is written',
    async (name, one) => {
      model ??= await live({
        steps: [...beginning, { name: 'none', act: () => undefined, rest: Duration.minutes(75) }],
      });
      const { report, writes, plans, touched } = await drift(one);
      expect(report.faults).toEqual([]);
      expect(report.endState).toBe(model.endState);
      expect(writes).toEqual(one.writes);
      if (one.touched) expect(touched).toEqual(one.touched);
      if (!one.fields) return void held.add(name);
      const named = [...plans.join('\n').matchAll(/[(,] ?([\w./-]+): [^,()]*→/g)].map(([, field]) => field);
      expect(named).toEqual(one.fields);
      held.add(name);
    },
  );

  it('is everything that the cloud knows of a load balancer, and every label that the manager writes', async () => {
    const seen = new Set<string>();
    const labelsOfOurs = new Set<string>();
    await live({
      steps: [
        ...beginning,
        {
          name: 'look',
          act({ cloud, server }) {
            const managed = server.store.get('nodes', 'a')?.metadata.managedFields ?? [];
            for (const { manager, fieldsV1 } of managed) {
              if (manager !== 'cloud-node-controller') continue;
              const fields = fieldsV1 as { 'f:metadata'?: { 'f:labels'?: object } };
              for (const key of Object.keys(fields['f:metadata']?.['f:labels'] ?? {})) labelsOfOurs.add(key.slice(2));
            }
            for (const [key, value] of Object.entries<unknown>({ ...ourBalancer({ cloud }) })) {
              const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
              if (isRecord) for (const part of Object.keys(value)) seen.add(`${key}.${part}`);
              else seen.add(key);
            }
          },
        },
      ],
    });
    const known = [
      ...Object.keys(balancerDrifts).map((name) => name.replace(/,.*|(?<=listeners)\..*/, '')),
      ...notOurs,
      ...ownership,
    ];
    expect([...seen].sort()).toEqual([...new Set(known)].sort());
    expect([...labelsOfOurs].sort()).toEqual([...nodeLabels].sort());
    const names = Object.keys({ ...balancerDrifts, ...others });
    printReport({ proof: 'drift', points: names.length, failures: names.filter((name) => !held.has(name)) });
  });
});
