import assert from 'node:assert/strict';
import { DeleteLoadBalancerCommand as DeleteClassicCommand } from '@aws-sdk/client-elastic-load-balancing';
import { DeleteLoadBalancerCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { assertGone, type Play, type Scenario } from './play.ts';

const nlb = { type: 'nlb' };
const always = 1000;

/** Creates a Service whose calls fail in some way from the first. */
async function createFailing(
  play: Play,
  kind: 'classic' | 'network',
  fault: Parameters<Play['fail']>[0],
): Promise<void> {
  await play.prepare({ annotations: kind === 'network' ? nlb : {} });
  play.fail(fault);
  await play.edit({ spec: { type: 'LoadBalancer' } });
}

/** What fails on the way must neither stay behind nor keep anything from being done in the end. */
export const faults: readonly Scenario[] = [
  {
    title: 'leak: the quota of network load balancers is full, and the Service is deleted',
    play: async (play) => {
      await createFailing(play, 'network', {
        service: 'elbv2',
        action: 'CreateLoadBalancer',
        code: 'TooManyLoadBalancers',
        count: always,
      });
      await play.untilTold('Warning', 'TooManyLoadBalancers');
      await play.delete();
    },
  },
  {
    title: 'leak: the quota of classic load balancers is full, and the Service is deleted',
    play: async (play) => {
      await createFailing(play, 'classic', {
        service: 'elb',
        action: 'CreateLoadBalancer',
        code: 'TooManyLoadBalancers',
        count: always,
      });
      await play.untilTold('Warning', 'TooManyLoadBalancers');
      await play.delete();
    },
  },
  {
    title: 'leak: a target group can not be deleted at once',
    play: async (play) => {
      await play.create({ annotations: nlb });
      await play.untilThere('network', {}, [{}]);
      const holding = `k8s-default-${play.name}-`;
      play.fail({ service: 'elbv2', action: 'DeleteTargetGroup', code: 'ResourceInUse', count: 2, holding });
      await play.delete();
    },
  },
  {
    title: 'leak: the security group is in use for a while',
    play: async (play) => {
      await play.create({});
      await play.untilThere('classic', {});
      const holding = await play.ground.cloud.groupID(`k8s-elb-${play.loadBalancerName}`);
      play.fail({ service: 'ec2', action: 'DeleteSecurityGroup', code: 'DependencyViolation', holding });
      await play.ground.cluster.deleteService(play.name);
      await play.until(({ classic, groups, service }) => {
        assert.equal(classic, undefined);
        // While the group is there the Service is not released.
        assert.equal(service === undefined, groups.length === 0);
      });
      await play.until(assertGone);
    },
  },
  {
    title: 'leak: rules of nodes can not be revoked at once',
    play: async (play) => {
      await play.create({ annotations: nlb });
      await play.untilThere('network', {});
      await play.until(({ rules }) => assert.ok(rules.length > 0));
      play.fail({ service: 'ec2', action: 'RevokeSecurityGroupIngress', code: 'InternalError', status: 500, count: 1 });
      await play.delete();
    },
  },
  {
    title: 'leak: the network load balancer is gone before its Service',
    play: async (play) => {
      await play.create({ annotations: nlb });
      await play.untilThere('network', {}, [{}]);
      const { cloud } = play.ground;
      const LoadBalancerArn = await cloud.networkArn(play.loadBalancerName);
      await cloud.elbv2.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
      await play.delete();
    },
  },
  {
    title: 'leak: the classic load balancer is gone before its Service',
    play: async (play) => {
      await play.create({});
      await play.untilThere('classic', {});
      const command = new DeleteClassicCommand({ LoadBalancerName: play.loadBalancerName });
      await play.ground.cloud.elb.send(command);
      await play.delete();
    },
  },
  {
    title: 'leak: the type is taken away right before the deletion',
    play: async (play) => {
      await play.create({ annotations: nlb });
      await play.untilThere('network', {});
      await play.annotate({ type: undefined });
      await play.delete();
    },
  },
  {
    title: 'leak: deleted while it is made',
    play: async (play) => {
      await createFailing(play, 'network', {
        service: 'elbv2',
        action: 'CreateListener',
        code: 'Throttling',
        count: 1,
        holding: play.name,
      });
      await play.until(({ network }) => assert.ok(network));
      await play.delete();
    },
  },
  {
    title: 'fault: requests are throttled',
    play: async (play) => {
      await createFailing(play, 'network', {
        service: 'elbv2',
        action: 'CreateLoadBalancer',
        code: 'Throttling',
        status: 400,
        count: 2,
      });
      await play.untilThere('network', {}, [{}]);
      await play.delete();
    },
  },
  {
    title: 'fault: AWS fails inside',
    play: async (play) => {
      await createFailing(play, 'classic', {
        service: 'elb',
        action: 'ConfigureHealthCheck',
        code: 'InternalFailure',
        status: 500,
        count: 2,
      });
      await play.untilThere('classic', { healthCheck: { Target: `TCP:${play.nodePort(0)}` } });
      await play.delete();
    },
  },
  {
    title: 'fault: too many rules in the group of the nodes',
    play: async (play) => {
      await createFailing(play, 'network', {
        service: 'ec2',
        action: 'AuthorizeSecurityGroupIngress',
        code: 'RulesPerSecurityGroupLimitExceeded',
        count: 1,
      });
      await play.untilTold('Warning', 'RulesPerSecurityGroupLimitExceeded');
      await play.until(({ rules }) => assert.ok(rules.length > 0));
      await play.untilThere('network', {});
      await play.delete();
    },
  },
  {
    title: 'fault: targets can not be registered at once',
    play: async (play) => {
      await createFailing(play, 'network', {
        service: 'elbv2',
        action: 'RegisterTargets',
        code: 'TooManyTargets',
        holding: `k8s-default-${play.name}-`,
      });
      await play.untilTold('Warning', 'TooManyTargets');
      await play.until(({ targetGroups }) => assert.ok((targetGroups[0]?.targets.length ?? 0) >= 6));
      await play.delete();
    },
  },
];
