import assert from 'node:assert/strict';
import { DeleteLoadBalancerCommand as DeleteClassicCommand } from '@aws-sdk/client-elastic-load-balancing';
import { DeleteLoadBalancerCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { assertGone, type Play, type Scenario } from './play.ts';

const nlb = { type: 'nlb' };
const always = 1000;

type Kind = 'classic' | 'network';
type Fault = Parameters<Play['fail']>[0];

const kinds: readonly Kind[] = ['network', 'classic'];
const services: Readonly<Record<Kind, string>> = { network: 'elbv2', classic: 'elb' };

/** Creates a Service whose calls fail in some way from the first. */
async function createFailing(play: Play, kind: Kind, fault: Fault): Promise<void> {
  await play.prepare({ annotations: annotationsOf(kind) });
  play.fail(fault);
  await play.edit({ spec: { type: 'LoadBalancer' } });
}

function annotationsOf(kind: Kind): Readonly<Record<string, string>> {
  return kind === 'network' ? nlb : {};
}

async function deleteInAccount({ ground: { cloud }, loadBalancerName }: Play, kind: Kind): Promise<void> {
  if (kind === 'classic') await cloud.elb.send(new DeleteClassicCommand({ LoadBalancerName: loadBalancerName }));
  else {
    const LoadBalancerArn = await cloud.networkArn(loadBalancerName);
    await cloud.elbv2.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
  }
}

/** What ends well when the calls are answered again. */
interface PassingFault {
  readonly title: string;
  readonly kind: Kind;
  readonly fault: Fault | ((play: Play) => Fault);
  /** What an Event says meanwhile. @default no Event is waited for */
  readonly tells?: string;
  /** The load balancer and its target groups in the end. */
  readonly expects?: (play: Play) => object;
  readonly targetGroups?: readonly object[];
  readonly check?: Parameters<Play['until']>[0];
}

const passing: readonly PassingFault[] = [
  {
    title: 'requests are throttled',
    kind: 'network',
    fault: { service: 'elbv2', action: 'CreateLoadBalancer', code: 'Throttling', status: 400, count: 2 },
    targetGroups: [{}],
  },
  {
    title: 'AWS fails inside',
    kind: 'classic',
    fault: { service: 'elb', action: 'ConfigureHealthCheck', code: 'InternalFailure', status: 500, count: 2 },
    expects: (play) => ({ healthCheck: { Target: `TCP:${play.nodePort(0)}` } }),
  },
  {
    title: 'too many rules in the group of the nodes',
    kind: 'network',
    fault: { service: 'ec2', action: 'AuthorizeSecurityGroupIngress', code: 'RulesPerSecurityGroupLimitExceeded' },
    tells: 'RulesPerSecurityGroupLimitExceeded',
    check: ({ rules }) => assert.ok(rules.length > 0),
  },
  {
    title: 'targets can not be registered at once',
    kind: 'network',
    fault: ({ name }) => {
      return { service: 'elbv2', action: 'RegisterTargets', code: 'TooManyTargets', holding: `k8s-default-${name}-` };
    },
    tells: 'TooManyTargets',
    check: ({ targetGroups }) => assert.ok((targetGroups[0]?.targets.length ?? 0) >= 6),
  },
  ...['CreateLoadBalancer', 'CreateTargetGroup', 'CreateListener'].map(
    (action): PassingFault => ({
      title: `the answer to ${action} is lost, for a network load balancer`,
      kind: 'network',
      fault: ({ loadBalancerName, name }) => {
        const holding = action === 'CreateTargetGroup' ? `k8s-default-${name}-` : loadBalancerName;
        return { service: 'elbv2', action, code: 'none', loses: 'answer', holding };
      },
      expects: () => ({ listeners: [{ port: 80 }] }),
      targetGroups: [{}],
    }),
  ),
  {
    title: 'the answer to CreateLoadBalancer is lost, for a classic one',
    kind: 'classic',
    fault: { service: 'elb', action: 'CreateLoadBalancer', code: 'none', loses: 'answer' },
  },
];

/** What fails on the way must neither stay behind nor keep anything from being done in the end. */
export const faults: readonly Scenario[] = [
  ...kinds.map((kind) => ({
    title: `leak: the quota of ${kind} load balancers is full, and the Service is deleted`,
    play: async (play: Play) => {
      const code = 'TooManyLoadBalancers';
      await createFailing(play, kind, { service: services[kind], action: 'CreateLoadBalancer', code, count: always });
      await play.untilTold('Warning', code);
      await play.delete();
    },
  })),
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
  ...kinds.map((kind) => ({
    title: `leak: the ${kind} load balancer is gone before its Service`,
    play: async (play: Play) => {
      await play.create({ annotations: annotationsOf(kind) });
      await play.untilThere(kind, {}, kind === 'network' ? [{}] : undefined);
      await deleteInAccount(play, kind);
      await play.delete();
    },
  })),
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
  ...passing.map(({ check, expects, fault, kind, targetGroups, tells, title }) => ({
    title: `fault: ${title}`,
    play: async (play: Play) => {
      await createFailing(play, kind, typeof fault === 'function' ? fault(play) : fault);
      if (tells !== undefined) await play.untilTold('Warning', tells);
      if (check !== undefined) await play.until(check);
      await play.untilThere(kind, expects?.(play) ?? {}, targetGroups);
      await play.delete();
    },
  })),
];
