import type { LoadBalancerReceipt, LoadBalancerRecord } from '../cloud/api.ts';

export type Protocol = 'TCP' | 'UDP';

export interface Listener {
  readonly protocol: string;
  readonly port: number;
  readonly nodePort: number;
  readonly affinity: 'none' | 'client-ip';
}

export interface HealthCheck {
  readonly protocol: string;
  readonly port: number;
  readonly path: string;
}

/** `busy` refuses writes; it passes by itself. */
export type BalancerStatus = 'active' | 'busy';

/** A load balancer of the cloud, as this provider's own code knows it. */
export interface Balancer {
  readonly id: string;
  readonly name: string;
  readonly scheme: string;
  readonly address: string;
  readonly status: BalancerStatus;
  readonly allowedRanges: readonly string[];
  readonly healthCheck: HealthCheck;
  readonly listeners: readonly Listener[];
  /** Ids of machines. */
  readonly backends: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly revision: number;
}

/** What lists tell of one. */
export type BalancerSummary = Pick<Balancer, 'id' | 'name' | 'tags' | 'revision'>;

/** What a write left behind. */
export interface BalancerReceipt {
  readonly id: string;
  readonly address: string;
  readonly status: BalancerStatus | 'deleted';
  readonly revision: number;
}

export function readBalancer(record: LoadBalancerRecord): Balancer {
  const { id, name, scheme, address, allowedRanges, healthCheck, backends, tags, revision } = record;
  return {
    id,
    name,
    scheme,
    address,
    status: readStatus(record.status),
    allowedRanges,
    healthCheck,
    listeners: record.listeners.map(({ protocol, port, backendPort, affinity }) => ({
      protocol,
      port,
      nodePort: backendPort,
      affinity: affinity === 'client-ip' ? 'client-ip' : 'none',
    })),
    backends,
    tags,
    revision,
  };
}

export function readReceipt(receipt: LoadBalancerReceipt): BalancerReceipt {
  const { id, address, revision, status } = receipt;
  return { id, address, revision, status: status === 'DELETED' ? 'deleted' : readStatus(status) };
}

function readStatus(status: LoadBalancerRecord['status']): BalancerStatus {
  switch (status) {
    case 'ACTIVE':
      return 'active';
    case 'PENDING_CREATE':
    case 'PENDING_UPDATE':
    case 'PENDING_DELETE':
      return 'busy';
  }
}
