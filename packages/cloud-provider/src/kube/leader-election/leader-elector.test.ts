import { describe, expect, it } from '@jest/globals';
import type { LeaseSpec } from '../../api/lease.ts';
import { Duration } from '../../base/duration.ts';
import { createLogger } from '../../telemetry/logger.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { ApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { isFenced } from '../client/write-fence.ts';
import type { EventContent } from '../events/event-recorder.ts';
import { LeaderElector, type LeaderElectorOptions, LeaseLostError } from './leader-elector.ts';

const leaseName = { namespace: 'kube-system', name: 'cloud-controller-manager' };
const seconds = (count: number) => Duration.seconds(count);

/** What a request meets on its way: at its start, and after the server did it. */
interface Trouble {
  before?: () => Promise<void> | void;
  after?: () => Promise<void> | void;
}

/** The part of an API server that an election needs: one Lease, versions, and conflicts. */
class ScriptedLease {
  object: { resourceVersion: number; spec: Record<string, unknown> } | undefined;
  readonly requests: string[] = [];
  /** What the next requests of a client meet. */
  readonly troubles = new Map<string, (verb: string) => Trouble>();

  get record(): LeaseSpec {
    return this.object?.spec as unknown as LeaseSpec;
  }

  clientOf(who: string): KubeClient {
    const pass = async <T>(verb: string, work: () => T): Promise<T> => {
      this.requests.push(`${who} ${verb}`);
      const trouble = this.troubles.get(who)?.(verb) ?? {};
      await trouble.before?.();
      const result = work();
      await trouble.after?.();
      return result;
    };
    const lease = () => {
      if (!this.object) throw new ApiError('not found', { kind: 'notFound', status: 404 });
      const { resourceVersion, spec } = this.object;
      return { metadata: { ...leaseName, uid: 'u1', resourceVersion: `${resourceVersion}` }, spec: { ...spec } };
    };
    const client = {
      get: () => pass('get', lease),
      create: (_: unknown, object: { spec: Record<string, unknown> }) =>
        pass('create', () => {
          if (this.object) throw new ApiError('exists', { kind: 'alreadyExists', status: 409 });
          this.object = { resourceVersion: 1, spec: { ...object.spec } };
          return lease();
        }),
      patch: (
        _: unknown,
        __: unknown,
        patch: { body: { metadata: { resourceVersion: string }; spec: Record<string, unknown> } },
      ) =>
        pass('patch', () => {
          const present = lease();
          if (patch.body.metadata.resourceVersion !== present.metadata.resourceVersion) {
            throw new ApiError('conflict', { kind: 'conflict', status: 409 });
          }
          const resourceVersion = Number(present.metadata.resourceVersion) + 1;
          this.object = { resourceVersion, spec: { ...present.spec, ...patch.body.spec } };
          return { resourceVersion: `${resourceVersion}` };
        }),
    };
    return client as unknown as KubeClient;
  }
}

function contender(server: ScriptedLease, identity: string, options: Partial<LeaderElectorOptions> = {}) {
  const clock = (options.clock as FakeClock | undefined) ?? new FakeClock();
  const notes: string[] = [];
  const log: string[] = [];
  const metrics = new MetricRegistry();
  const elector = new LeaderElector({
    client: server.clientOf(identity),
    lease: leaseName,
    identity,
    logger: createLogger({ format: 'text', level: 'debug', clock, sink: (line) => log.push(line) }),
    events: {
      event: (_, content: EventContent) => notes.push(content.note),
      flush: async () => {},
    },
    metrics,
    random: () => 0,
    ...options,
    clock,
  });
  const controller = new AbortController();
  const seen: string[] = [];
  let leadingSignal: AbortSignal | undefined;
  const start = (work?: (signal: AbortSignal) => Promise<void>) => {
    const running = elector.run(
      {
        onStartedLeading(signal) {
          leadingSignal = signal;
          seen.push('started');
          return work?.(signal);
        },
        onStoppedLeading: () => seen.push('stopped'),
        onNewLeader: (leader) => seen.push(`leader ${leader}`),
      },
      controller.signal,
    );
    void running.catch(() => undefined);
    return running;
  };
  return {
    clock,
    elector,
    controller,
    seen,
    notes,
    log,
    metrics,
    start,
    get leadingSignal() {
      return leadingSignal;
    },
  };
}

const failing =
  (kind: 'timeout' | 'unavailable' = 'unavailable') =>
  () => ({
    before: () => Promise.reject(new ApiError('no answer', { kind })),
  });

describe('acquiring', () => {
  it('creates the lease, leads, renews with one request every two seconds and releases', async () => {
    const server = new ScriptedLease();
    const one = contender(server, 'one');
    const running = one.start();
    await one.clock.settle();
    expect(server.record).toEqual({
      holderIdentity: 'one',
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:00.000000Z',
      leaseTransitions: 0,
    });
    expect(one.elector.isLeader()).toBe(true);
    expect(one.seen).toEqual(['leader one', 'started']);
    await one.clock.advance(seconds(7));
    expect(server.requests).toEqual(['one get', 'one create', 'one patch', 'one patch', 'one patch']);
    expect(server.record).toMatchObject({
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:06.000000Z',
    });
    one.controller.abort(new Error('SIGTERM'));
    await running;
    expect(server.record).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1, leaseTransitions: 0 });
    expect(one.seen).toEqual(['leader one', 'started', 'stopped']);
    expect(one.notes).toEqual(['one became leader', 'one stopped leading']);
    expect(one.elector.isLeader()).toBe(false);
    expect(one.clock.pending()).toBe(0);
  });

  it('waits while another renews and takes over when it stops, counting the transition', async () => {
    const server = new ScriptedLease();
    const clock = new FakeClock();
    const [one, two] = [contender(server, 'one', { clock }), contender(server, 'two', { clock })];
    void one.start();
    await clock.settle();
    void two.start();
    await clock.advance(seconds(60));
    expect(two.seen).toEqual(['leader one']);
    server.troubles.set('one', failing());
    await clock.advance(seconds(13));
    expect(one.seen).toEqual(['leader one', 'started', 'stopped']);
    expect(two.seen).toEqual(['leader one']);
    await clock.advance(seconds(6));
    expect(two.seen).toEqual(['leader one', 'leader two', 'started']);
    expect(server.record).toMatchObject({ holderIdentity: 'two', leaseTransitions: 1 });
    expect(server.record.acquireTime).toBe(server.object?.spec['acquireTime']);
    two.controller.abort();
  });

  it('takes a released lease at its next look', async () => {
    const server = new ScriptedLease();
    const clock = new FakeClock();
    const [one, two] = [contender(server, 'one', { clock }), contender(server, 'two', { clock })];
    const first = one.start();
    await clock.settle();
    void two.start();
    await clock.advance(seconds(5));
    one.controller.abort();
    await first;
    await clock.advance(seconds(2));
    expect(server.record).toMatchObject({ holderIdentity: 'two', leaseTransitions: 1, leaseDurationSeconds: 15 });
    two.controller.abort();
  });

  it('judges expiry by its own clock since it saw a change, not by the times in the lease', async () => {
    const server = new ScriptedLease();
    const one = contender(server, 'one');
    void one.start();
    await one.clock.settle();
    // Two's wall clock is an hour ahead, so every renewal looks long expired to it.
    const two = contender(server, 'two');
    two.clock.jumpWallClock(Duration.hours(1));
    void two.start();
    for (let step = 0; step < 30; step++) {
      await one.clock.advance(seconds(1));
      await two.clock.advance(seconds(1));
    }
    expect(two.seen).toEqual(['leader one']);
    two.clock.jumpWallClock(Duration.hours(-2));
    one.clock.jumpWallClock(Duration.hours(-5));
    for (let step = 0; step < 30; step++) {
      await one.clock.advance(seconds(1));
      await two.clock.advance(seconds(1));
    }
    expect(two.seen).toEqual(['leader one']);
    expect(one.elector.isLeader()).toBe(true);
    one.controller.abort();
    two.controller.abort();
  });

  it('lets only one of two win a race for an expired lease', async () => {
    const server = new ScriptedLease();
    const spec = {
      holderIdentity: 'gone',
      leaseDurationSeconds: 15,
      renewTime: 'x',
      acquireTime: 'y',
      leaseTransitions: 4,
    };
    server.object = { resourceVersion: 7, spec: { ...spec, strategy: 'OldestEmulationVersion', preferredHolder: 'p' } };
    const clock = new FakeClock();
    const both = [contender(server, 'one', { clock }), contender(server, 'two', { clock })];
    for (const each of both) void each.start();
    await clock.advance(seconds(14));
    expect(server.record.holderIdentity).toBe('gone');
    await clock.advance(seconds(4));
    expect(both.filter(({ elector }) => elector.isLeader())).toHaveLength(1);
    expect(both.filter(({ seen }) => seen.includes('started'))).toHaveLength(1);
    // Fields that are not part of the record stay.
    expect(server.object.spec).toMatchObject({
      leaseTransitions: 5,
      strategy: 'OldestEmulationVersion',
      preferredHolder: 'p',
    });
    for (const each of both) each.controller.abort();
  });

  it('keeps trying while the server is away, and ends when told', async () => {
    const server = new ScriptedLease();
    const one = contender(server, 'one');
    server.troubles.set('one', failing());
    const running = one.start();
    await one.clock.advance(seconds(9));
    expect(server.requests).toHaveLength(5);
    expect(one.elector.health()).toEqual({ kind: 'healthy' });
    one.controller.abort();
    await running;
    expect(one.seen).toEqual(['stopped']);
    expect(one.notes).toEqual([]);
  });

  it('spreads its attempts', async () => {
    const server = new ScriptedLease();
    const one = contender(server, 'one', { random: () => 0.5 });
    server.troubles.set('one', failing());
    void one.start();
    await one.clock.settle();
    expect(one.clock.untilNext()?.seconds).toBe(3.2);
    one.controller.abort();
  });

  it('goes on when the create was done but its reply was lost', async () => {
    const server = new ScriptedLease();
    const one = contender(server, 'one');
    server.troubles.set('one', (verb) =>
      verb === 'create' ? { after: () => Promise.reject(new ApiError('cut', { kind: 'connectionFailed' })) } : {},
    );
    void one.start();
    await one.clock.settle();
    expect(one.elector.isLeader()).toBe(false);
    await one.clock.advance(seconds(2));
    expect(one.elector.isLeader()).toBe(true);
    expect(server.record.leaseTransitions).toBe(0);
    one.controller.abort();
  });
});

describe('leading', () => {
  it('survives failed renewals that end before the deadline', async () => {
    const server = new ScriptedLease();
    const one = contender(server, 'one');
    void one.start();
    await one.clock.settle();
    server.troubles.set('one', failing());
    await one.clock.advance(seconds(7));
    expect(one.elector.isLeader()).toBe(true);
    server.troubles.delete('one');
    await one.clock.advance(seconds(20));
    expect(one.elector.isLeader()).toBe(true);
    expect(one.seen).toEqual(['leader one', 'started']);
    one.controller.abort();
  });

  it('renews again after a renewal whose reply was lost', async () => {
    const server = new ScriptedLease();
    const one = contender(server, 'one');
    void one.start();
    await one.clock.settle();
    let lost = 0;
    server.troubles.set('one', (verb) =>
      verb === 'patch' && lost++ === 0
        ? { after: () => Promise.reject(new ApiError('cut', { kind: 'connectionFailed' })) }
        : {},
    );
    await one.clock.advance(seconds(2));
    // In the same attempt: the version was no longer the known one, so it read the lease and wrote again.
    expect(server.requests.slice(2)).toEqual(['one patch', 'one get', 'one patch']);
    expect(one.elector.isLeader()).toBe(true);
    expect(await one.metrics.render()).toContain('leader_election_slowpath_total{name="cloud-controller-manager"} 1');
    one.controller.abort();
  });

  it('survives somebody else writing to the lease without taking it', async () => {
    const server = new ScriptedLease();
    const one = contender(server, 'one');
    void one.start();
    await one.clock.settle();
    server.object!.resourceVersion += 5;
    await one.clock.advance(seconds(30));
    expect(one.elector.isLeader()).toBe(true);
    one.controller.abort();
  });

  it('creates the lease again when somebody deleted it', async () => {
    const server = new ScriptedLease();
    const one = contender(server, 'one');
    void one.start();
    await one.clock.settle();
    server.object = undefined;
    await one.clock.advance(seconds(2));
    expect(server.record.holderIdentity).toBe('one');
    expect(one.elector.isLeader()).toBe(true);
    one.controller.abort();
  });

  it('stops at once when the lease is seen with another holder', async () => {
    const server = new ScriptedLease();
    const one = contender(server, 'one');
    const running = one.start();
    await one.clock.settle();
    server.object = { resourceVersion: 99, spec: { ...server.record, holderIdentity: 'two' } };
    await one.clock.advance(seconds(2));
    await running;
    expect(one.leadingSignal?.reason).toBeInstanceOf(LeaseLostError);
    expect(one.seen).toEqual(['leader one', 'started', 'leader two', 'stopped']);
    expect(server.record.holderIdentity).toBe('two');
  });

  it('does not take the lease back when it was released by hand', async () => {
    const server = new ScriptedLease();
    const one = contender(server, 'one');
    const running = one.start();
    await one.clock.settle();
    server.object = { resourceVersion: 99, spec: { ...server.record, holderIdentity: '' } };
    await one.clock.advance(seconds(11));
    await running;
    expect(server.record.holderIdentity).toBe('');
  });

  it('ends at the renew deadline even while a request hangs, and does not touch the lease afterwards', async () => {
    const server = new ScriptedLease();
    const one = contender(server, 'one');
    void one.start();
    await one.clock.advance(seconds(3));
    server.troubles.set('one', () => ({ before: () => new Promise(() => undefined) }));
    await one.clock.advance(seconds(8));
    expect(one.leadingSignal?.aborted).toBe(false);
    await one.clock.advance(seconds(1));
    expect(one.leadingSignal?.reason).toBeInstanceOf(LeaseLostError);
    expect(one.elector.isLeader()).toBe(false);
    expect(server.record.holderIdentity).toBe('one');
  });

  it('ends the election when the work fails, and says why', async () => {
    const server = new ScriptedLease();
    const one = contender(server, 'one');
    const running = one.start(() => Promise.reject(new Error('no cloud')));
    await expect(running).rejects.toThrow('no cloud');
    expect(server.record.holderIdentity).toBe('');
    expect(one.seen).toEqual(['leader one', 'started', 'stopped']);
  });

  it('survives callbacks that throw', async () => {
    const server = new ScriptedLease();
    const one = contender(server, 'one');
    const controller = new AbortController();
    const running = one.elector.run(
      {
        onStartedLeading: () => {},
        onStoppedLeading: () => {
          throw new Error('boom');
        },
        onNewLeader: () => {
          throw new Error('boom');
        },
      },
      controller.signal,
    );
    await one.clock.settle();
    controller.abort();
    await running;
    expect(one.log.filter((line) => line.includes('boom'))).toHaveLength(2);
    await expect(one.elector.run({ onStartedLeading() {}, onStoppedLeading() {} }, controller.signal)).rejects.toThrow(
      'runs once',
    );
  });
});

describe('being told to stop while taking the lease', () => {
  /** The wish to stop comes when the server has the request, or has done it. */
  const stopDuring = (one: ReturnType<typeof contender>, server: ScriptedLease, moment: 'before' | 'after') =>
    server.troubles.set('one', (verb) =>
      verb === 'get' ? {} : { [moment]: () => one.controller.abort(new Error('SIGTERM')) },
    );

  it.each(['before', 'after'] as const)('gives a lease back that it made, told %s it was made', async (moment) => {
    const server = new ScriptedLease();
    const one = contender(server, 'one');
    stopDuring(one, server, moment);
    await one.start();
    expect(server.record).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
    expect(one.seen).toEqual(['leader one', 'stopped']);
    expect(() => one.elector.fence.assertHeld()).toThrow();
  });

  it('gives a lease back that it took over', async () => {
    const server = new ScriptedLease();
    const former = contender(server, 'former');
    const leading = former.start();
    await former.clock.settle();
    former.controller.abort();
    await leading;
    const one = contender(server, 'one');
    stopDuring(one, server, 'before');
    const running = one.start();
    await one.clock.advance(seconds(5));
    await running;
    expect(server.record).toMatchObject({ holderIdentity: '', leaseTransitions: 1 });
    expect(one.seen).not.toContain('started');
  });

  it('gives it back also when the reply is lost', async () => {
    const server = new ScriptedLease();
    const one = contender(server, 'one');
    server.troubles.set('one', (verb) => {
      if (verb !== 'create') return {};
      return {
        after: () => {
          one.controller.abort();
          return Promise.reject(new ApiError('no answer', { kind: 'connectionFailed', outcome: 'unknown' }));
        },
      };
    });
    await one.start();
    expect(server.record.holderIdentity).toBe('');
    expect(server.requests).toEqual(['one get', 'one create', 'one get', 'one patch']);
  });

  it("leaves another's lease alone when its own attempt got no answer", async () => {
    const server = new ScriptedLease();
    const one = contender(server, 'one');
    server.troubles.set('one', (verb) => {
      if (verb !== 'create') return {};
      return {
        before: () => {
          server.object = { resourceVersion: 7, spec: { holderIdentity: 'two', leaseDurationSeconds: 15 } };
          one.controller.abort();
          return Promise.reject(new ApiError('no answer', { kind: 'connectionFailed', outcome: 'unknown' }));
        },
      };
    });
    await one.start();
    expect(server.record.holderIdentity).toBe('two');
    expect(server.requests).toEqual(['one get', 'one create', 'one get']);
  });

  it('does not when told so', async () => {
    const server = new ScriptedLease();
    const one = contender(server, 'one', { releaseOnExit: false });
    stopDuring(one, server, 'after');
    await one.start();
    expect(server.record.holderIdentity).toBe('one');
  });
});

describe('giving the lease back', () => {
  it('waits until the work has stopped', async () => {
    const server = new ScriptedLease();
    const one = contender(server, 'one');
    const running = one.start(async (signal) => {
      await one.clock.sleep(Duration.hours(1), signal).catch(() => undefined);
      await one.clock.sleep(seconds(4));
    });
    await one.clock.settle();
    one.controller.abort();
    await one.clock.advance(seconds(3));
    expect(server.record.holderIdentity).toBe('one');
    await one.clock.advance(seconds(1));
    await running;
    expect(server.record.holderIdentity).toBe('');
  });

  it('leaves it to expire when the work does not stop in time', async () => {
    const server = new ScriptedLease();
    const one = contender(server, 'one');
    const running = one.start(() => new Promise(() => undefined));
    await one.clock.settle();
    one.controller.abort();
    await one.clock.advance(seconds(10));
    await running;
    expect(server.record.holderIdentity).toBe('one');
    expect(one.seen).toEqual(['leader one', 'started', 'stopped']);
  });

  it('does so also after the reply to the last renewal was lost', async () => {
    const server = new ScriptedLease();
    const one = contender(server, 'one');
    const running = one.start();
    await one.clock.settle();
    server.object!.resourceVersion++;
    one.controller.abort();
    await running;
    expect(server.record.holderIdentity).toBe('');
  });

  it('does not when told so', async () => {
    const server = new ScriptedLease();
    const one = contender(server, 'one', { releaseOnExit: false });
    const running = one.start();
    await one.clock.settle();
    one.controller.abort();
    await running;
    expect(server.record.holderIdentity).toBe('one');
  });
});

describe('the fence', () => {
  it('is closed before, open while leading and closed after', async () => {
    const one = contender(new ScriptedLease(), 'one');
    const { fence } = one.elector;
    expect(() => fence.assertHeld()).toThrow(/kube-system\/cloud-controller-manager/);
    const running = one.start();
    await one.clock.settle();
    expect(() => fence.assertHeld()).not.toThrow();
    one.controller.abort();
    await running;
    expect(() => fence.assertHeld()).toThrow();
  });

  it('is closed in a process that was stopped, before any of its timers has run, and stays closed', async () => {
    const server = new ScriptedLease();
    const one = contender(server, 'one');
    const running = one.start();
    await one.clock.advance(seconds(5));
    one.clock.stall(seconds(9));
    // Renewed last at 4 s, so 14 s is the end.
    let error: unknown;
    try {
      one.elector.fence.assertHeld();
    } catch (thrown) {
      error = thrown;
    }
    expect(isFenced(error)).toBe(true);
    expect(one.elector.isLeader()).toBe(false);
    const before = server.requests.length;
    await one.clock.advance(seconds(60));
    await running;
    expect(() => one.elector.fence.assertHeld()).toThrow();
    expect(one.notes).not.toContain('one stopped leading');
    expect(one.leadingSignal?.reason).toBeInstanceOf(LeaseLostError);
    expect(server.requests).toHaveLength(before);
  });

  it('lets reads pass before the lease is held, while it is and after it was given back, but not after it was lost', async () => {
    const server = new ScriptedLease();
    const one = contender(server, 'one');
    const mayRead = () => {
      try {
        one.elector.fence.assertNotLost?.();
        return true;
      } catch (error) {
        expect(isFenced(error)).toBe(true);
        return false;
      }
    };
    expect(mayRead()).toBe(true);
    const running = one.start();
    await one.clock.advance(seconds(5));
    expect(mayRead()).toBe(true);
    one.clock.stall(seconds(9));
    expect(mayRead()).toBe(false);
    await one.clock.advance(seconds(1));
    await running;
    expect(mayRead()).toBe(false);

    const two = contender(new ScriptedLease(), 'two');
    const leading = two.start();
    await two.clock.settle();
    two.controller.abort();
    await leading;
    two.elector.fence.assertNotLost?.();
  });

  it('lets nothing pass once another took the lease', async () => {
    const server = new ScriptedLease();
    const one = contender(server, 'one');
    const running = one.start();
    await one.clock.settle();
    server.object = { resourceVersion: 9, spec: { ...server.record, holderIdentity: 'thief' } };
    await one.clock.advance(seconds(3));
    await running;
    expect(() => one.elector.fence.assertNotLost?.()).toThrow();
    expect(server.requests.slice(-2)).toEqual(['one patch', 'one get']);
  });

  it('stays open in a process that was stopped for less than the deadline', async () => {
    const one = contender(new ScriptedLease(), 'one');
    void one.start();
    await one.clock.advance(seconds(4));
    one.clock.stall(seconds(9));
    expect(() => one.elector.fence.assertHeld()).not.toThrow();
    await one.clock.advance(seconds(10));
    expect(one.elector.isLeader()).toBe(true);
    one.controller.abort();
  });

  it('counts from when the renewal was sent, not from its answer', async () => {
    const server = new ScriptedLease();
    const one = contender(server, 'one');
    void one.start();
    await one.clock.settle();
    server.troubles.set('one', () => ({ after: () => one.clock.sleep(seconds(4)) }));
    await one.clock.advance(seconds(6));
    server.troubles.set('one', failing());
    // Sent at 2 s, answered at 6 s.
    await one.clock.advance(Duration.milliseconds(5999));
    expect(() => one.elector.fence.assertHeld()).not.toThrow();
    await one.clock.advance(Duration.milliseconds(1));
    expect(() => one.elector.fence.assertHeld()).toThrow();
  });

  it('never lets two write at once, whatever stalls and fails', async () => {
    const server = new ScriptedLease();
    const clocks = [new FakeClock(), new FakeClock()];
    let seed = 7;
    const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    let leaders = clocks.map((clock, index) => contender(server, `${index}`, { clock, random }));
    for (const each of leaders) void each.start();
    let takeovers = 0;
    for (let step = 0; step < 600; step++) {
      for (const [index, each] of leaders.entries()) {
        // Real time passes alike for both; a stalled process only does nothing in it.
        if (random() < 0.05) server.troubles.set(`${index}`, failing(random() < 0.5 ? 'timeout' : 'unavailable'));
        if (random() < 0.1) server.troubles.delete(`${index}`);
        if (random() < 0.9) await each.clock.advance(seconds(1));
        else each.clock.stall(seconds(1));
      }
      const open = leaders.filter(({ elector }) => elector.isLeader());
      expect(open.length).toBeLessThanOrEqual(1);
      leaders = leaders.map((each, index) => {
        if (!each.seen.includes('stopped')) return each;
        takeovers++;
        const next = contender(server, `${index}`, { clock: each.clock, random });
        void next.start();
        return next;
      });
    }
    expect(takeovers).toBeGreaterThan(3);
    for (const each of leaders) each.controller.abort();
  });
});

describe('health', () => {
  it('fails only when we hold the lease and its renewal is long overdue', async () => {
    const one = contender(new ScriptedLease(), 'one');
    void one.start();
    await one.clock.advance(seconds(4));
    one.clock.stall(seconds(35));
    expect(one.elector.health()).toEqual({ kind: 'healthy' });
    one.clock.stall(Duration.milliseconds(1));
    expect(one.elector.health().kind).toBe('unhealthy');
    await one.clock.advance(seconds(1));
    expect(one.elector.health()).toEqual({ kind: 'healthy' });
  });
});

describe('timing', () => {
  it.each([
    [10, 10, 2],
    [15, 10, 9],
    [15, 10, 0],
    [0.9, 0.5, 0.1],
  ])('refuses %d s, %d s, %d s', (lease, renew, retry) => {
    const options = { leaseDuration: seconds(lease), renewDeadline: seconds(renew), retryPeriod: seconds(retry) };
    expect(() => contender(new ScriptedLease(), 'one', options)).toThrow(RangeError);
  });

  it('refuses to have no identity', () => {
    expect(() => contender(new ScriptedLease(), '')).toThrow(RangeError);
  });
});
