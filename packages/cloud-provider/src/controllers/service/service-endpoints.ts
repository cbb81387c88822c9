import type { Endpoint, EndpointSlice } from '../../api/endpoint-slice.ts';
import { nameKey, objectKey } from '../../api/object-meta.ts';
import type { Service } from '../../api/service.ts';
import type { Clock } from '../../base/clock.ts';
import type { Duration } from '../../base/duration.ts';
import type { ServiceEndpoint, ServiceEndpoints } from '../../cloud/load-balancer-kind.ts';
import type { EventHandler } from '../../kube/informer/informer.ts';

/** The label of an EndpointSlice that names its Service. Source: k8s.io/api discovery/v1, LabelServiceName. */
const serviceNameLabel = 'kubernetes.io/service-name';

export interface ServiceEndpointsOptions {
  readonly clock: Clock;
  /** Changes within this time are told together. */
  readonly settleTime: Duration;
  /** Called with the keys of the Services whose endpoints changed, which then were left alone for a while. */
  readonly onChange: (services: ReadonlySet<string>) => void;
}

/** What stands behind each Service, out of its EndpointSlices, and when that changes. */
export class ServiceEndpointsCache {
  readonly #options: ServiceEndpointsOptions;
  readonly #slices = new Map<string, Map<string, EndpointSlice>>();
  readonly #known = new Map<string, ServiceEndpoints>();
  #changed = new Set<string>();
  #cancel: (() => void) | undefined;

  constructor(options: ServiceEndpointsOptions) {
    this.#options = options;
  }

  /** The same object until something changes. */
  of({ metadata }: Service): ServiceEndpoints {
    const key = nameKey(metadata);
    const known = this.#known.get(key);
    if (known) return known;
    const endpoints = endpointsOf(this.#slices.get(key)?.values() ?? []);
    // Nothing is kept of Services that have no EndpointSlice: nobody would tell when they go.
    if (this.#slices.has(key)) this.#known.set(key, endpoints);
    return endpoints;
  }

  /** What the informer is to tell. */
  handler(): EventHandler<EndpointSlice> {
    return {
      onAdd: (slice) => this.#put(slice),
      onUpdate: (old, next) => {
        if (serviceOf(old) !== serviceOf(next)) this.#remove(old);
        this.#put(next);
      },
      onDelete: (last) => this.#remove(last),
    };
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #put(slice: EndpointSlice): void {
    const service = serviceOf(slice);
    if (service === undefined) return;
    const slices = this.#slices.get(service);
    if (slices) slices.set(objectKey(slice), slice);
    else this.#slices.set(service, new Map([[objectKey(slice), slice]]));
    this.#tell(service);
  }

  #remove(slice: EndpointSlice): void {
    const service = serviceOf(slice);
    const slices = service === undefined ? undefined : this.#slices.get(service);
    if (service === undefined || !slices?.delete(objectKey(slice))) return;
    if (slices.size === 0) this.#slices.delete(service);
    this.#tell(service);
  }

  #tell(service: string): void {
    this.#known.delete(service);
    this.#changed.add(service);
    // Counted from the first change, so that a Service whose pods never rest is still served.
    this.#cancel ??= this.#options.clock.schedule(this.#options.settleTime, () => {
      this.#cancel = undefined;
      const changed = this.#changed;
      this.#changed = new Set();
      this.#options.onChange(changed);
    });
  }
}

/** The key of the Service that the slice belongs to. */
function serviceOf({ metadata }: EndpointSlice): string | undefined {
  const name = metadata.labels[serviceNameLabel];
  return name === undefined || name === '' ? undefined : nameKey({ namespace: metadata.namespace, name });
}

/** What stands behind a Service that has these slices. An endpoint in two of them, while it moves, counts once. Pure. */
export function endpointsOf(slices: Iterable<EndpointSlice>): ServiceEndpoints {
  const found = new Map<string, ServiceEndpoint>();
  for (const { addressType, endpoints, ports } of slices) {
    if (addressType !== 'IPv4' && addressType !== 'IPv6') continue;
    const shared = { addressType, ports: ports.map(({ name, port, protocol }) => ({ name, protocol, port })) };
    for (const endpoint of endpoints) {
      const state = stateOf(endpoint);
      const [address] = endpoint.addresses;
      if (state === undefined || address === undefined) continue;
      const key = JSON.stringify([addressType, address, shared.ports]);
      if (found.get(key)?.state === 'ready') continue;
      found.set(key, { ...shared, address, state, nodeName: endpoint.nodeName, zone: endpoint.zone });
    }
  }
  const all = [...found].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, endpoint]) => endpoint);
  const byNode = new Map<string, 'ready' | 'terminating'>();
  for (const { nodeName, state } of all) {
    if (nodeName !== '' && byNode.get(nodeName) !== 'ready') byNode.set(nodeName, state);
  }
  return { all, byNode };
}

/** Source: k8s.io/api discovery/v1, EndpointConditions: what the producer leaves unsaid. */
function stateOf({ conditions }: Endpoint): ServiceEndpoint['state'] | undefined {
  const { ready, serving, terminating } = conditions;
  if (ready ?? true) return 'ready';
  return serving === true && terminating === true ? 'terminating' : undefined;
}
