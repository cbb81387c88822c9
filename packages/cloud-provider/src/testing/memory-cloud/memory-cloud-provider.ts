import { ConfigError } from '../../base/config-error.ts';
import type { CloudProvider, CloudProviderFactory, ProviderContext } from '../../cloud/cloud-provider.ts';
import type { Capabilities } from '../../cloud/capabilities.ts';
import { memoryAnnotations } from './annotations.ts';
import { memoryCapabilities } from './capabilities.ts';
import { httpTransport } from './client/http-transport.ts';
import { MemoryClient } from './client/memory-client.ts';
import type { Transport } from './client/transport.ts';
import { type MemoryCloudConfig, parseMemoryCloudConfig } from './config.ts';
import { memoryInstances } from './instances/memory-instances.ts';
import { forwarderLB } from './load-balancers/forwarder/forwarder-lb.ts';
import { balancerInventory } from './inventory/balancers.ts';
import { forwarderInventory } from './inventory/forwarders.ts';
import { routeInventory } from './inventory/routes.ts';
import { memoryLB } from './load-balancers/memory-lb/memory-lb.ts';
import { sharedForwarderLB } from './load-balancers/shared-forwarder/shared-forwarder-lb.ts';
import { memoryPodRanges } from './pod-ranges/memory-pod-ranges.ts';
import { providerName } from './provider-id.ts';
import { memoryQuotas } from './quotas.ts';
import { memoryRoutes } from './routes/memory-routes.ts';
import { memoryVolumes } from './volumes/memory-volumes.ts';

export interface MemoryCloudProviderOptions {
  /** The way to the cloud. @default HTTP to the `endpoint` of the cloud-config */
  readonly transport?: Transport;
  /** `two` adds a kind for Services that ask for it by annotation. @default one */
  readonly loadBalancerKinds?: 'one' | 'two';
  /** `yes` adds the kind without names, for Services that ask for it by annotation. @default no */
  readonly forwarders?: 'yes' | 'no';
  /** `yes` adds the kind whose load balancers several Services share, for those that ask for it by annotation. @default no */
  readonly shared?: 'yes' | 'no';
  /** `endpoints` makes load balancers follow the readiness of pods. @default nodes */
  readonly backends?: 'nodes' | 'endpoints';
}

/** The provider of the memory cloud. */
export function memoryCloudProvider(options: MemoryCloudProviderOptions = {}): CloudProviderFactory {
  return {
    name: providerName,
    annotations: memoryAnnotations,
    configure(input) {
      const config = parseMemoryCloudConfig(input.file);
      if (!options.transport && config.endpoint === '') {
        const fix = 'set it to the URL of the memory cloud, for example http://127.0.0.1:8080';
        throw new ConfigError([{ file: input.file?.path ?? '--cloud-config', field: 'endpoint', value: '', fix }]);
      }
      return {
        capabilities: capabilitiesWith(options),
        connect: (context) => connect(config, options, context),
      };
    },
  };
}

function connect(
  config: MemoryCloudConfig,
  options: MemoryCloudProviderOptions,
  context: ProviderContext,
): CloudProvider {
  const {
    transport = httpTransport(config.endpoint),
    loadBalancerKinds = 'one',
    forwarders = 'no',
    shared = 'no',
    backends = 'nodes',
  } = options;
  const { gate, clock, cluster } = context;
  const { account, region, consistencyWindow, factsMaxAge } = config;
  const client = new MemoryClient({ transport, gate, clock, scope: { account, region }, clusterUID: cluster.uid });
  const parts = { client, clock, consistencyWindow, factsMaxAge, backends };
  return {
    name: providerName,
    capabilities: capabilitiesWith(options),
    instances: memoryInstances(client),
    loadBalancers: [
      ...(forwarders === 'yes' ? [forwarderLB({ client, clock, consistencyWindow })] : []),
      ...(shared === 'yes' ? [sharedForwarderLB({ client, clock, consistencyWindow })] : []),
      ...(loadBalancerKinds === 'two' ? [memoryLB({ ...parts, kind: 'express' })] : []),
      memoryLB(parts),
    ],
    podRanges: memoryPodRanges(client),
    volumes: memoryVolumes(client),
    routes: memoryRoutes({ client, clock, cluster, factsMaxAge }),
    inventory: [
      ...(forwarders === 'yes' || shared === 'yes' ? [forwarderInventory({ client, cluster })] : []),
      balancerInventory({ client, clock, cluster }),
      routeInventory({ client, cluster }),
    ],
    quotas: (writes, call) => memoryQuotas(writes, client, call),
    async probe(call) {
      await client.getAccount(call);
    },
    close: () => client.close(),
  };
}

function capabilitiesWith({ shared = 'no' }: MemoryCloudProviderOptions): Capabilities {
  if (shared === 'no') return memoryCapabilities;
  return { ...memoryCapabilities, loadBalancers: [...memoryCapabilities.loadBalancers, 'shared'] };
}
