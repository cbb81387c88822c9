import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { CallSender } from '../call-sender.ts';
import type { Elbv2Port } from '../elbv2-port.ts';
import { Elbv2Connection } from './connection.ts';
import { listenerRequests } from './listeners.ts';
import { loadBalancerRequests } from './load-balancers.ts';
import { tagRequests } from './tags.ts';
import { targetGroupRequests } from './target-groups.ts';

/** Elastic Load Balancing v2 through the SDK. */
export function sdkElbv2(client: ElasticLoadBalancingV2Client, sender: CallSender): Elbv2Port {
  const connection = new Elbv2Connection(client, sender);
  return {
    ...loadBalancerRequests(connection),
    ...listenerRequests(connection),
    ...targetGroupRequests(connection),
    ...tagRequests(connection),
  };
}
