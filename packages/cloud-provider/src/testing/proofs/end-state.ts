import { clusterStampKey } from '../../cloud/ownership.ts';
import { type ApiObject, withMetadata } from '../api-server/api-object.ts';
import { serviceNameTag } from '../memory-cloud/load-balancers/memory-lb/desired.ts';
import type { ProofGround } from './ground.ts';

interface Condition {
  readonly type: string;
  readonly status: string;
}

/**
 * Everything that a life left in cluster and cloud, in a form that is the same for two lives that came to the same: names in
 * the place of ids, addresses and versions; times left out. Events and the Lease tell of the way, not of the end.
 */
export function describeEndState(world: ProofGround): string {
  const { cloud, server, clusterUID } = world;
  const snapshot = cloud.snapshot();
  const names = new Map<string, string>([[clusterUID, '<cluster>']]);
  for (const { id, host, name, state } of snapshot.instances) {
    names.set(id, `<machine ${name}, ${state}>`);
    names.set(host, `<host of ${name}, ${state}>`);
  }
  for (const { id, name, address } of snapshot.loadBalancers) {
    names.set(id, `<load balancer ${name}>`);
    names.set(address, `<address of ${name}>`);
  }
  for (const { id, tags, address } of snapshot.forwarders) {
    names.set(id, `<forwarder of ${tags[serviceNameTag] ?? 'somebody'}>`);
    names.set(address, `<address of the forwarder of ${tags[serviceNameTag] ?? 'somebody'}>`);
  }
  // Which range a node gets may depend on the way; that it has one of its own is judged elsewhere.
  for (const { metadata, spec } of server.store.list('nodes')) {
    for (const range of spec.podCIDRs ?? []) names.set(range, `<range of ${metadata.name ?? ''}>`);
  }
  const state = {
    nodes: server.store.list('nodes'),
    services: server.store.list('services').map(withoutTrial),
    // Those that are terminated are forgotten after a while; how long a life took doesn't count.
    instances: snapshot.instances
      .filter(({ state: power }) => power !== 'terminated')
      .map(({ name, state: power }) => `${name} ${power}`)
      .sort(),
    loadBalancers: snapshot.loadBalancers
      .map((record) => ({
        ...record,
        owner: record.tags[clusterStampKey],
        listeners: record.listeners.map((one) => JSON.stringify(one)).sort(),
        backends: [...record.backends].map((id) => names.get(id) ?? id).sort(),
      }))
      .sort((left, right) => (left.name < right.name ? -1 : 1)),
    // The notes of ours are ids that were made up.
    forwarders: snapshot.forwarders
      .map((record) => ({ ...record, note: Object.keys(record.tags).length > 0 ? '' : record.note }))
      .sort((left, right) => (JSON.stringify(left.tags) < JSON.stringify(right.tags) ? -1 : 1)),
    routes: snapshot.routes
      .map((route) => ({ ...route, cidr: names.get(route.cidr) ?? route.cidr }))
      .sort((left, right) => (left.cidr < right.cidr ? -1 : 1)),
  };
  let text = JSON.stringify(
    state,
    (key, value: unknown) => (incidental.has(key) ? undefined : withoutPast(key, value)),
    1,
  );
  for (const [id, name] of names)
    text = text.replaceAll(new RegExp(`(?<![0-9])${id.replaceAll('.', '[.]')}(?![0-9])`, 'g'), name);
  return text;
}

/** A Service that was refused has nothing; whether it bears the finalizer depends on whether that was found out by trying. */
function withoutTrial(service: ApiObject): ApiObject {
  const { conditions = [] } = (service['status'] ?? {}) as { readonly conditions?: readonly Condition[] };
  const wasRefused = conditions.some(({ type, status }) => type === 'ccm-ts/Accepted' && status === 'False');
  return wasRefused ? withMetadata(service, { finalizers: undefined }) : service;
}

/** A condition of ours that is true says that there was trouble once, which is history. */
function withoutPast(key: string, value: unknown): unknown {
  if (key !== 'conditions' || !Array.isArray(value)) return value;
  const present = (value as readonly Condition[]).filter(
    ({ type, status }) => !(type.startsWith('ccm-ts/') && status === 'True'),
  );
  return present.length > 0 ? present : undefined;
}

/** Fields that tell when and how often, not what. */
const incidental: ReadonlySet<string> = new Set([
  'resourceVersion',
  'revision',
  'generation',
  'creationTimestamp',
  'lastHeartbeatTime',
  'lastTransitionTime',
  'timeAdded',
  'managedFields',
]);
