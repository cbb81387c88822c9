import type { Clock } from '../base/clock.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { AnyAnnotationRegistry } from './annotations/define-annotations.ts';
import type { Capabilities } from './capabilities.ts';
import type { CallContext } from './call-context.ts';
import type { CloudCallGate } from './cloud-call-gate.ts';
import type { CloudFinding } from './cloud-finding.ts';
import type { ClusterIdentity } from './cluster-identity.ts';
import type { InventoryKind } from './inventory.ts';
import type { Instances } from './instances.ts';
import type { BackendNode, LoadBalancerKind } from './load-balancer-kind.ts';
import type { ProviderController, ProviderControllerDeclaration, ProviderFlag } from './provider-controller.ts';
import type { ProviderWebhook, WebhookDeclaration } from './provider-webhook.ts';
import type { PodRanges } from './pod-ranges.ts';
import type { PlannedWrites, QuotaUse } from './quotas.ts';
import type { Routes } from './routes.ts';
import type { Spending, SpendingFacts } from './spending.ts';
import type { Volumes } from './volumes.ts';

/** A cloud, as the framework sees it. */
export interface CloudProvider {
  /** The scheme of its providerIDs, and the value of `--cloud-provider`. */
  readonly name: string;
  readonly capabilities: Capabilities;
  /** All schemes that its providerIDs have or had. Nodes with others are not this manager's. @default its name alone */
  readonly providerIDSchemes?: readonly string[];
  readonly instances?: Instances;
  /** In order: the first that claims a Service owns it; every other kind is asked for traces. */
  readonly loadBalancers?: readonly LoadBalancerKind[];
  readonly routes?: Routes;
  /** For `--cidr-allocator-type=CloudAllocator`. */
  readonly podRanges?: PodRanges;
  /**
   * Everything that the provider makes, for finding what has lost its owner. In the order in which things can be deleted: what
   * uses something comes before it.
   */
  readonly inventory?: readonly InventoryKind[];
  /** Loops that only this cloud has, of those that its factory declares. */
  readonly controllers?: readonly ProviderController[];
  /** For labelling PersistentVolumes with where they are. */
  readonly volumes?: Volumes;
  /** Admission webhooks that only this cloud has, of those that its factory declares. */
  readonly webhooks?: readonly ProviderWebhook[];
  /**
   * How many calls the cloud's Go manager spends on a cluster, beside this one: what `audit` tells before a migration. Asks
   * nobody. @default what the Go framework asks of any cloud
   */
  spending?(facts: SpendingFacts): Promise<readonly Spending[]>;
  /**
   * The quotas of which planned writes need more or less, for `plan`: those of the account, and those of single objects. Reads and
   * never writes. @default quotas are not told
   */
  quotas?(writes: readonly PlannedWrites[], call: CallContext): Promise<readonly QuotaUse[]>;
  /**
   * Whether the cloud is laid out as the manager needs it (tags, subnets, groups), for `doctor`. Asked with the nodes that would
   * receive traffic; reads and never writes. @default there is nothing to look at
   */
  examine?(nodes: readonly BackendNode[], call: CallContext): Promise<readonly CloudFinding[]>;
  /**
   * Whether the cloud answers, by the cheapest authenticated call there is. For readiness and for the first look at the
   * credentials; throws a CloudError that says what is wrong.
   */
  probe(call: CallContext): Promise<void>;
  /** Releases connections. Called once, after the last call. */
  close(): Promise<void>;
}

/** What the framework hands to a provider when it is built. */
export interface ProviderContext {
  readonly cluster: ClusterIdentity;
  readonly gate: CloudCallGate;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * How a provider is made. Two steps, because a configuration must be judged before anything is contacted, and the cluster's
 * identity is only known once the API server has answered.
 */
export interface CloudProviderFactory {
  readonly name: string;
  /** The loops that only this cloud has. @default none */
  readonly controllers?: readonly ProviderControllerDeclaration[];
  /** The admission webhooks that only this cloud has. @default none */
  readonly webhooks?: readonly WebhookDeclaration[];
  /** What it reads from annotations of Services. @default nothing that is known without the cloud */
  readonly annotations?: AnyAnnotationRegistry;
  /** The flags that only this cloud has, by name without dashes. @default none */
  readonly flags?: Readonly<Record<string, ProviderFlag>>;
  /**
   * Reads and validates the cloud-config wholly; throws a ConfigError that names file, field, value and fix. Contacts
   * nothing.
   */
  configure(input: ProviderConfigInput): ConfiguredProvider;
}

/** What a provider finds things out with before it is built. */
export interface DiscoveryContext extends Omit<ProviderContext, 'cluster'> {
  /** Aborted when the manager is to end. */
  readonly signal: AbortSignal;
}

export interface ProviderConfigInput {
  /** The path of `--cloud-config` for messages, and the text of the file; undefined when the flag is not given. */
  readonly file: { readonly path: string; readonly text: string } | undefined;
  /** The environment, for the variables that the cloud's own tools read too. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `--allow-untagged-cloud`. */
  readonly allowUntaggedCloud: 'yes' | 'no';
  /** `--cluster-name`. */
  readonly clusterName: string;
  /** The values of the factory's own flags, by name. @default all are as they are declared */
  readonly flags?: ReadonlyMap<string, unknown>;
  /** Those of the factory's own controllers that are switched on. @default none */
  readonly controllers?: readonly string[];
  /** The {@link ConfiguredProvider.found} of another run, which then needs not be found out again. @default nothing is known */
  readonly found?: Readonly<Record<string, string>>;
}

export interface ConfiguredProvider {
  /** What the provider will have; by them flags are judged before anything is contacted. @default everything */
  readonly capabilities?: Capabilities;
  /**
   * What of the configuration may come from the machine instead of the file and the flags, as it is now: kept in captures, so
   * that they can be replayed on another machine. Holds no secret. @default nothing does
   */
  readonly found?: Readonly<Record<string, string>>;
  /**
   * Asks the machine and the cloud for what the configuration leaves open, such as the region, and gives the configuration
   * with that. Called once, before `connect`; left out by providers whose configuration is always whole. Tries again by itself
   * what may be temporary; throws a ConfigError that says what to write when nobody knows.
   */
  discover?(context: DiscoveryContext): Promise<ConfiguredProvider>;
  /** Contacts nothing; the first call does. */
  connect(context: ProviderContext): CloudProvider;
}
