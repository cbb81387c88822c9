import type { CloudQuotas } from './settings.ts';
/**
 * The memory cloud's own interface, as its reference pages would state it: a request names an operation and carries its
 * input; a reply is its output or a refusal. All of it is JSON.
 */

/** A machine. `pending` comes before `running`; `stopping` before `stopped`; `terminating` before `terminated`. */
export interface InstanceRecord {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
  readonly type: string;
  readonly state: 'pending' | 'running' | 'stopping' | 'stopped' | 'terminating' | 'terminated';
  readonly privateIP: string;
  /** Empty when it has none. */
  readonly publicIP: string;
  readonly privateDNS: string;
  /** The hardware that it runs on. */
  readonly host: string;
  /** The ranges of its pods' addresses; none yet while empty, none ever when absent. */
  readonly podRanges?: readonly string[];
  readonly tags: Tags;
}

export type Tags = Readonly<Record<string, string>>;

export interface ListenerRecord {
  readonly protocol: string;
  readonly port: number;
  /** The port of the backends that traffic goes to. */
  readonly backendPort: number;
  /** `none` or `client-ip`. */
  readonly affinity: string;
}

export interface HealthCheckRecord {
  /** `tcp` or `http`. */
  readonly protocol: string;
  readonly port: number;
  /** Empty for `tcp`. */
  readonly path: string;
}

export type LoadBalancerStatus = 'PENDING_CREATE' | 'ACTIVE' | 'PENDING_UPDATE' | 'PENDING_DELETE';

/** A load balancer. It refuses writes with `Busy` unless it is `ACTIVE`. */
export interface LoadBalancerRecord {
  readonly id: string;
  /** Unique in the account and never changed. */
  readonly name: string;
  readonly networkID: string;
  /** `internal` or `public`; never changed. */
  readonly scheme: string;
  readonly address: string;
  readonly status: LoadBalancerStatus;
  /** CIDRs that may connect. */
  readonly allowedRanges: readonly string[];
  readonly healthCheck: HealthCheckRecord;
  readonly listeners: readonly ListenerRecord[];
  /** Ids of instances. */
  readonly backends: readonly string[];
  readonly tags: Tags;
  /** Grows with each change. */
  readonly revision: number;
}

/** One line of a list of load balancers. */
export type LoadBalancerSummary = Pick<LoadBalancerRecord, 'id' | 'name' | 'status' | 'tags' | 'revision'>;

export interface RouteRecord {
  /** Unique in its table. */
  readonly cidr: string;
  readonly instanceID: string;
  readonly tags: Tags;
}

/** A disk. */
export interface VolumeRecord {
  readonly id: string;
  /** One, or two for a disk that is kept in both. */
  readonly zones: readonly string[];
}

/** The answer to a write of a load balancer: its state after it. */
export interface LoadBalancerReceipt {
  readonly id: string;
  readonly address: string;
  readonly status: LoadBalancerStatus | 'DELETED';
  readonly revision: number;
}

/**
 * Takes ports at an address and forwards them to every machine. It has no name, it is made without tags, and two that were asked
 * for alike are two.
 */
export interface ForwarderRecord {
  readonly id: string;
  readonly address: string;
  /** Free text of at most 64 characters, set at the creation and never changed. Nothing can be looked up by it. */
  readonly note: string;
  /** `TCP/80/30080`: protocol, port, port of the machines. */
  readonly ports: readonly string[];
  readonly tags: Tags;
}

/** One item of a batch that was not done; all others were. */
export interface ItemFailure {
  readonly cidr: string;
  readonly code: string;
  readonly message: string;
}

/** Every operation: what it takes and what it gives. */
export interface Operations {
  GetAccount: {
    input: Record<string, never>;
    output: { readonly account: string; readonly region: string; readonly quotas: CloudQuotas };
  };
  DescribeNetwork: {
    input: Record<string, never>;
    output: { readonly networkID: string; readonly routeTables: readonly string[] };
  };
  /** Those that exist among the ids, and all of the given names; at most 100 of each. Says nothing of the others. */
  DescribeInstances: {
    input: { readonly ids: readonly string[]; readonly names: readonly string[] };
    output: { readonly instances: readonly InstanceRecord[] };
  };
  /** `NotFound` is a positive statement. */
  GetInstance: { input: { readonly id: string }; output: { readonly instance: InstanceRecord } };
  /** Any one instance of the name. `NotFound` is a positive statement. */
  GetInstanceByName: { input: { readonly name: string }; output: { readonly instance: InstanceRecord } };
  /** `NotFound` is a positive statement. */
  GetVolume: { input: { readonly id: string }; output: { readonly volume: VolumeRecord } };
  /** `NotFound` is a positive statement. */
  GetLoadBalancer: { input: { readonly name: string }; output: { readonly loadBalancer: LoadBalancerRecord } };
  ListLoadBalancers: {
    input: { readonly pageToken: string };
    output: { readonly loadBalancers: readonly LoadBalancerSummary[]; readonly nextPageToken: string };
  };
  CreateLoadBalancer: {
    input: {
      readonly name: string;
      readonly networkID: string;
      readonly scheme: string;
      readonly allowedRanges: readonly string[];
      readonly healthCheck: HealthCheckRecord;
      readonly tags: Tags;
    };
    output: LoadBalancerReceipt;
  };
  /** Changes what is given. Tags are added to those that are there. */
  UpdateLoadBalancer: {
    input: {
      readonly id: string;
      readonly allowedRanges?: readonly string[];
      readonly healthCheck?: HealthCheckRecord;
      readonly tags?: Tags;
      readonly ifRevision?: number;
    };
    output: LoadBalancerReceipt;
  };
  /** With its listeners and backends. */
  DeleteLoadBalancer: { input: { readonly id: string }; output: LoadBalancerReceipt };
  CreateListener: {
    input: { readonly loadBalancerID: string; readonly listener: ListenerRecord };
    output: LoadBalancerReceipt;
  };
  UpdateListener: {
    input: { readonly loadBalancerID: string; readonly listener: ListenerRecord };
    output: LoadBalancerReceipt;
  };
  DeleteListener: {
    input: { readonly loadBalancerID: string; readonly protocol: string; readonly port: number };
    output: LoadBalancerReceipt;
  };
  /** Replaces the whole pool. */
  SetBackends: {
    input: { readonly loadBalancerID: string; readonly instanceIDs: readonly string[]; readonly ifRevision?: number };
    output: LoadBalancerReceipt;
  };
  ListForwarders: {
    input: { readonly pageToken: string };
    output: { readonly forwarders: readonly ForwarderRecord[]; readonly nextPageToken: string };
  };
  CreateForwarder: { input: { readonly note: string; readonly ports: readonly string[] }; output: ForwarderRecord };
  /** Changes what is given. Tags are added to those that are there. */
  UpdateForwarder: {
    input: { readonly id: string; readonly ports?: readonly string[]; readonly tags?: Tags };
    output: ForwarderRecord;
  };
  DeleteForwarder: { input: { readonly id: string }; output: Record<string, never> };
  ListRoutes: {
    input: { readonly tableID: string; readonly pageToken: string };
    output: { readonly routes: readonly RouteRecord[]; readonly nextPageToken: string };
  };
  /** At most 100 routes at once. */
  CreateRoutes: {
    input: { readonly tableID: string; readonly routes: readonly RouteRecord[] };
    output: { readonly failed: readonly ItemFailure[] };
  };
  /** At most 100 routes at once. Replaces the target of routes that exist. */
  ReplaceRoutes: {
    input: { readonly tableID: string; readonly routes: readonly RouteRecord[] };
    output: { readonly failed: readonly ItemFailure[] };
  };
  /** At most 100 routes at once. */
  DeleteRoutes: {
    input: { readonly tableID: string; readonly cidrs: readonly string[] };
    output: { readonly failed: readonly ItemFailure[] };
  };
}

export type OperationName = keyof Operations;
export type InputOf<Name extends OperationName> = Operations[Name]['input'];
export type OutputOf<Name extends OperationName> = Operations[Name]['output'];

/** Operations of one group share one request rate. */
export type ApiGroup =
  | 'account'
  | 'instances-read'
  | 'volumes-read'
  | 'load-balancers-read'
  | 'load-balancers-write'
  | 'forwarders-read'
  | 'forwarders-write'
  | 'routes-read'
  | 'routes-write';

export interface OperationFacts {
  readonly apiGroup: ApiGroup;
  readonly kind: 'read' | 'write';
}

export const operationTable: { readonly [Name in OperationName]: OperationFacts } = {
  GetAccount: { apiGroup: 'account', kind: 'read' },
  DescribeNetwork: { apiGroup: 'account', kind: 'read' },
  DescribeInstances: { apiGroup: 'instances-read', kind: 'read' },
  GetInstance: { apiGroup: 'instances-read', kind: 'read' },
  GetInstanceByName: { apiGroup: 'instances-read', kind: 'read' },
  GetVolume: { apiGroup: 'volumes-read', kind: 'read' },
  GetLoadBalancer: { apiGroup: 'load-balancers-read', kind: 'read' },
  ListLoadBalancers: { apiGroup: 'load-balancers-read', kind: 'read' },
  CreateLoadBalancer: { apiGroup: 'load-balancers-write', kind: 'write' },
  UpdateLoadBalancer: { apiGroup: 'load-balancers-write', kind: 'write' },
  DeleteLoadBalancer: { apiGroup: 'load-balancers-write', kind: 'write' },
  CreateListener: { apiGroup: 'load-balancers-write', kind: 'write' },
  UpdateListener: { apiGroup: 'load-balancers-write', kind: 'write' },
  DeleteListener: { apiGroup: 'load-balancers-write', kind: 'write' },
  SetBackends: { apiGroup: 'load-balancers-write', kind: 'write' },
  ListForwarders: { apiGroup: 'forwarders-read', kind: 'read' },
  CreateForwarder: { apiGroup: 'forwarders-write', kind: 'write' },
  UpdateForwarder: { apiGroup: 'forwarders-write', kind: 'write' },
  DeleteForwarder: { apiGroup: 'forwarders-write', kind: 'write' },
  ListRoutes: { apiGroup: 'routes-read', kind: 'read' },
  CreateRoutes: { apiGroup: 'routes-write', kind: 'write' },
  ReplaceRoutes: { apiGroup: 'routes-write', kind: 'write' },
  DeleteRoutes: { apiGroup: 'routes-write', kind: 'write' },
};

export function isOperationName(name: string): name is OperationName {
  return Object.hasOwn(operationTable, name);
}

/** Who calls. The cloud knows its customers' clusters by the credentials they call with. */
export interface Caller {
  readonly cluster: string;
}

export interface CloudRequest<Name extends OperationName = OperationName> {
  readonly operation: Name;
  readonly caller: Caller;
  readonly input: InputOf<Name>;
}

/** What the cloud calls its refusals. */
export type RefusalCode =
  | 'NotFound'
  | 'Throttled'
  | 'Busy'
  | 'AlreadyExists'
  | 'RevisionMismatch'
  | 'AccessDenied'
  | 'QuotaExceeded'
  | 'InvalidParameter'
  | 'ServiceUnavailable';

export interface Refused {
  readonly kind: 'refused';
  readonly requestID: string;
  /** As HTTP has it. */
  readonly status: number;
  readonly code: RefusalCode;
  readonly message: string;
  /** With `Throttled` and `ServiceUnavailable`: come back after so many milliseconds. */
  readonly retryAfterMilliseconds?: number;
  /** With `AccessDenied`: what the caller lacks. */
  readonly permission?: string;
  /** With `InvalidParameter`: what is wrong. */
  readonly field?: string;
}

export type CloudReply<Name extends OperationName = OperationName> =
  | { readonly kind: 'accepted'; readonly requestID: string; readonly output: OutputOf<Name> }
  | Refused;
