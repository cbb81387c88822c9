import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Duration } from '@ccm-ts/cloud-provider';
import { after, describe, it } from '../harness/node-test.ts';
import { Churn } from './churn.ts';
import { type ContestantRequest, Ground } from './ground.ts';
import { election, isWork, Replica } from './replicas.ts';
import { readApiServer, readProgram } from './variables.ts';

/** What happened to a leader. */
interface Loss {
  readonly how: string;
  readonly leader: Replica;
  /** When it began, in milliseconds of `performance.now()`. */
  readonly at: number;
}

/** On its way from one process to the other a request takes that long at most, and until this one gets round to it. */
const transitMilliseconds = 500;
/** For so long after the renew deadline nobody else may have begun. */
const mostTransitMilliseconds = (election.leaseSeconds - election.renewDeadlineSeconds) * 1000;
const patienceSeconds = 120;
const leaseUrl = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/cloud-controller-manager';

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + patienceSeconds * 1000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`still waiting for ${what}`);
    await sleep(20);
  }
}

describe('leader loss under load', () => {
  const apiServer = readApiServer(process.env);
  const disposal = new AsyncDisposableStack();
  after(() => disposal.disposeAsync());
  const creates = new Map<string, number>();
  const takeovers: Record<string, number> = {};
  let refusedCreates = 0;
  let judged = 0;
  const delay = monitorEventLoopDelay();
  delay.enable();
  after(() => void delay.disable());
  let lateRequests = 0;
  let launched = 0;
  let replicas: Replica[] = [];
  let started: Promise<{ ground: Ground; churn: Churn }> | undefined;

  async function begin(): Promise<{ ground: Ground; churn: Churn }> {
    const ground = disposal.use(await Ground.open({ apiServer, program: readProgram(process.env) }));
    disposal.defer(async () => {
      for (const replica of replicas) await replica[Symbol.asyncDispose]();
    });
    ground.cloud.log.onCall(({ operation, outcome, code, touched }) => {
      if (operation !== 'CreateLoadBalancer') return;
      if (code === 'AlreadyExists') refusedCreates++;
      if (outcome !== 'accepted') return;
      for (const object of touched) creates.set(object, (creates.get(object) ?? 0) + 1);
    });
    for (let replica = 0; replica < 2; replica++) await launch(ground);
    await until('a leader', () => leading() !== undefined);
    const churn = Churn.start({ ground, seed: 1, pauseMilliseconds: 150, nodes: 12, services: 20 });
    disposal.defer(() => churn.stop());
    return { ground, churn };
  }

  async function launch(ground: Ground): Promise<void> {
    replicas.push(await Replica.launch(ground, `replica-${++launched}`));
  }

  /** Whoever renewed last. */
  function leading(): Replica | undefined {
    const recent = performance.now() - election.renewDeadlineSeconds * 1000;
    return replicas
      .filter(({ lastRenewal = 0 }) => lastRenewal > recent)
      .sort((one, other) => (other.lastRenewal ?? 0) - (one.lastRenewal ?? 0))[0];
  }

  /** One that leads is put to the test, and another takes its place however that ends. */
  async function test(
    choose: (ground: Ground) => Promise<Replica>,
    deed: (ground: Ground, leader: Replica) => Promise<void>,
  ): Promise<void> {
    const ground = await busyGround();
    delay.reset();
    const leader = await choose(ground);
    try {
      await deed(ground, leader);
    } finally {
      await replace(ground, leader);
    }
  }

  /** With two replicas, one of which leads and has work. */
  async function busyGround(): Promise<Ground> {
    started ??= begin();
    const { ground } = await started;
    await until('a leader that works', async () => {
      await replaceEnded(ground);
      return (leading()?.writes.length ?? 0) > 0;
    });
    await sleep(1500);
    return ground;
  }

  /** On a busy machine one may lose the lease by itself. */
  async function replaceEnded(ground: Ground, except?: Replica): Promise<void> {
    const ended = replicas.filter(({ contestant }) => contestant.process.exitCode() !== undefined);
    for (const replica of ended) if (replica !== except) await replace(ground, replica);
  }

  async function whoLeads(): Promise<Replica> {
    await until('a leader', () => leading() !== undefined);
    const leader = leading();
    assert.ok(leader);
    return leader;
  }

  /** Whoever does it is stopped while the request is under way. */
  async function caughtInTheAct(fits: (request: ContestantRequest) => boolean): Promise<Replica> {
    const others = new AbortController();
    const signal = AbortSignal.any([AbortSignal.timeout(patienceSeconds * 1000), others.signal]);
    let isCaught = false;
    const isIt = (request: ContestantRequest): boolean => !isCaught && isWork(request) && fits(request);
    const attempts = replicas.map(async (replica) => {
      await replica.arrival(isIt, signal, () => {
        isCaught = true;
        replica.contestant.process.freeze();
      });
      return replica;
    });
    return Promise.any(attempts).finally(() => others.abort());
  }

  /** Somebody else works. */
  async function takeover({ how, leader, at }: Loss): Promise<void> {
    const { ground } = await (started ??= begin());
    let first: number | undefined;
    await until(`a new leader (${how})`, async () => {
      await replaceEnded(ground, leader);
      first = replicas
        .filter((replica) => replica !== leader)
        .flatMap(({ writes }) => writes)
        .map(({ seen }) => seen.at)
        .find((time) => time > at);
      return first !== undefined;
    });
    takeovers[how] = Math.round(((first ?? at) - at) / 100) / 10;
    const last = leader.writes.map(({ seen }) => seen.at).at(-1) ?? 0;
    assert.ok(last < (first ?? 0), `${leader.name} wrote after its successor had begun (${how})`);
  }

  /** The one that lost ends, and asked nobody for anything once it had to be silent. */
  async function silence({ how, leader }: Loss, exitCode: number): Promise<void> {
    await until(`${leader.name} to end (${how})`, () => leader.contestant.process.exitCode() !== undefined);
    assert.equal(leader.contestant.process.exitCode(), exitCode, await leader.contestant.process.log());
    const transit = Math.min(transitMilliseconds + delay.max / 1e6, mostTransitMilliseconds);
    const late = leader.requests.filter(({ seen }) => seen.at > leader.deadline + transit);
    const described = late.map(
      ({ to, seen }) => `${seen.method} ${seen.path} to the ${to}, ${Math.round(seen.at - leader.deadline)} ms late`,
    );
    lateRequests += late.length;
    assert.deepEqual(described, [], `requests of ${leader.name} after its deadline (${how})`);
    judged += leader.requests.length;
  }

  async function replace(ground: Ground, leader: Replica): Promise<void> {
    replicas = replicas.filter((replica) => replica !== leader);
    await leader[Symbol.asyncDispose]();
    await launch(ground);
  }

  const acts: readonly (readonly [string, (request: ContestantRequest) => boolean])[] = [
    ['frozen while it creates a load balancer', ({ seen }) => seen.path === '/v1/CreateLoadBalancer'],
    [
      'frozen between the two writes of a node',
      ({ to, seen }) => to === 'cluster' && /^\/api\/v1\/nodes\/[^/]+\/status/.test(seen.path),
    ],
  ];
  for (const [how, fits] of acts) {
    const beInTheAct = (ground: Ground): Promise<Replica> => {
      // What comes next waits for nothing but the answer, which is there when it goes on.
      ground.cloud.configure({ provisioning: Duration.zero, updating: Duration.zero });
      return caughtInTheAct(fits);
    };
    it(`a leader that is ${how} is silent when it goes on`, () =>
      test(beInTheAct, async (_ground, leader) => {
        const loss = { how, leader, at: performance.now() };
        await takeover(loss);
        const before = leader.requests.length;
        leader.contestant.process.thaw();
        await silence(loss, 1);
        const after = leader.requests.slice(before).map(({ to, seen }) => `${seen.method} ${seen.path} to the ${to}`);
        assert.deepEqual(after, [], 'requests after it went on');
      }));
  }

  it('a leader whose lease is stolen ends, and the lease is taken over when the thief is silent', () =>
    test(whoLeads, async (ground, leader) => {
      const now = new Date().toISOString().replace('Z', '000Z');
      const spec = {
        holderIdentity: 'thief',
        leaseDurationSeconds: election.leaseSeconds,
        acquireTime: now,
        renewTime: now,
      };
      const response = await fetch(`${ground.url}${leaseUrl}`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/merge-patch+json' },
        body: JSON.stringify({ spec }),
      });
      assert.equal(response.status, 200, await response.text());
      const loss = { how: 'stolen', leader, at: performance.now() };
      await silence(loss, 1);
      await takeover(loss);
    }));

  it('a leader that alone is cut off from the API server ends before the other begins', () =>
    test(whoLeads, async (_ground, leader) => {
      leader.contestant.apiServer.block();
      const loss = { how: 'cut off', leader, at: performance.now() };
      await takeover(loss);
      leader.contestant.apiServer.unblock();
      await silence(loss, 1);
    }));

  it('a leader whose API server stands still is silent towards the cloud, too', () =>
    test(whoLeads, async (_ground, leader) => {
      process.kill(apiServer.pid, 'SIGSTOP');
      const loss = { how: 'API server frozen', leader, at: performance.now() };
      try {
        await silence(loss, 1);
        await sleep(election.leaseSeconds * 1000);
      } finally {
        process.kill(apiServer.pid, 'SIGCONT');
      }
      await takeover(loss);
    }));

  it('a leader that is told to stop hands over at once', () =>
    test(whoLeads, async (_ground, leader) => {
      leader.contestant.process.signal('SIGTERM');
      const loss = { how: 'told to stop', leader, at: performance.now() };
      await silence(loss, 0);
      await takeover({ ...loss, at: leader.writes.at(-1)?.seen.at ?? loss.at });
    }));

  it('in the end everything is as it must be, and nothing was created twice', async () => {
    const ground = await busyGround();
    assert.ok(started);
    const { churn } = await started;
    await churn.stop();
    await ground.settle(patienceSeconds);
    const twice = [...creates].filter(([, count]) => count > 1);
    assert.deepEqual(twice, []);
    const line = {
      proof: 'leader-loss',
      points: Object.keys(takeovers).length,
      requestsJudged: judged,
      requestsAfterDeadline: lateRequests,
      loadBalancersCreated: creates.size,
      createdTwice: 0,
      createsRefusedAsDouble: refusedCreates,
      leaseSeconds: election.leaseSeconds,
      takeoverSeconds: takeovers,
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  });
});
