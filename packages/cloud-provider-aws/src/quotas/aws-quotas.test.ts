import { beforeEach, describe, expect, it } from '@jest/globals';
import type { LoadBalancerKind, Operation, PlannedWrites, Service } from '@ccm-ts/cloud-provider';
import { FakeClock } from '@ccm-ts/cloud-provider/testing';
import { ClassicLoadBalancers } from '../load-balancers/classic/classic-load-balancers.ts';
import { NetworkLoadBalancers } from '../load-balancers/network/network-load-balancers.ts';
import { AccountReads } from '../load-balancers/surroundings/account-reads.ts';
import type { ObservedTable } from '../routes/observe.ts';
import { planRoutes } from '../routes/plan.ts';
import { AwsAccount, testCall, testConfig } from '../testing/aws-account.ts';
import { ensure } from '../testing/reconcile.ts';
import { memberOf, tcpPort, testRequest, testService } from '../testing/services.ts';
import { Zones } from '../zones.ts';
import { awsQuotas } from './aws-quotas.ts';

const crossZone = { 'service.beta.kubernetes.io/aws-load-balancer-cross-zone-load-balancing-enabled': 'true' };
const classic = { 'service.beta.kubernetes.io/aws-load-balancer-type': '' };

describe('awsQuotas', () => {
  let account: AwsAccount;
  let clock: FakeClock;
  let ids: string[];
  let reads: AccountReads;

  beforeEach(() => {
    account = AwsAccount.withNetwork();
    clock = new FakeClock();
    ids = [1, 2, 3].map((number) => account.launch(number));
    reads = new AccountReads({ clients: account, clock });
  });

  function options() {
    return { clients: account, zones: new Zones({ ec2: account.ec2, clock }), config: testConfig(), clock };
  }

  async function planned<Facts, Desired, Observed, Op extends Operation>(
    kind: LoadBalancerKind<Facts, Desired, Observed, Op>,
    service: Service,
  ): Promise<PlannedWrites> {
    const request = testRequest(service, ids);
    const desire = kind.desire(request, await kind.facts(request, testCall()));
    if (desire.kind === 'refusal') throw new Error(desire.reason);
    const observed = await kind.observe(`service/${service.metadata.uid}`, [memberOf(service)], testCall());
    const wishes = new Map([[service.metadata.uid, { kind: 'present' as const, desired: desire.desired }]]);
    return { kind: kind.name, observed, operations: kind.plan(wishes, observed).operations };
  }

  async function told(...writes: readonly PlannedWrites[]): Promise<readonly string[]> {
    const uses = await awsQuotas(writes, reads, testCall());
    expect(uses.every(({ source }) => source === 'default')).toBe(true);
    return uses.map(({ limit, now, of, quota, then }) => `${quota}${of && ` (${of})`}: ${now} → ${then} of ${limit}`);
  }

  it('counts network load balancers, and the rules that they share in one group of the nodes', async () => {
    const kind = new NetworkLoadBalancers(options());
    const ports = { spec: { ports: [tcpPort(80, 30080), tcpPort(443, 30443)] } };
    const web = testService(ports);
    const mail = testService({ name: 'mail', uid: '22345678-1234-1234-1234-123456789abc', annotations: crossZone });
    const [first, second] = [await planned(kind, web), await planned(kind, mail)];
    expect(await told(first, second)).toEqual([
      'Network Load Balancers per Region: 0 → 2 of 50',
      'Target groups per Region: 0 → 3 of 3000',
      'Listeners per Network Load Balancer (a12345678123412341234123456789ab): 0 → 2 of 50',
      'Targets per Network Load Balancer (a12345678123412341234123456789ab): 0 → 6 of 3000',
      'Targets per target group (a12345678123412341234123456789ab): 0 → 3 of 1000',
      'Listeners per Network Load Balancer (a22345678123412341234123456789ab): 0 → 1 of 50',
      'Targets per Network Load Balancer across zones (a22345678123412341234123456789ab): 0 → 3 of 500',
      'Targets per target group (a22345678123412341234123456789ab): 0 → 3 of 1000',
      // The node port 30080 is the same rule for both.
      'Inbound IPv4 rules per security group (sg-nodes): 0 → 3 of 60',
    ]);

    await ensure(kind, testRequest(web, ids));
    const rules = account.ec2.securityGroups.get('sg-nodes')?.rules.length ?? 0;
    expect(rules).toBe(3);
    const three = testService({ spec: { ports: [...ports.spec.ports, tcpPort(8080, 30880)] } });
    expect(await told(await planned(kind, three))).toEqual([
      'Target groups per Region: 2 → 3 of 3000',
      'Listeners per Network Load Balancer (a12345678123412341234123456789ab): 2 → 3 of 50',
      'Targets per Network Load Balancer (a12345678123412341234123456789ab): 6 → 9 of 3000',
      'Inbound IPv4 rules per security group (sg-nodes): 3 → 4 of 60',
    ]);
    expect(await told(await planned(kind, web))).toEqual([]);
  });

  it('counts classic load balancers with their security groups', async () => {
    const kind = new ClassicLoadBalancers(options());
    const service = testService({ annotations: classic });
    expect(await told(await planned(kind, service))).toEqual([
      'Classic Load Balancers per Region: 0 → 1 of 20',
      'Security groups per Region: 1 → 2 of 2500',
      'Listeners per Classic Load Balancer (a12345678123412341234123456789ab): 0 → 1 of 100',
      'Registered instances per Classic Load Balancer (a12345678123412341234123456789ab): 0 → 3 of 1000',
      'Inbound IPv4 rules per security group (k8s-elb-a12345678123412341234123456789ab): 0 → 2 of 60',
      'Inbound IPv4 rules per security group (sg-nodes): 0 → 1 of 60',
      'Inbound IPv6 rules per security group (sg-nodes): 0 → 1 of 60',
    ]);
  });

  it('counts the routes of a table', async () => {
    const scope = { account: '', region: 'eu-test-1' };
    const gone = {
      cidr: '10.1.0.0/24',
      target: 'i-1',
      state: 'active',
      ownership: { kind: 'ours', proof: 'adopted' },
    } as const;
    const observed: ObservedTable = { tableID: 'rtb-1', scope, routes: new Map([[gone.cidr, gone]]) };
    const missing = ['10.1.1.0/24', '10.1.2.0/24'].map((cidr) => ({ cidr, target: 'i-2', node: 'n' }));
    const { operations } = planRoutes({ missing, unwanted: [gone], wrong: [] } as never, observed);
    expect(await told({ kind: 'routes', observed, operations })).toEqual([
      'Routes per route table (rtb-1): 1 → 2 of 500',
    ]);
  });
});
