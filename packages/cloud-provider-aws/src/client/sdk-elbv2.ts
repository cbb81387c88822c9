import {
  AddTagsCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeleteListenerCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeListenersCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  RegisterTargetsCommand,
  SetIpAddressTypeCommand,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type CallContext, CloudError } from '@ccm-ts/cloud-provider';
import type { Tags } from '../cluster-tags.ts';
import type { AwsOperation } from '../permissions.ts';
import type { ApiGroup, CallSender } from './call-sender.ts';
import type {
  AddressType,
  Attributes,
  CreateListener,
  CreateLoadBalancer,
  CreateTargetGroup,
  Elbv2Port,
  HealthCheckChange,
  Listener,
  ListenerChange,
  LoadBalancer,
  SubnetChange,
  Target,
  TargetGroup,
} from './elbv2-port.ts';
import { readAttributes, readListener, readLoadBalancer, readTargetGroup } from './sdk-elbv2-answers.ts';
import {
  writeAddresses,
  writeHealthCheck,
  writeProtocol,
  writeSubnets,
  writeTags,
  writeTargets,
  writeTls,
} from './sdk-elbv2-inputs.ts';

/** The largest page that load balancing gives. */
const pageSize = 400;
/** As many ARNs as one DescribeTags takes. */
const tagsPerRequest = 20;

interface Request<Output> {
  readonly operation: AwsOperation;
  readonly apiGroup: ApiGroup;
  readonly call: CallContext;
  readonly send: (options: { readonly abortSignal: AbortSignal }) => Promise<Output>;
}

/** Elastic Load Balancing v2 through the SDK. */
export class SdkElbv2 implements Elbv2Port {
  readonly #client: ElasticLoadBalancingV2Client;
  readonly #sender: CallSender;

  constructor(client: ElasticLoadBalancingV2Client, sender: CallSender) {
    this.#client = client;
    this.#sender = sender;
  }

  async findLoadBalancer(name: string, call: CallContext): Promise<LoadBalancer | undefined> {
    const answer = await orUndefined(
      this.#run({
        operation: 'DescribeLoadBalancers',
        apiGroup: 'elbv2-read',
        call,
        send: (options) => this.#client.send(new DescribeLoadBalancersCommand({ Names: [name] }), options),
      }),
    );
    return answer?.LoadBalancers?.map(readLoadBalancer)[0];
  }

  async listLoadBalancers(call: CallContext): Promise<readonly LoadBalancer[]> {
    return this.#followMarkers(async (marker) => {
      const answer = await this.#run({
        operation: 'DescribeLoadBalancers',
        apiGroup: 'elbv2-read',
        call,
        send: (options) =>
          this.#client.send(new DescribeLoadBalancersCommand({ PageSize: pageSize, ...marker }), options),
      });
      return { items: (answer.LoadBalancers ?? []).map(readLoadBalancer), next: answer.NextMarker };
    });
  }

  async describeListeners(loadBalancerArn: string, call: CallContext): Promise<readonly Listener[]> {
    return this.#followMarkers(async (marker) => {
      const answer = await this.#run({
        operation: 'DescribeListeners',
        apiGroup: 'elbv2-read',
        call,
        send: (options) =>
          this.#client.send(
            new DescribeListenersCommand({ LoadBalancerArn: loadBalancerArn, PageSize: pageSize, ...marker }),
            options,
          ),
      });
      return { items: (answer.Listeners ?? []).map(readListener), next: answer.NextMarker };
    });
  }

  async describeTargetGroups(call: CallContext): Promise<readonly TargetGroup[]> {
    return this.#followMarkers(async (marker) => {
      const answer = await this.#run({
        operation: 'DescribeTargetGroups',
        apiGroup: 'elbv2-read',
        call,
        send: (options) =>
          this.#client.send(new DescribeTargetGroupsCommand({ PageSize: pageSize, ...marker }), options),
      });
      return { items: (answer.TargetGroups ?? []).map(readTargetGroup), next: answer.NextMarker };
    });
  }

  async findTargetGroup(name: string, call: CallContext): Promise<TargetGroup | undefined> {
    const answer = await orUndefined(
      this.#run({
        operation: 'DescribeTargetGroups',
        apiGroup: 'elbv2-read',
        call,
        send: (options) => this.#client.send(new DescribeTargetGroupsCommand({ Names: [name] }), options),
      }),
    );
    return answer?.TargetGroups?.map(readTargetGroup)[0];
  }

  async describeTargets(targetGroupArn: string, call: CallContext): Promise<readonly Target[]> {
    const answer = await this.#run({
      operation: 'DescribeTargetHealth',
      apiGroup: 'elbv2-read',
      call,
      send: (options) =>
        this.#client.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }), options),
    });
    return (answer.TargetHealthDescriptions ?? [])
      .filter((description) => description.TargetHealth?.Reason !== 'Target.DeregistrationInProgress')
      .map((description) => ({ id: description.Target?.Id ?? '', port: description.Target?.Port ?? 0 }));
  }

  async describeTags(arns: readonly string[], call: CallContext): Promise<ReadonlyMap<string, Tags>> {
    const result = new Map<string, Tags>();
    for (let start = 0; start < arns.length; start += tagsPerRequest) {
      const chunk = arns.slice(start, start + tagsPerRequest);
      const answer = await this.#run({
        operation: 'DescribeTags',
        apiGroup: 'elbv2-read',
        call,
        send: (options) => this.#client.send(new DescribeTagsCommand({ ResourceArns: chunk }), options),
      });
      for (const description of answer.TagDescriptions ?? []) {
        const tags = (description.Tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? ''] as const);
        result.set(description.ResourceArn ?? '', Object.fromEntries(tags));
      }
    }
    return result;
  }

  async createLoadBalancer(input: CreateLoadBalancer, call: CallContext): Promise<LoadBalancer> {
    const answer = await this.#run({
      operation: 'CreateLoadBalancer',
      apiGroup: 'elbv2-write',
      call,
      send: (options) =>
        this.#client.send(
          new CreateLoadBalancerCommand({
            Name: input.name,
            Type: 'network',
            // The Go manager leaves the public scheme, which is the default, unsaid; the effect is the same.
            Scheme: input.scheme,
            SubnetMappings: writeSubnets(input.subnets),
            ...(input.securityGroupIDs.length === 0 ? {} : { SecurityGroups: [...input.securityGroupIDs] }),
            ...writeAddresses(input),
            Tags: writeTags(input.tags),
          }),
          options,
        ),
    });
    return readLoadBalancer(first(answer.LoadBalancers, 'CreateLoadBalancer'));
  }

  async deleteLoadBalancer(arn: string, call: CallContext): Promise<void> {
    await this.#run({
      operation: 'DeleteLoadBalancer',
      apiGroup: 'elbv2-write',
      call,
      send: (options) => this.#client.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: arn }), options),
    });
  }

  async createTargetGroup(input: CreateTargetGroup, call: CallContext): Promise<TargetGroup> {
    const answer = await this.#run({
      operation: 'CreateTargetGroup',
      apiGroup: 'elbv2-write',
      call,
      send: (options) =>
        this.#client.send(
          new CreateTargetGroupCommand({
            Name: input.name,
            Port: input.port,
            Protocol: writeProtocol(input.protocol),
            VpcId: input.vpcID,
            TargetType: 'instance',
            ...(input.addressType === undefined ? {} : { IpAddressType: input.addressType }),
            ...writeHealthCheck(input.healthCheck),
            Tags: writeTags(input.tags),
          }),
          options,
        ),
    });
    return readTargetGroup(first(answer.TargetGroups, 'CreateTargetGroup'));
  }

  async modifyHealthCheck(targetGroupArn: string, change: HealthCheckChange, call: CallContext): Promise<void> {
    const input = { TargetGroupArn: targetGroupArn, ...writeHealthCheck(change) };
    await this.#run({
      operation: 'ModifyTargetGroup',
      apiGroup: 'elbv2-write',
      call,
      send: (options) => this.#client.send(new ModifyTargetGroupCommand(input), options),
    });
  }

  async deleteTargetGroup(arn: string, call: CallContext): Promise<void> {
    await this.#run({
      operation: 'DeleteTargetGroup',
      apiGroup: 'elbv2-write',
      call,
      send: (options) => this.#client.send(new DeleteTargetGroupCommand({ TargetGroupArn: arn }), options),
    });
  }

  async registerTargets(targetGroupArn: string, targets: readonly Target[], call: CallContext): Promise<void> {
    const input = { TargetGroupArn: targetGroupArn, Targets: writeTargets(targets) };
    await this.#run({
      operation: 'RegisterTargets',
      apiGroup: 'elbv2-targets',
      call,
      send: (options) => this.#client.send(new RegisterTargetsCommand(input), options),
    });
  }

  async deregisterTargets(targetGroupArn: string, targets: readonly Target[], call: CallContext): Promise<void> {
    const input = { TargetGroupArn: targetGroupArn, Targets: writeTargets(targets) };
    await this.#run({
      operation: 'DeregisterTargets',
      apiGroup: 'elbv2-targets',
      call,
      send: (options) => this.#client.send(new DeregisterTargetsCommand(input), options),
    });
  }

  async createListener(input: CreateListener, call: CallContext): Promise<Listener> {
    const answer = await this.#run({
      operation: 'CreateListener',
      apiGroup: 'elbv2-write',
      call,
      send: (options) =>
        this.#client.send(
          new CreateListenerCommand({
            LoadBalancerArn: input.loadBalancerArn,
            Port: input.port,
            Protocol: writeProtocol(input.protocol),
            DefaultActions: [{ Type: 'forward', TargetGroupArn: input.targetGroupArn }],
            ...writeTls(input.tls),
            Tags: writeTags(input.tags),
          }),
          options,
        ),
    });
    return readListener(first(answer.Listeners, 'CreateListener'));
  }

  async modifyListener(listenerArn: string, change: ListenerChange, call: CallContext): Promise<void> {
    const input = {
      ListenerArn: listenerArn,
      ...(change.targetGroupArn === undefined
        ? {}
        : { DefaultActions: [{ Type: 'forward' as const, TargetGroupArn: change.targetGroupArn }] }),
      ...writeTls(change.tls),
    };
    await this.#run({
      operation: 'ModifyListener',
      apiGroup: 'elbv2-write',
      call,
      send: (options) => this.#client.send(new ModifyListenerCommand(input), options),
    });
  }

  async deleteListener(arn: string, call: CallContext): Promise<void> {
    await this.#run({
      operation: 'DeleteListener',
      apiGroup: 'elbv2-write',
      call,
      send: (options) => this.#client.send(new DeleteListenerCommand({ ListenerArn: arn }), options),
    });
  }

  async describeLoadBalancerAttributes(arn: string, call: CallContext): Promise<Attributes> {
    const answer = await this.#run({
      operation: 'DescribeLoadBalancerAttributes',
      apiGroup: 'elbv2-read',
      call,
      send: (options) =>
        this.#client.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: arn }), options),
    });
    return readAttributes(answer.Attributes);
  }

  async modifyLoadBalancerAttributes(arn: string, attributes: Attributes, call: CallContext): Promise<void> {
    const input = { LoadBalancerArn: arn, Attributes: writeTags(attributes) };
    await this.#run({
      operation: 'ModifyLoadBalancerAttributes',
      apiGroup: 'elbv2-write',
      call,
      send: (options) => this.#client.send(new ModifyLoadBalancerAttributesCommand(input), options),
    });
  }

  async describeTargetGroupAttributes(arn: string, call: CallContext): Promise<Attributes> {
    const answer = await this.#run({
      operation: 'DescribeTargetGroupAttributes',
      apiGroup: 'elbv2-read',
      call,
      send: (options) => this.#client.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: arn }), options),
    });
    return readAttributes(answer.Attributes);
  }

  async modifyTargetGroupAttributes(arn: string, attributes: Attributes, call: CallContext): Promise<void> {
    const input = { TargetGroupArn: arn, Attributes: writeTags(attributes) };
    await this.#run({
      operation: 'ModifyTargetGroupAttributes',
      apiGroup: 'elbv2-write',
      call,
      send: (options) => this.#client.send(new ModifyTargetGroupAttributesCommand(input), options),
    });
  }

  async addTags(arns: readonly string[], tags: Tags, call: CallContext): Promise<void> {
    const input = { ResourceArns: [...arns], Tags: writeTags(tags) };
    await this.#run({
      operation: 'AddTags',
      apiGroup: 'elbv2-write',
      call,
      send: (options) => this.#client.send(new AddTagsCommand(input), options),
    });
  }

  async setSecurityGroups(arn: string, securityGroupIDs: readonly string[], call: CallContext): Promise<void> {
    const input = { LoadBalancerArn: arn, SecurityGroups: [...securityGroupIDs] };
    await this.#run({
      operation: 'SetSecurityGroups',
      apiGroup: 'elbv2-write',
      call,
      send: (options) => this.#client.send(new SetSecurityGroupsCommand(input), options),
    });
  }

  async setAddressType(arn: string, addressType: AddressType, call: CallContext): Promise<void> {
    const input = { LoadBalancerArn: arn, IpAddressType: addressType };
    await this.#run({
      operation: 'SetIpAddressType',
      apiGroup: 'elbv2-write',
      call,
      send: (options) => this.#client.send(new SetIpAddressTypeCommand(input), options),
    });
  }

  async setSubnets(arn: string, change: SubnetChange, call: CallContext): Promise<void> {
    const input = { LoadBalancerArn: arn, SubnetMappings: writeSubnets(change.subnets), ...writeAddresses(change) };
    await this.#run({
      operation: 'SetSubnets',
      apiGroup: 'elbv2-write',
      call,
      send: (options) => this.#client.send(new SetSubnetsCommand(input), options),
    });
  }

  #run<Output>(request: Request<Output>): Promise<Output> {
    return this.#sender.run({
      operation: request.operation,
      apiGroup: request.apiGroup,
      context: request.call,
      send: (abortSignal) => request.send({ abortSignal }),
    });
  }

  async #followMarkers<Item>(
    read: (marker: { readonly Marker?: string }) => Promise<{
      readonly items: readonly Item[];
      readonly next: string | undefined;
    }>,
  ): Promise<readonly Item[]> {
    const items: Item[] = [];
    let marker: { readonly Marker?: string } | undefined = {};
    while (marker !== undefined) {
      const answer: { readonly items: readonly Item[]; readonly next: string | undefined } = await read(marker);
      items.push(...answer.items);
      marker = answer.next === undefined || answer.next === '' ? undefined : { Marker: answer.next };
    }
    return items;
  }
}

function first<Item>(items: readonly Item[] | undefined, operation: AwsOperation): Item {
  const [item] = items ?? [];
  if (item === undefined) {
    throw new CloudError('Unknown', `${operation}: the answer does not hold what was created`, { operation });
  }
  return item;
}

async function orUndefined<Answer>(request: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof CloudError && error.code === 'NotFound') return undefined;
    throw error;
  }
}
