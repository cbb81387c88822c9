import { AuthorizeSecurityGroupIngressCommand, RevokeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2';
import {
  ConfigureHealthCheckCommand,
  DeleteLoadBalancerListenersCommand,
  DeregisterInstancesFromLoadBalancerCommand,
  ModifyLoadBalancerAttributesCommand as ModifyClassicAttributesCommand,
  RemoveTagsCommand as RemoveClassicTagsCommand,
} from '@aws-sdk/client-elastic-load-balancing';
import {
  AddTagsCommand,
  DeleteListenerCommand,
  DeregisterTargetsCommand,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type GoldenCloud, given } from './golden-cloud.ts';
import type { LoadableState } from './load-golden-state.ts';

/** Something that somebody alters in the account, and that is to be as before afterwards. */
export interface Drift {
  readonly what: string;
  readonly alter: (cloud: GoldenCloud, names: ReadonlyMap<string, string>) => Promise<void>;
}

/** One alteration for each thing that is looked after and that the state has. */
export function drifts(state: LoadableState): readonly Drift[] {
  return [
    ...Object.keys(state.classic ?? {}).flatMap((placeholder) => classicDrifts(placeholder, state)),
    ...Object.keys(state.network ?? {}).flatMap((placeholder) => networkDrifts(placeholder, state)),
    ...groupDrifts(state),
  ];
}

function classicDrifts(placeholder: string, state: LoadableState): readonly Drift[] {
  const one = given(state.classic?.[placeholder]);
  const nameOf = (names: ReadonlyMap<string, string>): string => given(names.get(placeholder.slice(1, -1)));
  const port = one.listeners[0]?.LoadBalancerPort ?? 0;
  return [
    {
      what: 'classic listener deleted',
      alter: async ({ elb }, names) => {
        const input = { LoadBalancerName: nameOf(names), LoadBalancerPorts: [port] };
        await elb.send(new DeleteLoadBalancerListenersCommand(input));
      },
    },
    {
      what: 'classic instance deregistered',
      alter: async (cloud, names) => {
        const Instances = [{ InstanceId: cloud.id('i:n1') }];
        await cloud.elb.send(
          new DeregisterInstancesFromLoadBalancerCommand({ LoadBalancerName: nameOf(names), Instances }),
        );
      },
    },
    {
      what: 'classic health check altered',
      alter: async ({ elb }, names) => {
        const HealthCheck = { ...one.healthCheck, Interval: 77 };
        await elb.send(new ConfigureHealthCheckCommand({ LoadBalancerName: nameOf(names), HealthCheck }));
      },
    },
    {
      what: 'classic attribute altered',
      alter: async ({ elb }, names) => {
        const isCrossZone = one.attributes.CrossZoneLoadBalancing?.Enabled === true;
        const LoadBalancerAttributes = { CrossZoneLoadBalancing: { Enabled: !isCrossZone } };
        await elb.send(new ModifyClassicAttributesCommand({ LoadBalancerName: nameOf(names), LoadBalancerAttributes }));
      },
    },
    {
      what: 'classic tag removed',
      alter: async ({ elb }, names) => {
        const input = { LoadBalancerNames: [nameOf(names)], Tags: [{ Key: 'kubernetes.io/service-name' }] };
        await elb.send(new RemoveClassicTagsCommand(input));
      },
    },
  ];
}

function networkDrifts(placeholder: string, state: LoadableState): readonly Drift[] {
  const one = given(state.network?.[placeholder]);
  const arnOf = (cloud: GoldenCloud, names: ReadonlyMap<string, string>): Promise<string> =>
    cloud.networkArn(given(names.get(placeholder.slice(1, -1))));
  const [group] = Object.values(state.targetGroups ?? {});
  const port = group?.port ?? 0;
  return [
    {
      what: 'listener deleted',
      alter: async (cloud) => {
        const ListenerArn = await cloud.listenerArn(given(one.listeners[0]).port);
        await cloud.elbv2.send(new DeleteListenerCommand({ ListenerArn }));
      },
    },
    {
      what: 'target deregistered',
      alter: async (cloud) => {
        const TargetGroupArn = await cloud.targetGroupArn(port);
        const Targets = [{ Id: cloud.id('i:n2'), Port: port }];
        await cloud.elbv2.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets }));
      },
    },
    {
      what: 'health check altered',
      alter: async (cloud) => {
        const TargetGroupArn = await cloud.targetGroupArn(port);
        await cloud.elbv2.send(new ModifyTargetGroupCommand({ TargetGroupArn, HealthyThresholdCount: 9 }));
      },
    },
    {
      what: 'attribute altered',
      alter: async (cloud, names) => {
        const Key = 'load_balancing.cross_zone.enabled';
        const Attributes = [{ Key, Value: one.attributes[Key] === 'true' ? 'false' : 'true' }];
        const LoadBalancerArn = await arnOf(cloud, names);
        await cloud.elbv2.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes }));
      },
    },
    {
      what: 'tag altered',
      alter: async (cloud, names) => {
        const Tags = [{ Key: 'kubernetes.io/service-name', Value: 'default/other' }];
        await cloud.elbv2.send(new AddTagsCommand({ ResourceArns: [await arnOf(cloud, names)], Tags }));
      },
    },
  ];
}

/** A rule that lets traffic in is lost; in a group of the load balancer's own one comes that nobody asked for. */
function groupDrifts(state: LoadableState): readonly Drift[] {
  const own = Object.keys(state.securityGroups ?? {}).filter(
    (name) => name.startsWith('k8s-') || name.startsWith('<nlb'),
  );
  const nodes = state.securityGroups?.nodes;
  const rules = typeof nodes === 'object' ? nodes.ingress : [];
  const client = rules.map((line) => /^(tcp|udp) (\d+)-(\d+) from (\S+) \(.*client=/.exec(line)).find(Boolean);
  return [
    ...(client
      ? [
          {
            what: 'rule of the nodes revoked',
            alter: async (cloud: GoldenCloud) => {
              const [, IpProtocol, from, to, CidrIp] = client;
              const permission = { IpProtocol, FromPort: Number(from), ToPort: Number(to), IpRanges: [{ CidrIp }] };
              await cloud.ec2.send(
                new RevokeSecurityGroupIngressCommand({ GroupId: cloud.id('sg:nodes'), IpPermissions: [permission] }),
              );
            },
          },
        ]
      : []),
    ...own.map((name) => ({
      what: `rule added to ${name}`,
      alter: async (cloud: GoldenCloud, names: ReadonlyMap<string, string>) => {
        const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 9, ToPort: 9, IpRanges: [{ CidrIp: '192.0.2.0/24' }] }];
        const GroupId = given(names.get(`sg:${name}`));
        await cloud.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
      },
    })),
  ];
}
