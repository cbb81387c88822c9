import { describe, expect, it } from '@jest/globals';
import { Duration } from '../base/duration.ts';
import type { CallContext, CallPriority } from '../cloud/call-context.ts';
import type { CloudCall } from '../cloud/cloud-call-gate.ts';
import { CloudError } from '../cloud/cloud-error.ts';
import { FencedError } from '../kube/client/write-fence.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { MetricRegistry } from '../telemetry/metrics.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { BudgetedCallGate } from './budgeted-call-gate.ts';

const scope = { account: 'a', region: 'r' };
const read: CloudCall = { apiGroup: 'describe', operation: 'DescribeThings', scope, kind: 'read' };
const write: CloudCall = { apiGroup: 'change', operation: 'CreateThing', scope, kind: 'write' };

function context(priority: CallPriority = 'change', signal = new AbortController().signal): CallContext {
  return { signal, priority, freshness: 'live', timeout: Duration.minutes(1) };
}

function setUp() {
  const clock = new FakeClock();
  const metrics = new MetricRegistry();
  const fence = { held: true, lost: false };
  const gate = new BudgetedCallGate({
    clock,
    metrics,
    logger: silentLogger,
    fence: {
      assertHeld() {
        if (!fence.held) throw new FencedError('the lease is lost');
      },
      assertNotLost() {
        if (fence.lost) throw new FencedError('the lease is lost');
      },
    },
  });
  return { clock, metrics, fence, gate };
}

describe('BudgetedCallGate', () => {
  it('passes results and errors on, and counts both', async () => {
    const { gate, metrics } = setUp();
    expect(await gate.run(read, context(), async () => 42)).toBe(42);
    const denied = new CloudError('Denied', 'no');
    await expect(gate.run(read, context(), () => Promise.reject(denied))).rejects.toBe(denied);
    const text = await metrics.render();
    expect(text).toContain('ccm_cloud_calls_total{group="describe",operation="DescribeThings",outcome="ok"} 1');
    expect(text).toContain('ccm_cloud_calls_total{group="describe",operation="DescribeThings",outcome="Denied"} 1');
  });

  it('lets no write out once the fence has fallen, and reads still', async () => {
    const { gate, fence } = setUp();
    fence.held = false;
    let sent = 0;
    const send = async (): Promise<number> => ++sent;
    await expect(gate.run(write, context(), send)).rejects.toThrow(FencedError);
    expect(sent).toBe(0);
    expect(await gate.run(read, context(), send)).toBe(1);
  });

  it('lets nothing out once the lease is lost', async () => {
    const { gate, fence } = setUp();
    fence.lost = true;
    let sent = 0;
    await expect(gate.run(read, context(), async () => ++sent)).rejects.toThrow(FencedError);
    expect(sent).toBe(0);
  });

  it('lets nothing out that its client held back while the fence fell, whatever the client makes of it', async () => {
    const { gate, fence, metrics } = setUp();
    const connected = Promise.withResolvers<void>();
    let sent = 0;
    const call = gate.run(write, context(), async (_signal, beforeSend) => {
      await connected.promise;
      try {
        beforeSend();
      } catch (cause) {
        throw new CloudError('Unavailable', 'the connection broke', { cause });
      }
      return ++sent;
    });
    const refused = expect(call).rejects.toThrow(FencedError);
    fence.held = false;
    connected.resolve();
    await refused;
    expect(sent).toBe(0);
    expect(await metrics.render()).not.toContain('operation="CreateThing"');
  });

  it('lets a read out that its client held back, until the lease is lost', async () => {
    const { gate, fence } = setUp();
    const send = async (_signal: AbortSignal, beforeSend: () => void): Promise<number> => {
      await Promise.resolve();
      beforeSend();
      return 1;
    };
    const granted = gate.run(read, context(), send);
    fence.held = false;
    expect(await granted).toBe(1);
    const refused = gate.run(read, context(), send);
    fence.lost = true;
    await expect(refused).rejects.toThrow(FencedError);
  });

  it('asks the fence after the wait for the budget, not before', async () => {
    const { gate, fence, clock } = setUp();
    const throttled = new CloudError('Throttled', 'slow', { retryAfter: Duration.seconds(10) });
    await expect(gate.run(write, context(), () => Promise.reject(throttled))).rejects.toBe(throttled);
    let sent = 0;
    const waiting = gate.run(write, context(), async () => ++sent);
    const refused = expect(waiting).rejects.toThrow(FencedError);
    fence.held = false;
    await clock.advance(Duration.seconds(11));
    await refused;
    expect(sent).toBe(0);
  });

  it('holds back the throttled group in its scope, and only that', async () => {
    const { gate, clock } = setUp();
    const throttled = new CloudError('Throttled', 'slow', { retryAfter: Duration.seconds(10) });
    await expect(gate.run(read, context(), () => Promise.reject(throttled))).rejects.toBe(throttled);
    const started: string[] = [];
    const start = (name: string) => async (): Promise<void> => void started.push(name);
    const held = gate.run(read, context(), start('same'));
    await gate.run(write, context(), start('other group'));
    await gate.run({ ...read, scope: { account: 'a', region: 'elsewhere' } }, context(), start('other scope'));
    expect(started).toEqual(['other group', 'other scope']);
    await clock.advance(Duration.seconds(9));
    expect(started).toHaveLength(2);
    await clock.advance(Duration.seconds(2));
    await held;
    expect(started).toEqual(['other group', 'other scope', 'same']);
  });

  it('starts what is urgent first', async () => {
    const { gate, clock } = setUp();
    const throttled = new CloudError('Throttled', 'slow', { retryAfter: Duration.seconds(5) });
    await expect(gate.run(read, context(), () => Promise.reject(throttled))).rejects.toBe(throttled);
    const order: CallPriority[] = [];
    const calls = (['sweep', 'upkeep', 'delete', 'change', 'initialize'] as const).map((priority) =>
      gate.run(read, context(priority), async () => void order.push(priority)),
    );
    await clock.advance(Duration.seconds(30));
    await Promise.all(calls);
    expect(order).toEqual(['initialize', 'change', 'delete', 'upkeep', 'sweep']);
  });

  it('ends a call that takes longer than its context allows', async () => {
    const { gate, clock } = setUp();
    const call = gate.run(read, context(), (signal) => {
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    });
    const rejected = expect(call).rejects.toMatchObject({ code: 'Unavailable' });
    await clock.advance(Duration.seconds(61));
    await rejected;
  });

  it('gives up waiting when the caller does', async () => {
    const { gate } = setUp();
    const throttled = new CloudError('Throttled', 'slow', { retryAfter: Duration.minutes(10) });
    await expect(gate.run(read, context(), () => Promise.reject(throttled))).rejects.toBe(throttled);
    const aborter = new AbortController();
    const call = gate.run(read, context('change', aborter.signal), async () => 1);
    const rejected = expect(call).rejects.toThrow('enough');
    aborter.abort(new Error('enough'));
    await rejected;
    expect(gate.snapshot()[0]?.budget.waiting.change).toBe(0);
  });
});
