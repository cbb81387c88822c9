import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import { silentLogger } from '../../telemetry/logger.ts';
import { type ApiServer, startApiServer } from '../../testing/api-server/api-server.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { connectKubeClient } from '../client/connect.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { leases } from '../resources.ts';
import { LeaderElector } from './leader-elector.ts';

const lease = { namespace: 'kube-system', name: 'cloud-controller-manager' };
const { signal } = new AbortController();

/** Elections over HTTP. Time stands still while a request is under way, so that no machine is too slow for the test. */
class Arena {
  readonly clock = new FakeClock();
  readonly server: ApiServer;
  readonly client: KubeClient;
  readonly #clients: ReadonlyMap<string, KubeClient>;
  #underWay = 0;

  constructor(server: ApiServer, clients: ReadonlyMap<string, KubeClient>) {
    this.server = server;
    this.client = clients.get('test')!;
    this.#clients = clients;
  }

  static async open(): Promise<Arena> {
    const server = await startApiServer();
    const clients = new Map<string, KubeClient>();
    for (const name of ['test', 'one', 'two', 'three']) {
      const userAgent = `${name}/1`;
      clients.set(name, await connectKubeClient({ master: server.url, userAgent, clock: systemClock }));
    }
    return new Arena(server, clients);
  }

  async close(): Promise<void> {
    for (const client of this.#clients.values()) await client.close();
    await this.server[Symbol.asyncDispose]();
  }

  contend(identity: string) {
    const controller = new AbortController();
    const elector = new LeaderElector({
      client: this.#counted(this.#clients.get(identity)!),
      lease,
      identity,
      clock: this.clock,
      logger: silentLogger,
    });
    const running = elector.run({ onStartedLeading() {}, onStoppedLeading() {} }, controller.signal);
    return { elector, running, leave: () => controller.abort(new Error('leaving')) };
  }

  async until(isReached: () => boolean): Promise<void> {
    const deadline = this.clock.monotonic() + Duration.minutes(5).milliseconds;
    while (!isReached()) {
      if (this.#underWay > 0) await new Promise((resolve) => setImmediate(resolve));
      else await this.clock.advance(Duration.milliseconds(100));
      if (this.clock.monotonic() > deadline) throw new Error('it does not come to that');
    }
  }

  async pass(duration: Duration): Promise<void> {
    const end = this.clock.monotonic() + duration.milliseconds;
    await this.until(() => this.clock.monotonic() >= end && this.#underWay === 0);
  }

  #counted(client: KubeClient): KubeClient {
    const count = async <T>(request: Promise<T>): Promise<T> => {
      this.#underWay++;
      return request.finally(() => this.#underWay--);
    };
    return {
      ...client,
      get: (...request) => count(client.get(...request)),
      create: (...request) => count(client.create(...request)),
      patch: (...request) => count(client.patch(...request)),
    };
  }
}

let arena: Arena;
beforeEach(async () => {
  arena = await Arena.open();
});
afterEach(() => arena.close());

const specOf = async () => (await arena.client.get(leases, lease, { signal })).spec;

describe('election on an API server', () => {
  it('hands over from one that leaves to one that waits, and no sooner', async () => {
    const one = arena.contend('one');
    await arena.until(() => one.elector.isLeader());
    const two = arena.contend('two');
    await arena.pass(Duration.minutes(1));
    expect([one.elector.isLeader(), two.elector.isLeader(), two.elector.leader]).toEqual([true, false, 'one']);
    one.leave();
    await one.running;
    expect(await specOf()).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
    await arena.until(() => two.elector.isLeader());
    expect(await specOf()).toMatchObject({ holderIdentity: 'two', leaseDurationSeconds: 15, leaseTransitions: 1 });
    two.leave();
    await two.running;
  });

  it('has one winner when many start at once', async () => {
    const all = ['one', 'two', 'three'].map((identity) => arena.contend(identity));
    await arena.until(() => all.some(({ elector }) => elector.isLeader()));
    await arena.pass(Duration.seconds(30));
    expect(all.filter(({ elector }) => elector.isLeader())).toHaveLength(1);
    for (const each of all) each.leave();
    await Promise.all(all.map(({ running }) => running));
  });

  it('keeps its leader when others write to the lease and replies are lost', async () => {
    const one = arena.contend('one');
    await arena.until(() => one.elector.isLeader());
    await arena.client.patch(
      leases,
      lease,
      { type: 'merge', body: { metadata: { annotations: { owner: 'somebody' } } } },
      { signal },
    );
    await arena.pass(Duration.seconds(5));
    arena.server.faults.loseReply({ verb: 'patch', times: 1 });
    await arena.pass(Duration.seconds(20));
    expect(one.elector.isLeader()).toBe(true);
    const { metadata, spec } = await arena.client.get(leases, lease, { signal });
    expect(metadata.annotations).toEqual({ owner: 'somebody' });
    expect(spec).toMatchObject({ holderIdentity: 'one', leaseTransitions: 0 });
    one.leave();
    await one.running;
  });

  it('takes over from one that cannot reach the server, when that has stopped', async () => {
    const one = arena.contend('one');
    await arena.until(() => one.elector.isLeader());
    const two = arena.contend('two');
    await arena.pass(Duration.seconds(10));
    arena.server.faults.unavailable({ userAgent: 'one/1' });
    let stoppedAt = Number.POSITIVE_INFINITY;
    void one.running.then(() => {
      stoppedAt = arena.clock.monotonic();
    });
    await arena.until(() => two.elector.isLeader());
    expect(arena.clock.monotonic()).toBeGreaterThan(stoppedAt);
    expect(await specOf()).toMatchObject({ holderIdentity: 'two', leaseTransitions: 1 });
    two.leave();
    await two.running;
  });
});
