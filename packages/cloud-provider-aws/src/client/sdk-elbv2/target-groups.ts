import {
  CreateTargetGroupCommand,
  DeleteTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { CallContext } from '@ccm-ts/cloud-provider';
import type {
  Attributes,
  CreateTargetGroup,
  HealthCheckChange,
  Target,
  TargetGroup,
  TargetGroupRequests,
} from '../elbv2-port.ts';
import { type Elbv2Connection, firstOf, followMarkers, orUndefined, pageSize } from './connection.ts';
import { readAttributes, readTargetGroup } from './answers.ts';
import { writeHealthCheck, writeProtocol, writeTags, writeTargets } from './inputs.ts';

/** Requests about their target groups, with what is registered there. */
export function targetGroupRequests(connection: Elbv2Connection): TargetGroupRequests {
  const { client } = connection;
  return {
    async describeTargetGroups(call: CallContext): Promise<readonly TargetGroup[]> {
      return followMarkers(async (marker) => {
        const answer = await connection.run({
          operation: 'DescribeTargetGroups',
          apiGroup: 'elbv2-read',
          call,
          send: (options) => client.send(new DescribeTargetGroupsCommand({ PageSize: pageSize, ...marker }), options),
        });
        return { items: (answer.TargetGroups ?? []).map(readTargetGroup), next: answer.NextMarker };
      });
    },

    async findTargetGroup(name: string, call: CallContext): Promise<TargetGroup | undefined> {
      const answer = await orUndefined(
        connection.run({
          operation: 'DescribeTargetGroups',
          apiGroup: 'elbv2-read',
          call,
          send: (options) => client.send(new DescribeTargetGroupsCommand({ Names: [name] }), options),
        }),
      );
      return answer?.TargetGroups?.map(readTargetGroup)[0];
    },

    async createTargetGroup(input: CreateTargetGroup, call: CallContext): Promise<TargetGroup> {
      const answer = await connection.run({
        operation: 'CreateTargetGroup',
        apiGroup: 'elbv2-write',
        call,
        send: (options) =>
          client.send(
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
      return readTargetGroup(firstOf(answer.TargetGroups, 'CreateTargetGroup'));
    },

    async deleteTargetGroup(arn: string, call: CallContext): Promise<void> {
      await connection.run({
        operation: 'DeleteTargetGroup',
        apiGroup: 'elbv2-write',
        call,
        send: (options) => client.send(new DeleteTargetGroupCommand({ TargetGroupArn: arn }), options),
      });
    },

    async modifyHealthCheck(targetGroupArn: string, change: HealthCheckChange, call: CallContext): Promise<void> {
      const input = { TargetGroupArn: targetGroupArn, ...writeHealthCheck(change) };
      await connection.run({
        operation: 'ModifyTargetGroup',
        apiGroup: 'elbv2-write',
        call,
        send: (options) => client.send(new ModifyTargetGroupCommand(input), options),
      });
    },

    async describeTargetGroupAttributes(arn: string, call: CallContext): Promise<Attributes> {
      const answer = await connection.run({
        operation: 'DescribeTargetGroupAttributes',
        apiGroup: 'elbv2-read',
        call,
        send: (options) => client.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: arn }), options),
      });
      return readAttributes(answer.Attributes);
    },

    async modifyTargetGroupAttributes(arn: string, attributes: Attributes, call: CallContext): Promise<void> {
      const input = { TargetGroupArn: arn, Attributes: writeTags(attributes) };
      await connection.run({
        operation: 'ModifyTargetGroupAttributes',
        apiGroup: 'elbv2-write',
        call,
        send: (options) => client.send(new ModifyTargetGroupAttributesCommand(input), options),
      });
    },

    async describeTargets(targetGroupArn: string, call: CallContext): Promise<readonly Target[]> {
      const answer = await connection.run({
        operation: 'DescribeTargetHealth',
        apiGroup: 'elbv2-read',
        call,
        send: (options) => client.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }), options),
      });
      return (answer.TargetHealthDescriptions ?? [])
        .filter((description) => description.TargetHealth?.Reason !== 'Target.DeregistrationInProgress')
        .map((description) => ({ id: description.Target?.Id ?? '', port: description.Target?.Port ?? 0 }));
    },

    async registerTargets(targetGroupArn: string, targets: readonly Target[], call: CallContext): Promise<void> {
      const input = { TargetGroupArn: targetGroupArn, Targets: writeTargets(targets) };
      await connection.run({
        operation: 'RegisterTargets',
        apiGroup: 'elbv2-targets',
        call,
        send: (options) => client.send(new RegisterTargetsCommand(input), options),
      });
    },

    async deregisterTargets(targetGroupArn: string, targets: readonly Target[], call: CallContext): Promise<void> {
      const input = { TargetGroupArn: targetGroupArn, Targets: writeTargets(targets) };
      await connection.run({
        operation: 'DeregisterTargets',
        apiGroup: 'elbv2-targets',
        call,
        send: (options) => client.send(new DeregisterTargetsCommand(input), options),
      });
    },
  };
}
