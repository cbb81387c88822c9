import { describe, expect, it } from '@jest/globals';
import { Pool } from 'undici';
import { Duration } from '../base/duration.ts';
import { FencedError } from '../base/fenced-error.ts';
import type { CallContext } from '../cloud/call-context.ts';
import { connectKubeClient } from '../kube/client/connect.ts';
import { LeaseFence } from '../kube/leader-election/lease-fence.ts';
import { services } from '../kube/resources.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { MetricRegistry } from '../telemetry/metrics.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { type HoldingServer, startHoldingServer } from '../testing/holding-server.ts';
import { httpTransport } from '../testing/memory-cloud/client/http-transport.ts';
import { MemoryClient } from '../testing/memory-cloud/client/memory-client.ts';
import { BudgetedCallGate } from './budgeted-call-gate.ts';
import { fencedClient } from './fenced-client.ts';

const renewDeadline = Duration.seconds(10);

/** Everything between a controller and the one connection that it has. */
interface Bench extends Disposable {
  readonly server: HoldingServer;
  /** Sends a write or a read that the server can tell by its name. */
  send(kind: 'read' | 'write', name: string): Promise<unknown>;
  readonly clock: FakeClock;
}

interface Ground {
  readonly server: HoldingServer;
  readonly clock: FakeClock;
  readonly fence: LeaseFence;
}

const { signal } = new AbortController();

async function towardsCluster({ server, clock, fence }: Ground): Promise<Bench> {
  const dispatcher = new Pool(server.url, { connections: 1 });
  const client = fencedClient(
    await connectKubeClient({ master: server.url, userAgent: 'test/1.0', clock, dispatcher, contentType: 'json' }),
    fence,
  );
  return {
    server,
    clock,
    send(kind, name) {
      const timeout = Duration.minutes(5);
      switch (kind) {
        case 'read':
          return client.get(services, { namespace: 'default', name }, { signal, timeout });
        case 'write':
          return client.delete(services, { namespace: 'default', name }, { signal, timeout });
      }
    },
    [Symbol.dispose]: () => void dispatcher.destroy(),
  };
}

async function towardsCloud({ server, clock, fence }: Ground): Promise<Bench> {
  const gate = new BudgetedCallGate({ fence, clock, logger: silentLogger, metrics: new MetricRegistry() });
  const transport = httpTransport(server.url, { connections: 1 });
  const scope = { account: 'a', region: 'r' };
  const client = new MemoryClient({ transport, gate, clock, scope, clusterUID: 'c' });
  const call: CallContext = { signal, timeout: Duration.minutes(5), freshness: 'live', priority: 'change' };
  return {
    server,
    clock,
    send(kind, name) {
      switch (kind) {
        case 'read':
          return client.locateVolume(name, call);
        case 'write':
          return client.deleteBalancer(name, call);
      }
    },
    [Symbol.dispose]: () => void transport.close(),
  };
}

describe.each([
  ['the cluster', towardsCluster],
  ['the cloud', towardsCloud],
])('a request to %s that waits in the client for a connection', (_, open) => {
  it.each(['write', 'read'] as const)('never leaves once the lease has run out: a %s', async (kind) => {
    const clock = new FakeClock();
    const fence = new LeaseFence(clock, 'kube-system/ccm');
    await using server = await startHoldingServer();
    using bench = await open({ server, clock, fence });
    fence.holdUntil(clock.monotonic() + renewDeadline.milliseconds);

    const early = Promise.allSettled([bench.send('read', 'early')]);
    await server.arrivals(1);
    const late = expect(bench.send(kind, 'late')).rejects.toBeInstanceOf(FencedError);
    await clock.advance(renewDeadline);
    server.answerAll();
    await late;
    await early;
    expect(server.arrived).toHaveLength(1);
  });

  it('leaves while the lease holds', async () => {
    const clock = new FakeClock();
    const fence = new LeaseFence(clock, 'kube-system/ccm');
    await using server = await startHoldingServer();
    using bench = await open({ server, clock, fence });
    fence.holdUntil(clock.monotonic() + renewDeadline.milliseconds);

    const both = Promise.allSettled([bench.send('read', 'early'), bench.send('write', 'late')]);
    await server.arrivals(1);
    await clock.advance(renewDeadline.times(0.5));
    server.answerAll();
    await both;
    expect(server.arrived).toHaveLength(2);
  });
});
