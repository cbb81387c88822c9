import {
  CreateLoadBalancerCommand,
  DeleteLoadBalancerCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  ModifyLoadBalancerAttributesCommand,
  SetIpAddressTypeCommand,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { CallContext } from '@ccm-ts/cloud-provider';
import type {
  AddressType,
  Attributes,
  CreateLoadBalancer,
  LoadBalancer,
  SubnetChange,
  LoadBalancerRequests,
} from '../elbv2-port.ts';
import { type Elbv2Connection, firstOf, followMarkers, orUndefined, pageSize } from './connection.ts';
import { readAttributes, readLoadBalancer } from './answers.ts';
import { writeAddresses, writeSubnets, writeTags } from './inputs.ts';

/** Requests about network load balancers themselves. */
export function loadBalancerRequests(connection: Elbv2Connection): LoadBalancerRequests {
  const { client } = connection;
  return {
    async findLoadBalancer(name: string, call: CallContext): Promise<LoadBalancer | undefined> {
      const answer = await orUndefined(
        connection.run({
          operation: 'DescribeLoadBalancers',
          apiGroup: 'elbv2-read',
          call,
          send: (options) => client.send(new DescribeLoadBalancersCommand({ Names: [name] }), options),
        }),
      );
      return answer?.LoadBalancers?.map(readLoadBalancer)[0];
    },

    async listLoadBalancers(call: CallContext): Promise<readonly LoadBalancer[]> {
      return followMarkers(async (marker) => {
        const answer = await connection.run({
          operation: 'DescribeLoadBalancers',
          apiGroup: 'elbv2-read',
          call,
          send: (options) => client.send(new DescribeLoadBalancersCommand({ PageSize: pageSize, ...marker }), options),
        });
        return { items: (answer.LoadBalancers ?? []).map(readLoadBalancer), next: answer.NextMarker };
      });
    },

    async createLoadBalancer(input: CreateLoadBalancer, call: CallContext): Promise<LoadBalancer> {
      const answer = await connection.run({
        operation: 'CreateLoadBalancer',
        apiGroup: 'elbv2-write',
        call,
        send: (options) =>
          client.send(
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
      return readLoadBalancer(firstOf(answer.LoadBalancers, 'CreateLoadBalancer'));
    },

    async deleteLoadBalancer(arn: string, call: CallContext): Promise<void> {
      await connection.run({
        operation: 'DeleteLoadBalancer',
        apiGroup: 'elbv2-write',
        call,
        send: (options) => client.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: arn }), options),
      });
    },

    async describeLoadBalancerAttributes(arn: string, call: CallContext): Promise<Attributes> {
      const answer = await connection.run({
        operation: 'DescribeLoadBalancerAttributes',
        apiGroup: 'elbv2-read',
        call,
        send: (options) => client.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: arn }), options),
      });
      return readAttributes(answer.Attributes);
    },

    async modifyLoadBalancerAttributes(arn: string, attributes: Attributes, call: CallContext): Promise<void> {
      const input = { LoadBalancerArn: arn, Attributes: writeTags(attributes) };
      await connection.run({
        operation: 'ModifyLoadBalancerAttributes',
        apiGroup: 'elbv2-write',
        call,
        send: (options) => client.send(new ModifyLoadBalancerAttributesCommand(input), options),
      });
    },

    async setSecurityGroups(arn: string, securityGroupIDs: readonly string[], call: CallContext): Promise<void> {
      const input = { LoadBalancerArn: arn, SecurityGroups: [...securityGroupIDs] };
      await connection.run({
        operation: 'SetSecurityGroups',
        apiGroup: 'elbv2-write',
        call,
        send: (options) => client.send(new SetSecurityGroupsCommand(input), options),
      });
    },

    async setAddressType(arn: string, addressType: AddressType, call: CallContext): Promise<void> {
      const input = { LoadBalancerArn: arn, IpAddressType: addressType };
      await connection.run({
        operation: 'SetIpAddressType',
        apiGroup: 'elbv2-write',
        call,
        send: (options) => client.send(new SetIpAddressTypeCommand(input), options),
      });
    },

    async setSubnets(arn: string, change: SubnetChange, call: CallContext): Promise<void> {
      const input = { LoadBalancerArn: arn, SubnetMappings: writeSubnets(change.subnets), ...writeAddresses(change) };
      await connection.run({
        operation: 'SetSubnets',
        apiGroup: 'elbv2-write',
        call,
        send: (options) => client.send(new SetSubnetsCommand(input), options),
      });
    },
  };
}
