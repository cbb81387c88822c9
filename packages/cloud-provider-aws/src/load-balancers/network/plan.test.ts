import { beforeEach, describe, expect, it } from '@jest/globals';
import { describeOperation } from '@ccm-ts/cloud-provider';
import { FakeClock } from '@ccm-ts/cloud-provider/testing';
import fc from 'fast-check';
import type { HealthCheck } from '../../client/elbv2-port.ts';
import { AwsAccount, testCall, testConfig } from '../../testing/aws-account.ts';
import { ensure } from '../../testing/reconcile.ts';
import { tcpPort, testRequest, testService } from '../../testing/services.ts';
import type { CloudConfig } from '../../config/cloud-config.ts';
import { Zones } from '../../zones.ts';
import { NetworkLoadBalancers } from './network-load-balancers.ts';

let account: AwsAccount;
let kind: NetworkLoadBalancers;
let ids: string[];

beforeEach(async () => {
  account = AwsAccount.withNetwork();
  kind = newKind(account, testConfig());
  ids = [1, 2].map((number) => account.launch(number));
});

function newKind(clients: AwsAccount, config: CloudConfig): NetworkLoadBalancers {
  const clock = new FakeClock();
  return new NetworkLoadBalancers({ clients, zones: new Zones({ ec2: clients.ec2, clock }), config, clock });
}

const service = testService({ spec: { ports: [tcpPort(80, 30080), tcpPort(443, 30443)] } });

async function converge(): Promise<readonly string[]> {
  const outcome = await ensure(kind, testRequest(service, ids));
  if (!('applied' in outcome)) throw new Error(outcome.fix);
  expect(outcome).toMatchObject({ refusals: [], left: [], next: { kind: 'converged' } });
  return outcome.applied;
}

function groupOf(port: number): string {
  return [...account.elbv2.targetGroups.values()].find((group) => group.port === port)!.arn;
}

function listenerOf(port: number): string {
  return [...account.elbv2.listeners.values()].find((listener) => listener.port === port)!.arn;
}

async function alterHealthCheck(change: Partial<HealthCheck>): Promise<void> {
  await account.elbv2.modifyHealthCheck(groupOf(30080), change, testCall());
}

interface Drift {
  readonly name: string;
  readonly alter: () => Promise<void> | void;
  /** What the plan that repairs it says. */
  readonly repairs: RegExp[];
}

const drifts: Drift[] = [
  {
    name: 'a health check protocol',
    alter: () => alterHealthCheck({ protocol: 'HTTP', path: '/x' }),
    repairs: [/^update TargetGroup .* \(healthCheck.protocol: HTTP → TCP, healthCheck.path: \/x → \)$/],
  },
  {
    name: 'a health check port',
    alter: () => alterHealthCheck({ port: '99' }),
    repairs: [/healthCheck.port: 99 → traffic-port\)$/],
  },
  {
    name: 'an interval',
    alter: () => alterHealthCheck({ intervalSeconds: 10 }),
    repairs: [/healthCheck.intervalSeconds: 10 → 30\)$/],
  },
  {
    name: 'a healthy threshold',
    alter: () => alterHealthCheck({ healthyThreshold: 9 }),
    repairs: [/\(healthCheck.healthyThreshold: 9 → 3\)$/],
  },
  {
    name: 'an unhealthy threshold',
    alter: () => alterHealthCheck({ unhealthyThreshold: 9 }),
    repairs: [/\(healthCheck.unhealthyThreshold: 9 → 3\)$/],
  },
  {
    name: 'a target that is missing',
    alter: () => account.elbv2.deregisterTargets(groupOf(30080), [{ id: ids[0]!, port: 30080 }], testCall()),
    repairs: [/^update TargetGroup .* \(targets: {2}→ i-0*1\)$/],
  },
  {
    name: 'a target too many',
    alter: () => account.elbv2.registerTargets(groupOf(30080), [{ id: account.launch(9), port: 30080 }], testCall()),
    repairs: [/^update TargetGroup .* \(targets: i-0*9 → \)$/],
  },
  {
    name: 'a target at another port',
    alter: () => account.elbv2.registerTargets(groupOf(30080), [{ id: ids[0]!, port: 1 }], testCall()),
    repairs: [/^update TargetGroup .* \(targets: i-0*1 → \)$/],
  },
  {
    name: 'a listener that is missing',
    alter: () => account.elbv2.deleteListener(listenerOf(443), testCall()),
    repairs: [/^create Listener a.*:443 /],
  },
  {
    name: 'a listener too many',
    alter: async () => {
      const [loadBalancerArn = ''] = account.elbv2.loadBalancers.keys();
      const targetGroupArn = groupOf(30080);
      await account.elbv2.createListener(
        { loadBalancerArn, port: 99, protocol: 'TCP', targetGroupArn, tls: undefined, tags: {} },
        testCall(),
      );
    },
    repairs: [/^delete Listener a.*:99$/],
  },
  {
    name: 'a listener that points elsewhere',
    alter: () => account.elbv2.modifyListener(listenerOf(443), { targetGroupArn: groupOf(30080) }, testCall()),
    repairs: [/^update Listener a.*:443 \(targetGroup: k8s-.* → k8s-.*\)$/],
  },
  {
    name: 'a listener of another protocol',
    alter: () =>
      void account.elbv2.listeners.set(listenerOf(443), {
        ...account.elbv2.listeners.get(listenerOf(443))!,
        protocol: 'UDP',
      }),
    repairs: [/^delete Listener a.*:443$/, /^create Listener a.*:443 /],
  },
  {
    name: 'a rule that is missing',
    alter: async () => {
      const rule = account.ec2.securityGroups.get('sg-nodes')!.rules.find(({ fromPort }) => fromPort === 30443)!;
      await account.ec2.revokeIngress('sg-nodes', [rule], testCall());
    },
    repairs: [/^create SecurityGroupRules sg-nodes\/a.* \(ingress: {2}→ tcp 30443-30443 0.0.0.0\/0\)$/],
  },
  {
    name: 'the rule for path MTU discovery missing',
    alter: async () => {
      const rule = account.ec2.securityGroups.get('sg-nodes')!.rules.find(({ protocol }) => protocol === 'icmp')!;
      await account.ec2.revokeIngress('sg-nodes', [rule], testCall());
    },
    repairs: [/^create SecurityGroupRules .* \(ingress: {2}→ icmp 3-4 0.0.0.0\/0\)$/],
  },
  {
    name: 'a rule of its own too many',
    alter: async () => {
      const description = account.ec2.securityGroups
        .get('sg-nodes')!
        .rules.find(({ fromPort }) => fromPort === 30443)!.description;
      const rule = { protocol: 'tcp', fromPort: 5, toPort: 5, cidr: '10.0.0.0/8', description };
      await account.ec2.authorizeIngress('sg-nodes', [rule], testCall());
    },
    repairs: [/^delete SecurityGroupRules .* \(ingress: tcp 5-5 10.0.0.0\/8 → \)$/],
  },
];

describe('a plan', () => {
  it.each(drifts)('repairs $name, and nothing else', async ({ alter, repairs }) => {
    await converge();
    await alter();
    const applied = await converge();
    expect(applied).toEqual(repairs.map((repair) => expect.stringMatching(repair)));
    expect(await converge()).toEqual([]);
  });

  it('goes from any set of ports and nodes to any other, and is empty then', async () => {
    const state = fc.record({
      ports: fc.uniqueArray(
        fc.record({ port: fc.integer({ min: 1, max: 6 }), nodePort: fc.integer({ min: 1, max: 6 }) }),
        {
          minLength: 1,
          selector: ({ port }) => port,
        },
      ),
      nodes: fc.uniqueArray(fc.integer({ min: 1, max: 8 })),
      isLocal: fc.boolean(),
      sources: fc.subarray(['10.0.0.0/24', '192.0.2.0/24']),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(state, { minLength: 1, maxLength: 4 }), async (states) => {
        const fresh = AwsAccount.withNetwork();
        for (let number = 1; number <= 8; number++) fresh.launch(number);
        const machines = [...fresh.ec2.instances.keys()];
        const config = testConfig('VPC = vpc-1');
        const subject = newKind(fresh, config);
        for (const { ports, nodes, isLocal, sources } of states) {
          const wanted = testService({
            spec: {
              // Node ports are the cluster's to give: each port has its own.
              ports: ports.map(({ port, nodePort }) => tcpPort(port, 30000 + 10 * port + nodePort)),
              loadBalancerSourceRanges: sources,
              ...(isLocal ? { externalTrafficPolicy: 'Local', healthCheckNodePort: 32000 } : {}),
            },
          });
          const backends = nodes.map((number) => machines[number - 1]!);
          const outcome = await ensure(subject, testRequest(wanted, backends));
          expect(outcome).toMatchObject({ left: [], refusals: [] });
          expect(await ensure(subject, testRequest(wanted, backends))).toMatchObject({ applied: [] });
          expect([...fresh.elbv2.listeners.values()].map(({ port }) => port).sort()).toEqual(
            ports.map(({ port }) => port).sort(),
          );
          for (const group of fresh.elbv2.targetGroups.values()) {
            expect(group.targets.map(({ id }) => id).sort()).toEqual([...backends].sort());
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is data that survives being written down', async () => {
    const call = testCall();
    const request = testRequest(service, ids);
    const desire = kind.desire(request, await kind.facts(request, call));
    if (desire.kind !== 'desired') throw new Error(desire.fix);
    const member = { uid: service.metadata.uid, service, cluster: request.cluster };
    const observed = await kind.observe('', [member], call);
    const plan = kind.plan(new Map([[member.uid, { kind: 'present', desired: desire.desired }]]), observed);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    expect(plan.operations.map(describeOperation)).toMatchInlineSnapshot(`
[
  "create LoadBalancer a12345678123412341234123456789ab (scheme:  → internet-facing, subnets:  → subnet-public-a, subnet-public-b, subnet-public-c)",
  "create SecurityGroupRules sg-nodes/a12345678123412341234123456789ab (ingress:  → tcp 30080-30080 0.0.0.0/0, ingress:  → tcp 30443-30443 0.0.0.0/0, ingress:  → icmp 3-4 0.0.0.0/0)",
  "create TargetGroup k8s-default-web-c527315ba2 (port:  → 30080, healthCheck:  → TCP:traffic-port)",
  "update TargetGroup k8s-default-web-c527315ba2 (targets:  → i-00000000000000001, i-00000000000000002)",
  "create Listener a12345678123412341234123456789ab:80 (targetGroup:  → k8s-default-web-c527315ba2)",
  "create TargetGroup k8s-default-web-b5fed2a81a (port:  → 30443, healthCheck:  → TCP:traffic-port)",
  "update TargetGroup k8s-default-web-b5fed2a81a (targets:  → i-00000000000000001, i-00000000000000002)",
  "create Listener a12345678123412341234123456789ab:443 (targetGroup:  → k8s-default-web-b5fed2a81a)",
]
`);
    expect(new Set(plan.operations.map(({ permission }) => permission))).toEqual(
      new Set([
        'ec2:AuthorizeSecurityGroupIngress',
        'elasticloadbalancing:CreateListener',
        'elasticloadbalancing:CreateLoadBalancer',
        'elasticloadbalancing:CreateTargetGroup',
        'elasticloadbalancing:RegisterTargets',
      ]),
    );
  });
});
