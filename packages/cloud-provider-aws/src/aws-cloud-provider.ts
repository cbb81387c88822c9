import type {
  BackendNode,
  CallContext,
  Clock,
  CloudFinding,
  CloudProvider,
  CloudProviderFactory,
  ConfiguredProvider,
  DiscoveryContext,
  InventoryKind,
  PlannedWrites,
  ProviderConfigInput,
  ProviderContext,
  ProviderController,
  QuotaUse,
  Spending,
  SpendingFacts,
} from '@ccm-ts/cloud-provider';
import { awsAnnotations } from './annotations/aws-annotations.ts';
import { awsCapabilities } from './capabilities.ts';
import { InstanceMetadata } from './client/instance-metadata.ts';
import { type AwsClients, createAwsClients } from './client/sdk-clients.ts';
import { type CloudConfig, type DiscoveredFacts, readCloudConfig } from './config/cloud-config.ts';
import { discoverConfig } from './discovery.ts';
import { AwsInstances } from './instances/aws-instances.ts';
import { KnownInstances } from './instances/known-instances.ts';
import { ClassicLoadBalancers } from './load-balancers/classic/classic-load-balancers.ts';
import { NetworkLoadBalancers } from './load-balancers/network/network-load-balancers.ts';
import { AccountReads } from './load-balancers/surroundings/account-reads.ts';
import { awsInventory } from './orphans/aws-inventory.ts';
import { providerName } from './provider-id.ts';
import { AwsRoutes } from './routes/aws-routes.ts';
import { NodeTagger } from './tagging/node-tagger.ts';
import {
  readTaggingSettings,
  taggingControllerName,
  taggingFlags,
  type TaggingSettings,
} from './tagging/tagging-settings.ts';
import { AwsVolumes } from './volumes/aws-volumes.ts';
import { Zones } from './zones.ts';

/** Makes the AWS provider out of the Go manager's cloud-config, and of what the machine knows where that is silent. */
export const awsCloudProvider: CloudProviderFactory = {
  name: providerName,
  annotations: awsAnnotations,
  controllers: [{ name: taggingControllerName, byDefault: 'no', serviceAccount: 'tagging-controller' }],
  flags: taggingFlags,
  configure(input: ProviderConfigInput): ConfiguredProvider {
    const config = readCloudConfig(input, input.found && factsOf(input.found));
    const tagging = readTaggingSettings(input);
    return {
      ...configured(config, tagging),
      async discover(context: DiscoveryContext): Promise<ConfiguredProvider> {
        let clients: AwsClients | undefined;
        const discovered = await discoverConfig(
          input,
          {
            metadata: new InstanceMetadata({ clock: context.clock, ...config.endpoints.imds }),
            // They serve the provider afterwards, so that a role is assumed once.
            connectEc2: (located) => (clients = createAwsClients(located, context)).ec2,
          },
          context,
        );
        return configured(discovered, tagging, clients);
      },
    };
  },
};

function configured(
  config: CloudConfig,
  tagging: TaggingSettings | undefined,
  clients?: AwsClients,
): ConfiguredProvider {
  return {
    capabilities: awsCapabilities,
    found: foundIn(config),
    connect(context: ProviderContext): CloudProvider {
      for (const warning of config.warnings) context.logger.warn('Cloud configuration', { warning });
      return new AwsCloudProvider(config, clients ?? createAwsClients(config, context), { ...context, tagging });
    },
  };
}

/** What the machine, its instance or its environment may have said. */
function foundIn({ scope, tagging, vpcID }: CloudConfig): Readonly<Record<string, string>> {
  const { id, isLegacy } = tagging;
  return { region: scope.region, clusterID: id, clusterTag: isLegacy ? 'legacy' : 'prefixed', vpcID };
}

/** The way back. Ids that are not known stay unknown. */
function factsOf(found: Readonly<Record<string, string>>): DiscoveredFacts {
  const { clusterID = '', clusterTag, region = '', vpcID = '' } = found;
  return {
    ...(region !== '' && { region }),
    ...(clusterID !== '' && { tagging: { id: clusterID, isLegacy: clusterTag === 'legacy' } }),
    ...(vpcID !== '' && { vpcID }),
  };
}

interface TaggingOption {
  /** Undefined while the tagging controller is off. */
  readonly tagging?: TaggingSettings | undefined;
}

/** AWS as the framework sees it. */
export class AwsCloudProvider implements CloudProvider {
  readonly name = providerName;
  readonly capabilities = awsCapabilities;
  readonly instances: AwsInstances;
  readonly loadBalancers: readonly (NetworkLoadBalancers | ClassicLoadBalancers)[];
  readonly routes: AwsRoutes;
  readonly volumes: AwsVolumes;
  readonly controllers: readonly ProviderController[];
  readonly inventory: readonly InventoryKind[];
  readonly #clients: AwsClients;
  readonly #clock: Clock;
  readonly #config: CloudConfig;
  readonly #reads: AccountReads;
  readonly #zones: Zones;

  constructor(
    config: CloudConfig,
    clients: AwsClients,
    { clock, cluster, tagging }: Pick<ProviderContext, 'clock' | 'cluster'> & TaggingOption,
  ) {
    this.#clients = clients;
    this.#clock = clock;
    this.#config = config;
    const zones = new Zones({ ec2: clients.ec2, clock });
    this.#zones = zones;
    const known = new KnownInstances({ ec2: clients.ec2, clock });
    this.instances = new AwsInstances({ ec2: clients.ec2, zones, config, clock, known });
    this.controllers = tagging === undefined ? [] : [new NodeTagger({ ec2: clients.ec2, settings: tagging, clock })];
    this.routes = new AwsRoutes({ ec2: clients.ec2, instances: known, config, clock });
    this.volumes = new AwsVolumes({ ec2: clients.ec2, region: config.scope.region });
    const reads = new AccountReads({ clients, clock });
    this.#reads = reads;
    const options = { clients, zones, config, clock, reads };
    this.inventory = awsInventory({ clients, reads }, { cluster, config });
    this.loadBalancers = [new NetworkLoadBalancers(options), new ClassicLoadBalancers(options)];
  }

  /** The zones: the answer is small, and it is needed anyway. */
  async probe(call: CallContext): Promise<void> {
    await this.#zones.renew(call);
  }

  async spending(facts: SpendingFacts): Promise<readonly Spending[]> {
    // Only a subcommand asks for it.
    const { awsSpending } = await import('./spending.ts');
    return awsSpending(facts, (service) => this.loadBalancers[0]?.claims(service) === true);
  }

  async quotas(writes: readonly PlannedWrites[], call: CallContext): Promise<readonly QuotaUse[]> {
    // Only a subcommand asks for it.
    const { awsQuotas } = await import('./quotas/aws-quotas.ts');
    return awsQuotas(writes, this.#reads, call);
  }

  async examine(nodes: readonly BackendNode[], call: CallContext): Promise<readonly CloudFinding[]> {
    // Only a subcommand asks for it.
    const { examineLayout } = await import('./layout/examine-layout.ts');
    const { securityGroups } = this.#reads;
    const [config, clock, zones] = [this.#config, this.#clock, this.#zones];
    return examineLayout(nodes, { ec2: this.#clients.ec2, config, clock, zones, securityGroups }, call);
  }

  async close(): Promise<void> {
    this.#clients.close();
  }
}
