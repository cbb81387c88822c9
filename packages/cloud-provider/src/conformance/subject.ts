import type { Capabilities, LoadBalancerCapability } from '../cloud/capabilities.ts';
import type { ConfiguredProvider } from '../cloud/cloud-provider.ts';
import type { VolumeSource } from '../cloud/volumes.ts';
import type { FakeClock } from '../testing/fake-clock.ts';

/** An answer that an emulator in the same process gives at once, and one behind HTTP later. */
export type Awaitable<Value> = Value | Promise<Value>;

/** What is tested: a provider, and how to get a world for it. Everything in here is said once, and by hand. */
export interface ConformanceSubject {
  /** Of the suite in reports, for example the package's name. */
  readonly name: string;
  /** As the provider declares them; what is demanded follows from them. */
  readonly capabilities: Capabilities;
  /** The permission of every operation that the provider may send, by the operation's name as the gate hears it. */
  readonly permissions: Readonly<Record<string, string>>;
  /** Permissions that no case can make the provider use, each with the reason. @default none */
  readonly unseenPermissions?: Readonly<Record<string, string>>;
  /** Empty when the provider has no load balancers. */
  readonly loadBalancers: readonly KindSubject[];
  /** Makes an account of its own for each case, on the clock that the case moves. */
  open(ground: ConformanceGround): Promise<ConformanceWorld>;
}

/** How Services ask for one kind of load balancer, and what that kind can do. */
export interface KindSubject {
  /** As the provider's kind calls itself. */
  readonly name: string;
  /** The annotations of a Service that wants this kind; empty when it is the usual one. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Those that ask for one without a public address besides. */
  readonly internalAnnotations?: Readonly<Record<string, string>>;
  /** Services that ask for what only this kind knows. @default none */
  readonly journeys?: readonly KindJourney[];
  /** How Services ask to be on one load balancer together; left out by kinds that give each its own. */
  readonly sharing?: SharingSubject;
  /** All kinds together have what the provider declares, no less and no more. */
  readonly capabilities: readonly LoadBalancerCapability[];
}

/** How a kind has several Services on one load balancer, each with ports of its own. */
export interface SharingSubject {
  /** The annotations, besides those of the kind, of a Service that wants to be in the group of that name. */
  annotations(group: string): Readonly<Record<string, string>>;
  /** Those besides with which a Service is refused, in whatever company. */
  readonly refused: Readonly<Record<string, string>>;
}

/** A Service whose annotations change: what it takes to show the settings of one kind, and the permissions for them. */
export interface KindJourney {
  /** What it shows, for example `proxy protocol`. */
  readonly name: string;
  /** The annotations of each step besides those of the kind; the first step creates the Service. */
  readonly steps: readonly Readonly<Record<string, string>>[];
}

/** What a world is built on. */
export interface ConformanceGround {
  readonly clock: FakeClock;
  /**
   * `slow` asks for a cloud whose objects take their time: they are busy while they come, change and go. A cloud that has no
   * such states, or an emulator that can't show them, ignores it.
   */
  readonly pace: 'instant' | 'slow';
}

/** A cloud for one case, with the hands of those who work in it besides the provider. */
export interface ConformanceWorld extends AsyncDisposable {
  /** Connected once for each cluster and each start. */
  readonly provider: ConfiguredProvider;
  /** `network` has the suite wait in real time for calls under way. @default in-process */
  readonly transport?: 'in-process' | 'network';
  readonly machines: MachineYard;
  /** Left out by worlds of providers without load balancers. */
  readonly loadBalancers?: LoadBalancerYard;
  /** Left out by worlds of providers without routes. */
  readonly routes?: RouteYard;
  /** Left out by worlds of providers that do not tell where volumes are. */
  readonly volumes?: VolumeYard;
  /** Everything in the account that a provider may write, the machines themselves excepted. */
  account(): Awaitable<readonly AccountObject[]>;
  /** The requests that the cloud itself counted so far, by operation: what did not pass the gate shows here. */
  requests(): Awaitable<ReadonlyMap<string, number>>;
}

export interface VolumeYard {
  /** Makes a volume, and says what a PersistentVolume says about it and where it is. */
  make(): Awaitable<{ readonly source: VolumeSource; readonly zones: readonly string[]; readonly region: string }>;
  /** What a PersistentVolume says about a volume that never was. */
  readonly missing: VolumeSource;
}

/** An object of the account. */
export interface AccountObject {
  /** The cloud's word for it. */
  readonly kind: string;
  readonly id: string;
  /** The cluster's UID in its stamp; empty when it carries none; `untaggable` when its kind can't. */
  readonly stamp: string;
  /** All that can be written of it, in a form that is the same whenever it is the same. */
  readonly content: string;
}

/** A machine, with what a Node must say about it. */
export interface Machine {
  /** What its kubelet calls its Node. */
  readonly nodeName: string;
  readonly providerID: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly region: string;
  /** The addresses of the type InternalIP. */
  readonly internalIPs: readonly string[];
}

export interface MachineYard {
  /** Starts a machine. With `nodeName`, another one of that name, whatever became of the one before. */
  launch(options?: { readonly nodeName?: string }): Awaitable<Machine>;
  /** Has it go the way that machines end: the cloud may still show it for a while, as gone. */
  terminate(machine: Machine): Awaitable<void>;
  /** Has the cloud forget it: its id does not exist any more. Left out when clouds of this kind never forget. */
  forget?(machine: Machine): Awaitable<void>;
  /** Left out when machines can't be off. */
  stop?(machine: Machine): Awaitable<void>;
  start?(machine: Machine): Awaitable<void>;
  /** From now on lists leave it out without a word, while it is there all the same. Returns how to end that. */
  hideFromLists?(machine: Machine): Awaitable<() => void>;
}

/** A Service, as far as its load balancer is called by it. */
export interface ServiceIdentity {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
}

/** One load balancer, in the words of Services and Nodes. */
export interface BalancerView {
  readonly id: string;
  /** As the Service must tell it: an IP address or a host name. */
  readonly address: string;
  /** The addresses besides that one, of load balancers that have several, in the order of the Service. @default none */
  readonly moreAddresses?: readonly string[];
  /** The families that its addresses have, or its host name leads to. @default IPv4 alone */
  readonly families?: readonly ('IPv4' | 'IPv6')[];
  readonly scheme: 'public' | 'internal';
  readonly listeners: readonly ListenerView[];
  /** Who may connect. `unknown` when the kind does not limit it. */
  readonly sourceRanges: readonly string[] | 'unknown';
}

export interface ListenerView {
  readonly protocol: string;
  readonly port: number;
  readonly nodePort: number;
  /** The providerIDs of the machines that traffic goes to. `unknown` when the kind is not told of machines. */
  readonly backends: readonly string[] | 'unknown';
}

export interface LoadBalancerYard {
  /** Those that are there for the Service, of every kind; of one that it shares, the listeners that are its own. */
  of(service: ServiceIdentity): Awaitable<readonly BalancerView[]>;
  /**
   * Leaves an object of the cluster `owner` under the very name that the provider would give the Service's load balancer of
   * that kind. `noNames` when that kind's objects may have one name.
   */
  plantNamesake?(kind: string, service: ServiceIdentity, owner: string): Awaitable<void | 'noNames'>;
  /**
   * Leaves an object under that name without any sign of whose it is. Returns its id, as users name it to have it adopted;
   * `noNames` when that kind's objects may have one name, or when the name itself proves whose they are.
   */
  plantUnproven?(kind: string, service: ServiceIdentity): Awaitable<string>;
  /** Takes the backends away behind everybody's back. */
  emptyBackends?(service: ServiceIdentity): Awaitable<void>;
}

export interface RouteView {
  readonly cidr: string;
  /** The providerID of the machine that it leads to; another word of the cloud's when it leads elsewhere. */
  readonly target: string;
}

export interface RouteYard {
  list(): Awaitable<readonly RouteView[]>;
  /** Leaves a route there that is none of the cluster's. */
  plantForeign(cidr: string): Awaitable<void>;
  /** Takes a route away behind everybody's back. */
  lose(cidr: string): Awaitable<void>;
  /** Has a route of the cluster lead to that machine behind everybody's back. Left out when routes can't be changed. */
  mislead?(cidr: string, machine: Machine): Awaitable<void>;
}
