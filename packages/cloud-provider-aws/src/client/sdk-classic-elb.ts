import {
  AddTagsCommand,
  ApplySecurityGroupsToLoadBalancerCommand,
  AttachLoadBalancerToSubnetsCommand,
  ConfigureHealthCheckCommand,
  CreateLoadBalancerCommand,
  CreateLoadBalancerListenersCommand,
  CreateLoadBalancerPolicyCommand,
  DeleteLoadBalancerCommand,
  DeleteLoadBalancerListenersCommand,
  DeregisterInstancesFromLoadBalancerCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DetachLoadBalancerFromSubnetsCommand,
  type ElasticLoadBalancingClient,
  type Listener as SdkListener,
  type LoadBalancerAttributes,
  type LoadBalancerDescription,
  ModifyLoadBalancerAttributesCommand,
  RegisterInstancesWithLoadBalancerCommand,
  SetLoadBalancerPoliciesForBackendServerCommand,
  SetLoadBalancerPoliciesOfListenerCommand,
} from '@aws-sdk/client-elastic-load-balancing';
import { type CallContext, CloudError } from '@ccm-ts/cloud-provider';
import type { Tags } from '../cluster-tags.ts';
import type { AwsOperation } from '../permissions.ts';
import type { CallSender } from './call-sender.ts';
import type {
  AttributeChange,
  ClassicAttributes,
  ClassicElbPort,
  ClassicHealthCheck,
  ClassicListener,
  ClassicLoadBalancer,
  ClassicPolicy,
  CreateClassicLoadBalancer,
  PolicyTarget,
} from './classic-elb-port.ts';

/** The largest page that load balancing gives. */
const pageSize = 400;

type Send<Output> = (options: { readonly abortSignal: AbortSignal }) => Promise<Output>;

/** Elastic Load Balancing's first version (API version 2012-06-01) through the SDK. */
export class SdkClassicElb implements ClassicElbPort {
  readonly #client: ElasticLoadBalancingClient;
  readonly #sender: CallSender;

  constructor(client: ElasticLoadBalancingClient, sender: CallSender) {
    this.#client = client;
    this.#sender = sender;
  }

  async findLoadBalancer(name: string, call: CallContext): Promise<ClassicLoadBalancer | undefined> {
    try {
      const command = new DescribeLoadBalancersCommand({ LoadBalancerNames: [name] });
      const answer = await this.#read('DescribeLoadBalancers', call, (options) => this.#client.send(command, options));
      const [found] = answer.LoadBalancerDescriptions ?? [];
      return found === undefined ? undefined : readLoadBalancer(found);
    } catch (error) {
      if (error instanceof CloudError && error.code === 'NotFound') return undefined;
      throw error;
    }
  }

  async listLoadBalancers(call: CallContext): Promise<readonly ClassicLoadBalancer[]> {
    const result: ClassicLoadBalancer[] = [];
    let marker: string | undefined;
    do {
      const command = new DescribeLoadBalancersCommand({
        PageSize: pageSize,
        ...(marker === undefined ? {} : { Marker: marker }),
      });
      const answer = await this.#read('DescribeLoadBalancers', call, (options) => this.#client.send(command, options));
      result.push(...(answer.LoadBalancerDescriptions ?? []).map(readLoadBalancer));
      marker = answer.NextMarker === '' ? undefined : answer.NextMarker;
    } while (marker !== undefined);
    return result;
  }

  async describeAttributes(name: string, call: CallContext): Promise<ClassicAttributes> {
    const command = new DescribeLoadBalancerAttributesCommand({ LoadBalancerName: name });
    const answer = await this.#read('DescribeLoadBalancerAttributes', call, (options) =>
      this.#client.send(command, options),
    );
    return readAttributes(answer.LoadBalancerAttributes);
  }

  async describeTags(name: string, call: CallContext): Promise<Tags> {
    const command = new DescribeTagsCommand({ LoadBalancerNames: [name] });
    const answer = await this.#read('DescribeTags', call, (options) => this.#client.send(command, options));
    const tags = (answer.TagDescriptions ?? []).flatMap((description) => description.Tags ?? []);
    return Object.fromEntries(tags.map((tag) => [tag.Key ?? '', tag.Value ?? '']));
  }

  async createLoadBalancer(input: CreateClassicLoadBalancer, call: CallContext): Promise<string> {
    const command = new CreateLoadBalancerCommand({
      LoadBalancerName: input.name,
      Listeners: input.listeners.map(writeListener),
      Subnets: [...input.subnetIDs],
      SecurityGroups: [...input.securityGroupIDs],
      // The public scheme is the default and has no name in this API.
      ...(input.scheme === 'internal' ? { Scheme: 'internal' } : {}),
      Tags: writeTags(input.tags),
    });
    const answer = await this.#write('CreateLoadBalancer', call, (options) => this.#client.send(command, options));
    return answer.DNSName ?? '';
  }

  async deleteLoadBalancer(name: string, call: CallContext): Promise<void> {
    const command = new DeleteLoadBalancerCommand({ LoadBalancerName: name });
    await this.#write('DeleteLoadBalancer', call, (options) => this.#client.send(command, options));
  }

  async addTags(name: string, tags: Tags, call: CallContext): Promise<void> {
    const command = new AddTagsCommand({ LoadBalancerNames: [name], Tags: writeTags(tags) });
    await this.#write('AddTags', call, (options) => this.#client.send(command, options));
  }

  async attachSubnets(name: string, subnetIDs: readonly string[], call: CallContext): Promise<void> {
    const command = new AttachLoadBalancerToSubnetsCommand({ LoadBalancerName: name, Subnets: [...subnetIDs] });
    await this.#write('AttachLoadBalancerToSubnets', call, (options) => this.#client.send(command, options));
  }

  async detachSubnets(name: string, subnetIDs: readonly string[], call: CallContext): Promise<void> {
    const command = new DetachLoadBalancerFromSubnetsCommand({ LoadBalancerName: name, Subnets: [...subnetIDs] });
    await this.#write('DetachLoadBalancerFromSubnets', call, (options) => this.#client.send(command, options));
  }

  async applySecurityGroups(name: string, groupIDs: readonly string[], call: CallContext): Promise<void> {
    const command = new ApplySecurityGroupsToLoadBalancerCommand({
      LoadBalancerName: name,
      SecurityGroups: [...groupIDs],
    });
    await this.#write('ApplySecurityGroupsToLoadBalancer', call, (options) => this.#client.send(command, options));
  }

  async createListeners(name: string, listeners: readonly ClassicListener[], call: CallContext): Promise<void> {
    const command = new CreateLoadBalancerListenersCommand({
      LoadBalancerName: name,
      Listeners: listeners.map(writeListener),
    });
    await this.#write('CreateLoadBalancerListeners', call, (options) => this.#client.send(command, options));
  }

  async deleteListeners(name: string, ports: readonly number[], call: CallContext): Promise<void> {
    const command = new DeleteLoadBalancerListenersCommand({ LoadBalancerName: name, LoadBalancerPorts: [...ports] });
    await this.#write('DeleteLoadBalancerListeners', call, (options) => this.#client.send(command, options));
  }

  async createPolicy(name: string, policy: ClassicPolicy, call: CallContext): Promise<void> {
    const command = new CreateLoadBalancerPolicyCommand({
      LoadBalancerName: name,
      PolicyName: policy.name,
      PolicyTypeName: policy.type,
      PolicyAttributes: Object.entries(policy.attributes).map(([key, value]) => ({
        AttributeName: key,
        AttributeValue: value,
      })),
    });
    await this.#write('CreateLoadBalancerPolicy', call, (options) => this.#client.send(command, options));
  }

  async setListenerPolicies(name: string, target: PolicyTarget, call: CallContext): Promise<void> {
    const command = new SetLoadBalancerPoliciesOfListenerCommand({
      LoadBalancerName: name,
      LoadBalancerPort: target.port,
      PolicyNames: [...target.policies],
    });
    await this.#write('SetLoadBalancerPoliciesOfListener', call, (options) => this.#client.send(command, options));
  }

  async setBackendPolicies(name: string, target: PolicyTarget, call: CallContext): Promise<void> {
    const command = new SetLoadBalancerPoliciesForBackendServerCommand({
      LoadBalancerName: name,
      InstancePort: target.port,
      PolicyNames: [...target.policies],
    });
    await this.#write('SetLoadBalancerPoliciesForBackendServer', call, (options) =>
      this.#client.send(command, options),
    );
  }

  async modifyAttributes(name: string, attributes: AttributeChange, call: CallContext): Promise<void> {
    const command = new ModifyLoadBalancerAttributesCommand({
      LoadBalancerName: name,
      LoadBalancerAttributes: writeAttributes(attributes),
    });
    await this.#write('ModifyLoadBalancerAttributes', call, (options) => this.#client.send(command, options));
  }

  async configureHealthCheck(name: string, check: ClassicHealthCheck, call: CallContext): Promise<void> {
    const command = new ConfigureHealthCheckCommand({
      LoadBalancerName: name,
      HealthCheck: {
        Target: check.target,
        Interval: check.intervalSeconds,
        Timeout: check.timeoutSeconds,
        HealthyThreshold: check.healthyThreshold,
        UnhealthyThreshold: check.unhealthyThreshold,
      },
    });
    await this.#write('ConfigureHealthCheck', call, (options) => this.#client.send(command, options));
  }

  async registerInstances(name: string, instanceIDs: readonly string[], call: CallContext): Promise<void> {
    const command = new RegisterInstancesWithLoadBalancerCommand({
      LoadBalancerName: name,
      Instances: instanceIDs.map((id) => ({ InstanceId: id })),
    });
    await this.#write('RegisterInstancesWithLoadBalancer', call, (options) => this.#client.send(command, options));
  }

  async deregisterInstances(name: string, instanceIDs: readonly string[], call: CallContext): Promise<void> {
    const command = new DeregisterInstancesFromLoadBalancerCommand({
      LoadBalancerName: name,
      Instances: instanceIDs.map((id) => ({ InstanceId: id })),
    });
    await this.#write('DeregisterInstancesFromLoadBalancer', call, (options) => this.#client.send(command, options));
  }

  #read<Output>(operation: AwsOperation, context: CallContext, send: Send<Output>): Promise<Output> {
    return this.#sender.run({
      operation,
      apiGroup: 'elb-read',
      context,
      send: (abortSignal) => send({ abortSignal }),
    });
  }

  #write<Output>(operation: AwsOperation, context: CallContext, send: Send<Output>): Promise<Output> {
    return this.#sender.run({
      operation,
      apiGroup: 'elb-write',
      context,
      send: (abortSignal) => send({ abortSignal }),
    });
  }
}

function readLoadBalancer(description: LoadBalancerDescription): ClassicLoadBalancer {
  const check = description.HealthCheck;
  const {
    AppCookieStickinessPolicies = [],
    LBCookieStickinessPolicies = [],
    OtherPolicies = [],
  } = description.Policies ?? {};
  const stickiness = [...AppCookieStickinessPolicies, ...LBCookieStickinessPolicies].map(
    ({ PolicyName }) => PolicyName,
  );
  return {
    name: description.LoadBalancerName ?? '',
    dnsName: description.DNSName ?? '',
    scheme: description.Scheme ?? '',
    vpcID: description.VPCId ?? '',
    subnetIDs: description.Subnets ?? [],
    securityGroupIDs: description.SecurityGroups ?? [],
    instanceIDs: (description.Instances ?? []).flatMap(({ InstanceId }) => InstanceId ?? []),
    listeners: (description.ListenerDescriptions ?? []).map(({ Listener: listener, PolicyNames }) => ({
      port: listener?.LoadBalancerPort ?? 0,
      protocol: listener?.Protocol ?? '',
      instancePort: listener?.InstancePort ?? 0,
      instanceProtocol: listener?.InstanceProtocol ?? listener?.Protocol ?? '',
      certificate: listener?.SSLCertificateId ?? '',
      policies: PolicyNames ?? [],
    })),
    policies: OtherPolicies.filter((name) => !stickiness.includes(name)),
    backends: (description.BackendServerDescriptions ?? []).map(({ InstancePort, PolicyNames }) => ({
      port: InstancePort ?? 0,
      policies: PolicyNames ?? [],
    })),
    healthCheck:
      check === undefined
        ? undefined
        : {
            target: check.Target ?? '',
            intervalSeconds: check.Interval ?? 0,
            timeoutSeconds: check.Timeout ?? 0,
            healthyThreshold: check.HealthyThreshold ?? 0,
            unhealthyThreshold: check.UnhealthyThreshold ?? 0,
          },
  };
}

function readAttributes(attributes: LoadBalancerAttributes | undefined): ClassicAttributes {
  const log = attributes?.AccessLog;
  return {
    crossZone: attributes?.CrossZoneLoadBalancing?.Enabled ?? false,
    accessLog: {
      enabled: log?.Enabled ?? false,
      emitIntervalMinutes: log?.EmitInterval,
      bucket: log?.S3BucketName,
      prefix: log?.S3BucketPrefix,
    },
    draining: {
      enabled: attributes?.ConnectionDraining?.Enabled ?? false,
      timeoutSeconds: attributes?.ConnectionDraining?.Timeout,
    },
    idleTimeoutSeconds: attributes?.ConnectionSettings?.IdleTimeout,
  };
}

function writeAttributes({
  crossZone,
  accessLog,
  draining,
  idleTimeoutSeconds,
}: AttributeChange): LoadBalancerAttributes {
  return {
    ...(crossZone === undefined ? {} : { CrossZoneLoadBalancing: { Enabled: crossZone } }),
    ...(accessLog === undefined
      ? {}
      : {
          AccessLog: {
            Enabled: accessLog.enabled,
            ...(accessLog.emitIntervalMinutes === undefined ? {} : { EmitInterval: accessLog.emitIntervalMinutes }),
            ...(accessLog.bucket === undefined ? {} : { S3BucketName: accessLog.bucket }),
            ...(accessLog.prefix === undefined ? {} : { S3BucketPrefix: accessLog.prefix }),
          },
        }),
    ...(draining === undefined
      ? {}
      : {
          ConnectionDraining: {
            Enabled: draining.enabled,
            ...(draining.timeoutSeconds === undefined ? {} : { Timeout: draining.timeoutSeconds }),
          },
        }),
    ...(idleTimeoutSeconds === undefined ? {} : { ConnectionSettings: { IdleTimeout: idleTimeoutSeconds } }),
  };
}

function writeListener(listener: ClassicListener): SdkListener {
  return {
    Protocol: listener.protocol,
    LoadBalancerPort: listener.port,
    InstanceProtocol: listener.instanceProtocol,
    InstancePort: listener.instancePort,
    ...(listener.certificate === '' ? {} : { SSLCertificateId: listener.certificate }),
  };
}

function writeTags(tags: Tags): [{ Key: string; Value: string }, ...{ Key: string; Value: string }[]] {
  const [first, ...others] = Object.entries(tags).map(([key, value]) => ({ Key: key, Value: value }));
  if (first === undefined) throw new CloudError('Invalid', 'there is no tag to be written', { field: 'Tags' });
  return [first, ...others];
}
