import {
  type CallContext,
  ConfigError,
  type DiscoveryContext,
  Duration,
  type ProviderConfigInput,
  toCloudError,
} from '@ccm-ts/cloud-provider';
import type { Ec2Port } from './client/ec2-port.ts';
import type { InstanceMetadataPort } from './client/instance-metadata.ts';
import { type Tags, clusterTagPrefix, legacyClusterTagKey } from './cluster-tags.ts';
import { type CloudConfig, type ClusterTagging, type DiscoveredFacts, readCloudConfig } from './config/cloud-config.ts';

/** EC2 may be throttled or not reachable yet when a machine comes up; the kubelet starts us again after that. */
const selfAttempts = 5;
const selfPause = Duration.seconds(2);

export interface DiscoveryPorts {
  readonly metadata: InstanceMetadataPort;
  /** EC2 in the region that was found out. */
  readonly connectEc2: (config: CloudConfig) => Ec2Port;
}

/**
 * Completes a configuration with what the machine knows: the region by its metadata; the cluster's ID and the VPC by the tags
 * of its own instance. What is written is never asked for, so that a configuration with region and ID asks nothing.
 *
 * @throws ConfigError when nothing knows and it is needed
 */
export async function discoverConfig(
  input: ProviderConfigInput,
  ports: DiscoveryPorts,
  context: DiscoveryContext,
): Promise<CloudConfig> {
  const written = readCloudConfig(input);
  if (written.missing.length === 0) return written;
  const troubles: string[] = [];
  const region = written.missing.includes('region')
    ? await ask(written, 'placement/region', { ports, context, troubles })
    : undefined;
  const facts: DiscoveredFacts = region === undefined ? {} : { region };
  if (!written.missing.includes('cluster-id')) return complete(input, facts, troubles);

  // Without a region nobody can be asked for the rest: this throws then.
  const located = complete({ ...input, allowUntaggedCloud: 'yes' }, facts, troubles);
  const instanceID = await ask(written, 'instance-id', { ports, context, troubles });
  const self = instanceID === undefined ? undefined : await findSelf(instanceID, { located, ports, context, troubles });
  const config = complete(input, { ...facts, ...self }, troubles);
  if (config.tagging.id === '') {
    const reason = troubles.join('; ') || 'this machine carries no tag of a cluster';
    context.logger.warn('The cloud is not tagged: everything in it counts as of this cluster', { reason });
  }
  return config;
}

interface Asking {
  readonly ports: DiscoveryPorts;
  readonly context: DiscoveryContext;
  /** Why something is not known; is added to. */
  readonly troubles: string[];
}

async function ask(config: CloudConfig, path: string, asking: Asking): Promise<string | undefined> {
  const { context, ports, troubles } = asking;
  if (config.instanceMetadata === 'switched-off') {
    troubles.push('AWS_EC2_METADATA_DISABLED forbids to ask this machine');
    return undefined;
  }
  try {
    const answer = await ports.metadata.read(path, context.signal);
    if (answer === undefined) troubles.push(`the instance metadata service does not know ${path}`);
    return answer;
  } catch (error) {
    context.signal.throwIfAborted();
    troubles.push(toCloudError(error).message);
    return undefined;
  }
}

async function findSelf(
  instanceID: string,
  asking: Asking & { readonly located: CloudConfig },
): Promise<DiscoveredFacts> {
  const { context, located, ports, troubles } = asking;
  const ec2 = ports.connectEc2(located);
  const call: CallContext = {
    signal: context.signal,
    timeout: Duration.seconds(30),
    freshness: 'live',
    priority: 'initialize',
  };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const [self] = (await ec2.getInstances([instanceID], call)).value;
      if (self === undefined) return {};
      return { vpcID: self.vpcID, tagging: readClusterTagging(self.tags) };
    } catch (error) {
      context.signal.throwIfAborted();
      if (error instanceof ConfigError) throw error;
      const reason = toCloudError(error);
      if (!reason.isRetriable || attempt === selfAttempts) {
        troubles.push(reason.message);
        return {};
      }
      await context.clock.sleep(selfPause.max(reason.details.retryAfter ?? Duration.zero), context.signal);
    }
  }
}

/**
 * Which cluster the tags of an instance name. Source: kubernetes/cloud-provider-aws v1.36, pkg/providers/v1/tags.go.
 * @throws ConfigError when they name several
 */
export function readClusterTagging(tags: Tags): ClusterTagging {
  const ids = Object.keys(tags).flatMap((key) =>
    key.startsWith(clusterTagPrefix) ? [key.slice(clusterTagPrefix.length)] : [],
  );
  const legacy = tags[legacyClusterTagKey] ?? '';
  const all = [...new Set(legacy === '' ? ids : [...ids, legacy])].toSorted();
  if (all.length > 1) {
    const field = '[Global] KubernetesClusterID';
    const fix = `this machine carries the tags of several clusters, ${all.join(', ')}: say here which one is meant`;
    throw new ConfigError([{ file: '', field, value: '', fix }]);
  }
  return { id: all[0] ?? '', isLegacy: legacy !== '' };
}

/** Reads the configuration again; what is not known then is a fault, with why nobody could be asked. */
function complete(input: ProviderConfigInput, facts: DiscoveredFacts, troubles: readonly string[]): CloudConfig {
  try {
    return readCloudConfig(input, facts);
  } catch (error) {
    if (!(error instanceof ConfigError) || troubles.length === 0) throw error;
    const because = ` (${troubles.join('; ')})`;
    throw new ConfigError(
      error.faults.map((fault) => ({ ...fault, fix: fault.fix + because })),
      { cause: error },
    );
  }
}
