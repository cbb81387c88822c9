import {
  CreateListenerCommand,
  DeleteListenerCommand,
  DescribeListenersCommand,
  ModifyListenerCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { CallContext } from '@ccm-ts/cloud-provider';
import type { CreateListener, Listener, ListenerChange, ListenerRequests } from '../elbv2-port.ts';
import { type Elbv2Connection, firstOf, followMarkers, pageSize } from './connection.ts';
import { readListener } from './answers.ts';
import { writeProtocol, writeTags, writeTls } from './inputs.ts';

/** Requests about their listeners. */
export function listenerRequests(connection: Elbv2Connection): ListenerRequests {
  const { client } = connection;
  return {
    async describeListeners(loadBalancerArn: string, call: CallContext): Promise<readonly Listener[]> {
      return followMarkers(async (marker) => {
        const answer = await connection.run({
          operation: 'DescribeListeners',
          apiGroup: 'elbv2-read',
          call,
          send: (options) =>
            client.send(
              new DescribeListenersCommand({ LoadBalancerArn: loadBalancerArn, PageSize: pageSize, ...marker }),
              options,
            ),
        });
        return { items: (answer.Listeners ?? []).map(readListener), next: answer.NextMarker };
      });
    },

    async createListener(input: CreateListener, call: CallContext): Promise<Listener> {
      const answer = await connection.run({
        operation: 'CreateListener',
        apiGroup: 'elbv2-write',
        call,
        send: (options) =>
          client.send(
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
      return readListener(firstOf(answer.Listeners, 'CreateListener'));
    },

    async modifyListener(listenerArn: string, change: ListenerChange, call: CallContext): Promise<void> {
      const input = {
        ListenerArn: listenerArn,
        ...(change.targetGroupArn === undefined
          ? {}
          : { DefaultActions: [{ Type: 'forward' as const, TargetGroupArn: change.targetGroupArn }] }),
        ...writeTls(change.tls),
      };
      await connection.run({
        operation: 'ModifyListener',
        apiGroup: 'elbv2-write',
        call,
        send: (options) => client.send(new ModifyListenerCommand(input), options),
      });
    },

    async deleteListener(arn: string, call: CallContext): Promise<void> {
      await connection.run({
        operation: 'DeleteListener',
        apiGroup: 'elbv2-write',
        call,
        send: (options) => client.send(new DeleteListenerCommand({ ListenerArn: arn }), options),
      });
    },
  };
}
