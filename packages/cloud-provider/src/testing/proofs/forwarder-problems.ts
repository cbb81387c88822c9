import { loadBalancerCleanupFinalizer } from '../../api/well-known.ts';
import { isIntentAnnotation } from '../../cloud/create-intent.ts';
import { clusterStampKey } from '../../cloud/ownership.ts';
import type { ResourceValue } from '../api-server/resources/resource-types.ts';
import type { ForwarderRecord } from '../memory-cloud/cloud/api.ts';
import { kindAnnotation, serviceUIDTag } from '../memory-cloud/load-balancers/memory-lb/desired.ts';
import type { ProofGround } from './ground.ts';

type Service = ResourceValue<'services'>;

/** The notes of forwarders that somebody else made begin so. */
export const foreignNote = 'by hand';

/** Whether the Service wants a forwarder and no load balancer of another kind. */
export function wantsForwarder({ metadata, spec }: Service): boolean {
  return spec.type === 'LoadBalancer' && metadata.annotations?.[kindAnnotation] === 'forwarder';
}

/** What a manager still has to do about forwarders: each Service has the one that it wants, and there is no other. */
export function forwarderProblems({ cloud, clusterUID, server }: ProofGround): readonly string[] {
  const left = new Set(cloud.snapshot().forwarders.filter(({ note }) => !note.startsWith(foreignNote)));
  const problems: string[] = [];
  for (const service of server.store.list('services')) {
    const { metadata } = service;
    if (Object.keys(metadata.annotations ?? {}).some(isIntentAnnotation)) {
      problems.push(`Service ${metadata.name ?? ''}: a create is still written down on it`);
    }
    if (!wantsForwarder(service)) continue;
    const own = [...left].filter(({ tags }) => tags[serviceUIDTag] === metadata.uid);
    for (const forwarder of own) left.delete(forwarder);
    const problem = problemOf(service, own, clusterUID);
    if (problem !== undefined) problems.push(`Service ${metadata.name ?? ''}: ${problem}`);
  }
  for (const { id } of left) problems.push(`forwarder ${id}: it is left over`);
  return problems;
}

function problemOf(service: Service, own: readonly ForwarderRecord[], clusterUID: string): string | undefined {
  const { metadata, spec, status } = service;
  const [forwarder, ...others] = own;
  if (metadata.deletionTimestamp !== undefined) return 'it is still being deleted';
  if (!forwarder) return 'it has no forwarder';
  if (others.length > 0) return 'it has several forwarders';
  if (forwarder.tags[clusterStampKey] !== clusterUID) return 'its forwarder is not stamped';
  if (!metadata.finalizers?.includes(loadBalancerCleanupFinalizer)) return 'it has no finalizer';
  const ingress = (status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip ?? '').join();
  if (ingress !== forwarder.address) return 'its status tells another address';
  const ports = (spec.ports ?? []).map((port) => `${port.protocol ?? ''}/${port.port}/${port.nodePort ?? 0}`);
  return ports.join() === forwarder.ports.join() ? undefined : 'its forwarder takes other ports';
}
