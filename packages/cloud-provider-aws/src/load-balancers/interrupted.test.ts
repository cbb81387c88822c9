import { describe, expect, it } from '@jest/globals';
import { CloudError, Duration, type LoadBalancerKind, type Service } from '@ccm-ts/cloud-provider';
import { FakeClock } from '@ccm-ts/cloud-provider/testing';
import { AwsAccount, testConfig } from '../testing/aws-account.ts';
import { type ReconcileOutcome, ensure, ensureUntouched, remove } from '../testing/reconcile.ts';
import { tcpPort, testRequest, testService } from '../testing/services.ts';
import { rememberPast } from '../testing/stale-reads.ts';
import { Zones } from '../zones.ts';
import { ClassicLoadBalancers } from './classic/classic-load-balancers.ts';
import { NetworkLoadBalancers } from './network/network-load-balancers.ts';

/** What becomes of one request of a pass. */
const faults = ['never sent', 'throttled', 'denied', 'answer lost'] as const;
type Fault = (typeof faults)[number];

/** Who goes on after it: the process that met it, or one that knows nothing. */
const survivors = ['the same process', 'another process'] as const;

interface Case {
  readonly name: string;
  readonly service: Service;
  readonly open: (account: AwsAccount, clock: FakeClock) => LoadBalancerKind;
}

const ports = { ports: [tcpPort(80, 30080), tcpPort(443, 30443)] };
const classic = testService({ annotations: { 'service.beta.kubernetes.io/aws-load-balancer-type': '' }, spec: ports });
const network = testService({
  spec: ports,
  annotations: {
    'service.beta.kubernetes.io/aws-load-balancer-cross-zone-load-balancing-enabled': 'true',
    'service.beta.kubernetes.io/aws-load-balancer-target-group-attributes': 'preserve_client_ip.enabled=false',
  },
});

const cases: readonly Case[] = [
  { name: 'classic', service: classic, open: (account, clock) => new ClassicLoadBalancers(optionsOn(account, clock)) },
  { name: 'network', service: network, open: (account, clock) => new NetworkLoadBalancers(optionsOn(account, clock)) },
  {
    name: 'network with a group of its own',
    service: network,
    open: (account, clock) => new NetworkLoadBalancers(optionsOn(account, clock, 'NLBSecurityGroupMode = Managed')),
  },
];

function optionsOn(account: AwsAccount, clock: FakeClock, ...lines: readonly string[]) {
  return { clients: account, zones: new Zones({ ec2: account.ec2, clock }), config: testConfig(...lines), clock };
}

const interruptions = faults.flatMap((fault) => survivors.map((survivor) => [fault, survivor] as const));

describe.each(cases)('$name, interrupted at each request', ({ service, open }) => {
  it.each(interruptions)('made without a look, %s: %s makes the same of it', async (fault, survivor) => {
    const whole = await make();
    expect(whole.requests).toBeGreaterThan(4);
    for (let at = 0; at < whole.requests; at++) {
      const broken = await make({ at, fault });
      expect(broken.isInterrupted).toBe(true);
      const kind = survivor === 'the same process' ? broken.kind : open(broken.account, broken.clock);
      await settle(broken.clock, () => ensure(kind, broken.request));
      expect(contents(broken.account)).toEqual(contents(whole.account));
      await settle(broken.clock, () => remove(kind, service));
      expect(contents(broken.account)).toEqual(whole.before);
    }
  });

  it.each(interruptions)('removed, %s: %s leaves nothing', async (fault, survivor) => {
    const { requests } = await drop();
    expect(requests).toBeGreaterThan(4);
    for (let at = 0; at < requests; at++) {
      const broken = await drop({ at, fault });
      const kind = survivor === 'the same process' ? broken.kind : open(broken.account, broken.clock);
      await settle(broken.clock, () => remove(kind, service));
      expect(contents(broken.account)).toEqual(broken.before);
    }
  });

  async function make(interruption?: Interruption) {
    const account = AwsAccount.withNetwork();
    const clock = new FakeClock();
    const before = contents(account);
    const request = testRequest(
      service,
      [1, 2].map((number) => account.launch(number)),
    );
    const kind = open(account, clock);
    const passed = await interrupted(account, interruption, () => ensureUntouched(kind, request));
    return { account, clock, before, request, kind, ...passed };
  }

  async function drop(interruption?: Interruption) {
    const made = await make();
    return { ...made, ...(await interrupted(made.account, interruption, () => remove(made.kind, service))) };
  }
});

interface Interruption {
  readonly at: number;
  readonly fault: Fault;
}

/** A pass one of whose requests may go wrong. */
async function interrupted(
  account: AwsAccount,
  interruption: Interruption | undefined,
  pass: () => Promise<unknown>,
): Promise<{ readonly requests: number; readonly isInterrupted: boolean }> {
  const counter = interrupt(account, interruption);
  try {
    await pass();
    return { requests: counter.count(), isInterrupted: false };
  } catch (error) {
    expect(error).toBeInstanceOf(CloudError);
    return { requests: counter.count(), isInterrupted: true };
  } finally {
    counter.stop();
  }
}

/** Counts the requests, and lets one of them go wrong. */
function interrupt(account: AwsAccount, interruption: Interruption | undefined) {
  const { recorder } = account;
  const run = recorder.run.bind(recorder);
  let count = 0;
  recorder.run = async (operation, call, does) => {
    const fault = count++ === interruption?.at ? interruption.fault : undefined;
    if (fault === 'never sent') throw new CloudError('Unavailable', `${operation}: no connection`, { operation });
    if (fault === 'throttled') throw new CloudError('Throttled', `${operation}: slow down`, { operation });
    if (fault === 'denied') throw new CloudError('Denied', `${operation}: not yet`, { operation });
    const answer = await run(operation, call, does);
    if (fault === 'answer lost') throw new CloudError('Unavailable', `${operation}: connection closed`, { operation });
    return answer;
  };
  const stop = (): void => {
    recorder.run = run;
  };
  return { count: () => count, stop };
}

/** Passes until nothing is left to be done, with the time between them that doubts take at most. */
async function settle(clock: FakeClock, pass: () => Promise<ReconcileOutcome | { readonly kind: 'refusal' }>) {
  for (let passes = 0; passes < 4; passes++) {
    const outcome = await pass();
    if ('next' in outcome && outcome.next.kind === 'converged' && outcome.left.length === 0) return;
    await clock.advance(Duration.seconds(31));
  }
  throw new Error('it does not converge');
}

/** What is in the account, apart from the numbers by which AWS tells objects apart. */
function contents(account: AwsAccount): string {
  return JSON.stringify(rememberPast(account))
    .replaceAll(/(?<=arn:aws:[^"]*)\/\d+(?=")/g, '')
    .replaceAll(/(?<=[a-f0-9])-\d+(?=\.elb\.)|sg-0*\d+/g, '#');
}
