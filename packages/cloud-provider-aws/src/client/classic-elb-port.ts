import type { CallContext } from '@ccm-ts/cloud-provider';
import type { Tags } from '../cluster-tags.ts';
import type { Scheme } from './elbv2-port.ts';

/** What of Elastic Load Balancing's first version the provider uses. Every method throws CloudErrors only. */
export interface ClassicElbPort {
  /** Undefined when there is none of that name. */
  findLoadBalancer(name: string, call: CallContext): Promise<ClassicLoadBalancer | undefined>;
  /** All of the account and region, in all their pages. */
  listLoadBalancers(call: CallContext): Promise<readonly ClassicLoadBalancer[]>;
  describeAttributes(name: string, call: CallContext): Promise<ClassicAttributes>;
  describeTags(name: string, call: CallContext): Promise<Tags>;
  /** Gives the existing one's DNS name when one of the same name and settings is there. @returns the DNS name */
  createLoadBalancer(input: CreateClassicLoadBalancer, call: CallContext): Promise<string>;
  /** Succeeds when it is gone already. */
  deleteLoadBalancer(name: string, call: CallContext): Promise<void>;
  /** Adds or replaces; other tags stay. */
  addTags(name: string, tags: Tags, call: CallContext): Promise<void>;
  attachSubnets(name: string, subnetIDs: readonly string[], call: CallContext): Promise<void>;
  detachSubnets(name: string, subnetIDs: readonly string[], call: CallContext): Promise<void>;
  /** Instead of those that it has. */
  applySecurityGroups(name: string, groupIDs: readonly string[], call: CallContext): Promise<void>;
  createListeners(name: string, listeners: readonly ClassicListener[], call: CallContext): Promise<void>;
  deleteListeners(name: string, ports: readonly number[], call: CallContext): Promise<void>;
  createPolicy(name: string, policy: ClassicPolicy, call: CallContext): Promise<void>;
  /** Instead of those that the listener has. */
  setListenerPolicies(name: string, target: PolicyTarget, call: CallContext): Promise<void>;
  /** Instead of those that the instance port has; none switches all off. */
  setBackendPolicies(name: string, target: PolicyTarget, call: CallContext): Promise<void>;
  modifyAttributes(name: string, attributes: AttributeChange, call: CallContext): Promise<void>;
  configureHealthCheck(name: string, check: ClassicHealthCheck, call: CallContext): Promise<void>;
  /** @throws CloudError `Invalid` with the code `InvalidInstance` when any does not exist; none is registered. */
  registerInstances(name: string, instanceIDs: readonly string[], call: CallContext): Promise<void>;
  deregisterInstances(name: string, instanceIDs: readonly string[], call: CallContext): Promise<void>;
}

/** A listener as it is asked for. */
export interface ClassicListener {
  readonly port: number;
  /** `tcp`, `ssl`, `http` or `https`; AWS answers in upper case. */
  readonly protocol: string;
  readonly instancePort: number;
  readonly instanceProtocol: string;
  /** The ARN; empty for none. */
  readonly certificate: string;
}

export interface ObservedListener extends ClassicListener {
  readonly policies: readonly string[];
}

export interface ClassicHealthCheck {
  /** `TCP:30080`, `HTTP:31000/healthz`. */
  readonly target: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
}

export interface ClassicLoadBalancer {
  readonly name: string;
  readonly dnsName: string;
  /** `internal` or `internet-facing`. */
  readonly scheme: string;
  readonly vpcID: string;
  readonly subnetIDs: readonly string[];
  readonly securityGroupIDs: readonly string[];
  readonly instanceIDs: readonly string[];
  readonly listeners: readonly ObservedListener[];
  /** The names of all its policies but those for stickiness. */
  readonly policies: readonly string[];
  /** Only ports that have policies need be there. */
  readonly backends: readonly PolicyTarget[];
  readonly healthCheck: ClassicHealthCheck | undefined;
}

/** A listener's or an instance's port with the names of its policies. */
export interface PolicyTarget {
  readonly port: number;
  readonly policies: readonly string[];
}

export interface ClassicPolicy {
  readonly name: string;
  readonly type: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What can be set besides listeners. Undefined where AWS says nothing. */
export interface ClassicAttributes {
  readonly crossZone: boolean;
  readonly accessLog: AccessLog;
  readonly draining: ConnectionDraining;
  readonly idleTimeoutSeconds: number | undefined;
}

export interface AccessLog {
  readonly enabled: boolean;
  readonly emitIntervalMinutes: number | undefined;
  readonly bucket: string | undefined;
  readonly prefix: string | undefined;
}

export interface ConnectionDraining {
  readonly enabled: boolean;
  readonly timeoutSeconds: number | undefined;
}

/** The blocks that change, each as a whole: AWS takes no part of a block. */
export type AttributeChange = Partial<ClassicAttributes>;

export interface CreateClassicLoadBalancer {
  readonly name: string;
  readonly scheme: Scheme;
  readonly subnetIDs: readonly string[];
  readonly securityGroupIDs: readonly string[];
  readonly listeners: readonly ClassicListener[];
  readonly tags: Tags;
}
