import { describe, expect, it } from '@jest/globals';
import type { ObjectReference } from '../../api/event.ts';
import { Duration } from '../../base/duration.ts';
import { createLogger } from '../../telemetry/logger.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { ApiError, type ApiErrorKind } from '../client/api-error.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { type EventContent, createEventRecorder } from './event-recorder.ts';

const service: ObjectReference = {
  apiVersion: 'v1',
  kind: 'Service',
  namespace: 'shop',
  name: 'web',
  uid: 'u1',
  resourceVersion: '7',
  fieldPath: '',
};
const node: ObjectReference = { ...service, kind: 'Node', namespace: '', name: 'node-1', uid: 'u2' };
const content: EventContent = {
  type: 'Warning',
  reason: 'SyncFailed',
  action: 'Sync',
  note: 'the cloud refused',
};

type Stored = {
  metadata: { name: string; namespace: string };
  series?: { count: number; lastObservedTime: string };
} & Record<string, unknown>;

/** Stores Events; a test may make requests fail or hang. */
class EventStore {
  readonly stored = new Map<string, Stored>();
  readonly requests: string[] = [];
  underWay = 0;
  mostUnderWay = 0;
  trouble: (verb: string) => Promise<void> | void = () => undefined;
  /** The request is done, then this happens. */
  afterwards: (verb: string) => Promise<void> | void = () => undefined;

  get all(): readonly Stored[] {
    return [...this.stored.values()];
  }

  get client(): KubeClient {
    const pass = async <T>(verb: string, work: () => T): Promise<T> => {
      this.requests.push(verb);
      this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay);
      try {
        await this.trouble(verb);
        const result = work();
        await this.afterwards(verb);
        return result;
      } finally {
        this.underWay--;
      }
    };
    const client = {
      create: (_: unknown, object: Stored) =>
        pass('create', () => {
          if (this.stored.has(object.metadata.name))
            throw new ApiError('exists', { kind: 'alreadyExists', status: 409 });
          this.stored.set(object.metadata.name, object);
          return object;
        }),
      patch: (_: unknown, { name }: { name: string }, patch: { body: Partial<Stored> }) =>
        pass('patch', () => {
          const stored = this.stored.get(name);
          if (!stored) throw new ApiError('gone', { kind: 'notFound', status: 404 });
          Object.assign(stored, patch.body);
          return { resourceVersion: '1' };
        }),
    };
    return client as unknown as KubeClient;
  }
}

function setUp(options: { maxWaiting?: number } = {}) {
  const clock = new FakeClock();
  const store = new EventStore();
  const metrics = new MetricRegistry();
  const log: string[] = [];
  const recorder = createEventRecorder({
    client: store.client,
    component: 'service-controller',
    instance: 'host_1',
    clock,
    logger: createLogger({ format: 'text', level: 'info', clock, sink: (line) => log.push(line) }),
    metrics,
    ...options,
  });
  const dropped = async (cause: string): Promise<number> => {
    const match = new RegExp(`ccm_events_dropped_total{cause="${cause}"} (\\d+)`).exec(await metrics.render());
    return Number(match?.[1] ?? 0);
  };
  return { clock, store, recorder, log, dropped };
}

const failing =
  (kind: ApiErrorKind, options: { retryAfter?: Duration } = {}) =>
  () =>
    Promise.reject(new ApiError(kind, { kind, ...options }));

describe('one Event', () => {
  it('is written as the API server wants it', async () => {
    const { clock, store, recorder } = setUp();
    recorder.event(service, content);
    recorder.event(node, { ...content, type: 'Normal' });
    await clock.settle();
    expect(store.all).toEqual([
      {
        metadata: { name: expect.stringMatching(/^web\.[0-9a-f]+$/), namespace: 'shop' },
        eventTime: '2026-01-01T00:00:00.000000Z',
        reportingController: 'service-controller',
        reportingInstance: 'host_1',
        action: 'Sync',
        reason: 'SyncFailed',
        regarding: service,
        note: 'the cloud refused',
        type: 'Warning',
      },
      expect.objectContaining({
        metadata: { name: expect.stringMatching(/^node-1\.[0-9a-f]+$/), namespace: 'default' },
        regarding: node,
        type: 'Normal',
      }),
    ]);
  });

  it('has a note of at most 1024 bytes, cut at a whole character', async () => {
    const { clock, store, recorder } = setUp();
    recorder.event(service, { ...content, note: 'ä'.repeat(1000) });
    recorder.event(node, { ...content, note: '🙂'.repeat(1000) });
    await clock.settle();
    for (const { note } of store.all as unknown as { note: string }[]) {
      expect(Buffer.byteLength(note)).toBeLessThanOrEqual(1024);
      expect(Buffer.byteLength(note)).toBeGreaterThan(1015);
      expect(note).toMatch(/^(ä+|🙂+)…$/u);
    }
  });

  it.each([
    ['web', /^web\.[0-9a-f]+$/],
    ['Not_A_Subdomain', /^service\.[0-9a-f]+$/],
    ['', /^service\.[0-9a-f]+$/],
    ['a'.repeat(253), /^a+\.[0-9a-f]+$/],
  ])('about %s has a valid name', async (name, pattern) => {
    const { clock, store, recorder } = setUp();
    recorder.event({ ...service, name }, content);
    await clock.settle();
    expect(store.all[0]?.metadata.name).toMatch(pattern);
    expect(store.all[0]?.metadata.name.length).toBeLessThanOrEqual(253);
  });
});

describe('Events of one moment', () => {
  it('have different names, whoever says them', async () => {
    const clock = new FakeClock();
    const store = new EventStore();
    const logger = createLogger({ format: 'text', level: 'info', clock, sink: () => undefined });
    for (const component of ['node-controller', 'service-controller']) {
      const recorder = createEventRecorder({ client: store.client, component, instance: 'host_1', clock, logger });
      recorder.event(service, content);
      recorder.event(service, { ...content, note: 'other' });
    }
    await clock.settle();
    expect(store.all).toHaveLength(4);
  });
});

describe('a repeated Event', () => {
  it('becomes a series: patched at once for the first ten repetitions, then once a minute', async () => {
    const { clock, store, recorder } = setUp();
    recorder.event(service, content);
    await clock.settle();
    for (let second = 1; second <= 150; second++) {
      await clock.advance(Duration.seconds(1));
      recorder.event(service, content);
    }
    await clock.settle();
    // Ten at once, one for each minute that has passed, and one by each sweep for what could wait.
    expect(store.requests).toEqual(['create', ...Array.from({ length: 14 }, () => 'patch')]);
    await clock.advance(Duration.minutes(1));
    expect(store.all).toHaveLength(1);
    expect(store.all[0]?.series).toEqual({ count: 151, lastObservedTime: '2026-01-01T00:02:30.000000Z' });
  });

  it('is a new one when it comes more than six minutes later', async () => {
    const { clock, store, recorder } = setUp();
    recorder.event(service, content);
    await clock.advance(Duration.minutes(6));
    recorder.event(service, content);
    await clock.advance(Duration.milliseconds(6 * 60_000 + 1));
    recorder.event(service, content);
    await clock.settle();
    expect(store.all.map(({ series }) => series?.count)).toEqual([2, undefined]);
  });

  it.each<[string, Partial<EventContent>]>([
    ['note', { note: 'other' }],
    ['reason', { reason: 'Other' }],
    ['type', { type: 'Normal' }],
    ['action', { action: 'Other' }],
  ])('is another one when its %s differs', async (_, change) => {
    const { clock, store, recorder } = setUp();
    recorder.event(service, content);
    recorder.event(service, { ...content, ...change });
    recorder.event({ ...service, uid: 'recreated' }, content);
    await clock.settle();
    expect(store.all).toHaveLength(3);
  });

  it('counts what came while it was being created', async () => {
    const { clock, store, recorder } = setUp();
    store.trouble = () => clock.sleep(Duration.seconds(1));
    for (let count = 0; count < 5; count++) recorder.event(service, content);
    await clock.advance(Duration.seconds(3));
    expect(store.requests).toEqual(['create', 'patch']);
    expect(store.all[0]?.series?.count).toBe(5);
  });

  it('is begun anew when the API server has forgotten it', async () => {
    const { clock, store, recorder } = setUp();
    recorder.event(service, content);
    await clock.settle();
    store.stored.clear();
    recorder.event(service, content);
    await clock.settle();
    expect(store.requests).toEqual(['create', 'patch', 'create']);
    expect(store.all[0]?.series?.count).toBe(2);
  });

  it('keeps no timer and no memory of what is over', async () => {
    const { clock, recorder } = setUp();
    recorder.event(service, content);
    await clock.advance(Duration.minutes(10));
    expect(clock.pending()).toBe(0);
  });
});

describe('too many Events', () => {
  it('about one object are dropped after 25, but for one each five minutes', async () => {
    const { clock, store, recorder, dropped } = setUp();
    for (let number = 0; number < 40; number++) recorder.event(service, { ...content, note: `failure ${number}` });
    recorder.event(node, content);
    await clock.settle();
    expect(store.all).toHaveLength(26);
    expect(await dropped('spam')).toBe(15);
    await clock.advance(Duration.minutes(5));
    recorder.event(service, { ...content, note: 'next' });
    recorder.event(service, { ...content, note: 'too early' });
    await clock.settle();
    expect(store.all).toHaveLength(27);
  });

  it('wait in a bounded line and are written a few at a time', async () => {
    const { clock, store, recorder, dropped } = setUp({ maxWaiting: 10 });
    store.trouble = () => clock.sleep(Duration.seconds(1));
    for (let number = 0; number < 20; number++) recorder.event({ ...service, name: `web-${number}` }, content);
    expect(store.underWay).toBe(2);
    await clock.advance(Duration.seconds(10));
    expect(store.all).toHaveLength(12);
    expect(store.mostUnderWay).toBe(2);
    expect(await dropped('overflow')).toBe(8);
  });
});

describe('failures', () => {
  it('that may pass are tried again, not before the server wants it', async () => {
    const { clock, store, recorder, dropped } = setUp();
    store.trouble = failing('tooManyRequests', { retryAfter: Duration.seconds(9) });
    recorder.event(service, content);
    await clock.advance(Duration.seconds(8));
    expect(store.requests).toHaveLength(1);
    store.trouble = () => undefined;
    await clock.advance(Duration.seconds(1));
    expect(store.all).toHaveLength(1);
    expect(await dropped('error')).toBe(0);
  });

  it('that last are given up and counted; the next one is tried as new', async () => {
    const { clock, store, recorder, dropped, log } = setUp();
    store.trouble = failing('unavailable');
    recorder.event(service, content);
    await clock.advance(Duration.minutes(1));
    expect(store.requests).toHaveLength(5);
    expect(await dropped('error')).toBe(1);
    expect(log.join('')).toContain('reason="SyncFailed"');
    store.trouble = () => undefined;
    recorder.event(service, content);
    await clock.settle();
    expect(store.all).toHaveLength(1);
    expect(store.all[0]?.series).toBeUndefined();
  });

  it('that cannot pass are not tried again', async () => {
    const { clock, store, recorder, dropped } = setUp();
    store.trouble = failing('forbidden');
    recorder.event(service, content);
    await clock.advance(Duration.minutes(1));
    expect(store.requests).toHaveLength(1);
    expect(await dropped('error')).toBe(1);
  });

  it('do not make two Events of one when a reply was lost', async () => {
    const { clock, store, recorder, dropped } = setUp();
    let lost = 0;
    store.afterwards = () => {
      if (lost++ === 0) throw new ApiError('cut', { kind: 'connectionFailed' });
    };
    recorder.event(service, content);
    recorder.event(service, content);
    await clock.advance(Duration.seconds(5));
    expect(store.all).toHaveLength(1);
    expect(store.all[0]?.series?.count).toBe(2);
    expect(await dropped('error')).toBe(0);
  });

  it('never reach the caller', async () => {
    const { recorder, dropped } = setUp();
    expect(() => recorder.event(undefined as never, content)).not.toThrow();
    expect(await dropped('error')).toBe(1);
  });
});

describe('flush', () => {
  it('resolves at once when nothing waits', async () => {
    const { clock, recorder } = setUp();
    await recorder.flush(Duration.seconds(1));
    expect(clock.pending()).toBe(0);
  });

  it('writes what waits, counts of repetitions too', async () => {
    const { clock, store, recorder } = setUp();
    // More than are written at once.
    for (let count = 1; count <= 12; count++) recorder.event(service, content);
    await clock.settle();
    recorder.event(service, content);
    store.trouble = () => clock.sleep(Duration.seconds(1));
    let isFlushed = false;
    void recorder.flush(Duration.seconds(10)).then(() => {
      isFlushed = true;
    });
    recorder.event(service, content);
    await clock.advance(Duration.milliseconds(900));
    expect(isFlushed).toBe(false);
    await clock.advance(Duration.seconds(2));
    expect(isFlushed).toBe(true);
    expect(store.all[0]?.series?.count).toBe(14);
  });

  it('gives up at the deadline and counts what was left', async () => {
    const { clock, store, recorder, dropped } = setUp();
    store.trouble = failing('connectionFailed');
    for (let number = 0; number < 6; number++) recorder.event({ ...service, name: `web-${number}` }, content);
    const flushed = recorder.flush(Duration.milliseconds(900));
    await clock.advance(Duration.milliseconds(900));
    await flushed;
    await clock.settle();
    expect(await dropped('shutdown')).toBe(6);
    expect(store.all).toEqual([]);
  });
});
