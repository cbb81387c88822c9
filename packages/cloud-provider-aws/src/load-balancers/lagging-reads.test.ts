import { beforeEach, describe, expect, it } from '@jest/globals';
import { CloudError, Duration, type LoadBalancerKind, type Operation } from '@ccm-ts/cloud-provider';
import { FakeClock } from '@ccm-ts/cloud-provider/testing';
import { AwsAccount, testCall, testConfig } from '../testing/aws-account.ts';
import { ensure, remove } from '../testing/reconcile.ts';
import { memberOf, testRequest, testService } from '../testing/services.ts';
import { type Past, readFromPast, rememberPast } from '../testing/stale-reads.ts';
import { Zones } from '../zones.ts';
import { ClassicLoadBalancers } from './classic/classic-load-balancers.ts';
import { NetworkLoadBalancers } from './network/network-load-balancers.ts';

const typeAnnotation = 'service.beta.kubernetes.io/aws-load-balancer-type';

let account: AwsAccount;
let clock: FakeClock;
let ids: string[];
let empty: Past;

beforeEach(() => {
  account = AwsAccount.withNetwork();
  clock = new FakeClock();
  ids = [1, 2].map((number) => account.launch(number));
  empty = rememberPast(account);
});

function options(...lines: readonly string[]) {
  const zones = new Zones({ ec2: account.ec2, clock });
  return { clients: account, zones, config: testConfig(...lines), clock };
}

const networkService = testService();
const classicService = testService({ annotations: { [typeAnnotation]: '' } });

describe.each([
  ['network', networkService, () => lives(new NetworkLoadBalancers(options()), networkService)],
  [
    'network with its own group',
    networkService,
    () => lives(new NetworkLoadBalancers(options('NLBSecurityGroupMode = Managed')), networkService),
  ],
  ['classic', classicService, () => lives(new ClassicLoadBalancers(options()), classicService)],
])('reads that lag behind, %s', (_name, _service, open) => {
  it('let no load balancer be forgotten that was made a moment ago', async () => {
    const life = open();
    await life.want();
    const catchUp = readFromPast(account, empty);
    expect(await life.drop()).toBe('settling');
    expect(await life.traces()).toBe('unknown');
    catchUp();
    expect(await life.drop()).toBe('converged');
    expect(rememberPast(account)).toEqual(empty);
    expect(await life.traces()).toBe('none');
  });

  it('are doubted though it was seen once', async () => {
    const life = open();
    await life.want();
    expect(await life.traces()).toBe('present');
    readFromPast(account, empty);
    expect(await life.drop()).toBe('settling');
    await clock.advance(Duration.seconds(31));
    expect(await life.drop()).toBe('converged');
  });

  it('let no old load balancer stand for the one that is wanted again', async () => {
    const life = open();
    await life.want();
    const before = rememberPast(account);
    expect(await life.drop()).toBe('converged');
    const catchUp = readFromPast(account, before);
    expect(await life.want()).toBe('settling');
    catchUp();
    expect(await life.want()).toBe('converged');
    expect(account.elb.loadBalancers.size + account.elbv2.loadBalancers.size).toBe(1);
  });

  it('end the doubt when it would last too long', async () => {
    const life = open();
    await life.want();
    const before = rememberPast(account);
    await life.drop();
    readFromPast(account, before);
    expect(await life.want()).toBe('settling');
    await clock.advance(Duration.seconds(31));
    expect(await life.want()).toBe('converged');
  });

  it('leave no rule behind when only the security groups lag', async () => {
    const life = open();
    await life.want();
    const past = rememberPast(account).map((store, index, all) =>
      index === all.length - 1 ? (empty[index] ?? []) : store,
    );
    const catchUp = readFromPast(account, past);
    expect(await life.drop()).toBe('settling');
    catchUp();
    expect(await life.drop()).toBe('converged');
    expect(rememberPast(account)).toEqual(empty);
  });

  it('open the nodes again though the rules that were removed are still shown', async () => {
    const life = open();
    await life.want();
    const full = rememberPast(account);
    await life.drop();
    const past = rememberPast(account).map((store, index, all) =>
      index === all.length - 1 ? (full[index] ?? []) : store,
    );
    const catchUp = readFromPast(account, past);
    expect(await life.want()).toBe('settling');
    catchUp();
    expect(await life.want()).toBe('converged');
    expect(account.ec2.securityGroups.get('sg-nodes')?.rules).not.toEqual([]);
  });
});

it('a create whose answer was lost is doubted, and one that was refused is not', async () => {
  const life = lives(new NetworkLoadBalancers(options()), networkService);
  account.recorder.failNext('CreateLoadBalancer', { kind: 'error', error: new CloudError('Quota', 'too many') });
  await expect(life.want()).rejects.toMatchObject({ code: 'Quota' });
  expect(await life.drop()).toBe('converged');
  account.recorder.failNext('CreateLoadBalancer', { kind: 'lost-reply' });
  await expect(life.want()).rejects.toMatchObject({ code: 'Unavailable' });
  readFromPast(account, empty);
  expect(await life.drop()).toBe('settling');
});

it('a security group that is still used is asked for again without waiting for doubts to end', async () => {
  const life = lives(new ClassicLoadBalancers(options()), classicService);
  await life.want();
  const error = new CloudError('Conflict', 'in use', { cloudCode: 'DependencyViolation' });
  account.recorder.failNext('DeleteSecurityGroup', { kind: 'error', error });
  expect(await life.drop()).toBe('settling');
  expect(await life.want()).toBe('converged');
});

/** One Service as the framework reconciles it. */
function lives<Facts, Desired, Observed, Op extends Operation>(
  kind: LoadBalancerKind<Facts, Desired, Observed, Op>,
  service: typeof networkService,
) {
  return {
    async want() {
      const outcome = await ensure(kind, testRequest(service, ids));
      return 'next' in outcome ? outcome.next.kind : outcome.kind;
    },
    drop: async () => (await remove(kind, service)).next.kind,
    traces: () => kind.traces(memberOf(service), testCall()),
  };
}
