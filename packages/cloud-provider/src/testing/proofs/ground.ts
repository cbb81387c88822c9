import type { Clock } from '../../base/clock.ts';
import { loadBalancerCleanupFinalizer, uninitializedTaint, zoneLabel } from '../../api/well-known.ts';
import { clusterStampKey } from '../../cloud/ownership.ts';
import type { ResourceValue } from '../api-server/resources/resource-types.ts';
import { ApiServer } from '../api-server/api-server.ts';
import type { CloudRequest, InputOf } from '../memory-cloud/cloud/api.ts';
import { MemoryCloud } from '../memory-cloud/cloud/memory-cloud.ts';
import type { CloudSettings } from '../memory-cloud/cloud/settings.ts';
import { serviceUIDTag } from '../memory-cloud/load-balancers/memory-lb/desired.ts';
import { type SeededRandom, seededRandom } from '../seeded-random.ts';
import { wantedBalancerName } from './find-problems.ts';
import { wantsForwarder } from './forwarder-problems.ts';
import { plantForeignObjects } from './foreign-objects.ts';
import type { RequestOnTheWay } from './in-process-dispatcher.ts';

/**
 * A cluster and a cloud with nobody between them yet. What people and kubelets cause has the same UIDs and ports in each run,
 * however often a manager was started meanwhile.
 */
export class ProofGround {
  readonly server: ApiServer;
  readonly cloud: MemoryCloud;
  /** What a manager did that it must never do, whatever happens to it. */
  readonly violations: string[] = [];
  readonly #chance: Readonly<Record<'script' | 'manager', { readonly random: SeededRandom; uuids: number }>> = {
    script: { random: seededRandom(1), uuids: 0 },
    manager: { random: seededRandom(2), uuids: 0 },
  };
  readonly #describeForeign: () => string;
  #foreignAtBest: string;
  #actor: 'script' | 'manager' = 'script';

  constructor(clock: Clock, settings: Partial<CloudSettings>) {
    this.server = new ApiServer({
      clock,
      random: () => this.#chance[this.#actor].random.next(),
      randomUUID: () => this.#nextUUID(),
    });
    this.cloud = new MemoryCloud({ clock, ownerTag: clusterStampKey, settings });
    this.#describeForeign = plantForeignObjects(this);
    this.#foreignAtBest = this.#describeForeign();
    this.server.store.watch('nodes', ({ type, object }) => {
      if (type !== 'DELETED') this.#inspectNode(object);
    });
    this.server.store.watch('services', ({ type, object }) => {
      if (type !== 'DELETED') this.#inspectService(object);
    });
    this.#actor = 'manager';
  }

  /** The UID of the namespace kube-system. */
  get clusterUID(): string {
    return this.server.store.get('namespaces', 'kube-system')?.metadata.uid ?? '';
  }

  /** What people, kubelets and the control plane do. */
  act(deed: () => void): void {
    this.#compareForeign();
    this.#actor = 'script';
    deed();
    this.#actor = 'manager';
    this.#foreignAtBest = this.#describeForeign();
  }

  /** One line for everything foreign that a manager wrote; what the cloud did not notice is among the violations. */
  foreignWrites(): readonly string[] {
    const writes = this.cloud.foreignWrites.map(({ operation, object, owner }) => `${operation} ${object} of ${owner}`);
    this.#compareForeign();
    return writes;
  }

  /** A load balancer goes only when its Service does, or wants none any more, or one of another kind. */
  inspectCloudRequest(request: CloudRequest): void {
    if (request.operation === 'CreateLoadBalancer') this.#inspectCreate(request.input as InputOf<'CreateLoadBalancer'>);
    if (request.operation !== 'DeleteLoadBalancer') return;
    const { id } = request.input as { readonly id: string };
    const balancer = this.cloud.snapshot().loadBalancers.find((one) => one.id === id);
    const uid = balancer?.tags[serviceUIDTag];
    const service = this.server.store.list('services').find((one) => one.metadata.uid === uid);
    if (!service || service.metadata.deletionTimestamp !== undefined || service.spec.type !== 'LoadBalancer') return;
    if (balancer?.name !== wantedBalancerName(service) || wantsForwarder(service)) return;
    this.violations.push(`the load balancer of the live Service ${service.metadata.name ?? ''} is deleted`);
  }

  /** Whatever becomes of the manager, a Service must not go while there is a load balancer for it. */
  #inspectCreate({ tags }: InputOf<'CreateLoadBalancer'>): void {
    const service = this.server.store.list('services').find(({ metadata }) => metadata.uid === tags[serviceUIDTag]);
    if (!service || service.metadata.finalizers?.includes(loadBalancerCleanupFinalizer)) return;
    this.violations.push(`the Service ${service.metadata.name ?? ''} gets a load balancer before its finalizer`);
  }

  /** A Node goes only when its machine is gone. */
  inspectClusterRequest({ method, path }: RequestOnTheWay): void {
    const name = method === 'DELETE' ? /^\/api\/v1\/nodes\/([^/?]+)/.exec(path)?.[1] : undefined;
    if (name === undefined) return;
    const providerID = this.server.store.get('nodes', name)?.spec.providerID ?? '';
    const machine = this.cloud.snapshot().instances.find((one) => providerID.endsWith(`/${one.id}`));
    const isGone = !machine || machine.state === 'terminated' || machine.state === 'terminating';
    if (!isGone || providerID.startsWith('elsewhere:')) this.violations.push(`the live Node ${name} is deleted`);
  }

  /** A Node becomes schedulable when it is complete, and not before. */
  #inspectNode({ metadata, spec, status }: ResourceValue<'nodes'>): void {
    if (
      this.#actor === 'script' ||
      metadata.name === 'foreign' ||
      spec.taints?.some(({ key }) => key === uninitializedTaint)
    )
      return;
    const hasAddress = status?.addresses?.some(({ type }) => type === 'InternalIP') ?? false;
    const isComplete = hasAddress && (spec.providerID ?? '') !== '' && metadata.labels?.[zoneLabel] !== undefined;
    if (!isComplete) this.violations.push(`the Node ${metadata.name ?? ''} is let go before it is complete`);
  }

  /** A Service tells the address of its own load balancer, and of nobody else's. */
  #inspectService({ metadata, status }: ResourceValue<'services'>): void {
    for (const { ip } of status?.loadBalancer?.ingress ?? []) {
      const { loadBalancers } = this.cloud.snapshot();
      const owner = loadBalancers.find(({ address }) => address === ip)?.tags[clusterStampKey] ?? this.clusterUID;
      if (owner === this.clusterUID) continue;
      this.violations.push(`the Service ${metadata.name ?? ''} tells the address of what another cluster owns`);
    }
  }

  /** What is foreign changes by the deeds of people alone. */
  #compareForeign(): void {
    if (this.#describeForeign() === this.#foreignAtBest) return;
    this.violations.push('what belongs to others was changed');
  }

  #nextUUID(): string {
    const chance = this.#chance[this.#actor];
    const number = String(++chance.uuids).padStart(6, '0');
    // The difference is in front, because names of cloud objects are made from the first digits.
    return `${this.#actor === 'script' ? '5c' : '3a'}${number}-0000-4000-8000-000000000000`;
  }
}
