import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire } from 'node:module';
import { afterEach, describe, expect, it } from '@jest/globals';
import { withSpan } from './spans.ts';

interface Seen {
  readonly name: string;
  readonly attributes: unknown;
  readonly parent: string | undefined;
  status?: unknown;
  exception?: unknown;
  ended?: true;
}

/** The API itself, as prom-client has it. */
interface Api {
  readonly trace: { setGlobalTracerProvider(provider: unknown): boolean; disable(): void };
}
const api = createRequire(createRequire(import.meta.url).resolve('prom-client'))('@opentelemetry/api') as Api;

/** As much of an SDK as it takes to see what becomes of spans. */
function register(): Seen[] {
  const spans: Seen[] = [];
  const active = new AsyncLocalStorage<string>();
  const tracer = {
    startActiveSpan(name: string, options: { attributes: unknown }, work: (span: object) => unknown) {
      const seen: Seen = { name, attributes: options.attributes, parent: active.getStore() };
      spans.push(seen);
      const span = {
        setStatus: (status: unknown) => (seen.status = status),
        recordException: (exception: unknown) => (seen.exception = exception),
        end: () => (seen.ended = true),
      };
      return active.run(name, () => work(span));
    },
  };
  api.trace.setGlobalTracerProvider({ getTracer: () => tracer });
  return spans;
}

afterEach(() => api.trace.disable());

describe('withSpan', () => {
  it('only does the work where nobody looks', async () => {
    expect(await withSpan('work', {}, async () => 7)).toBe(7);
  });

  it('tells those that have registered with the API, from the parent to the child', async () => {
    const spans = register();
    const result = await withSpan('reconcile', { key: 'a' }, () => withSpan('call', { n: 1 }, async () => 7));
    expect(result).toBe(7);
    expect(spans).toEqual([
      { name: 'reconcile', attributes: { key: 'a' }, parent: undefined, ended: true },
      { name: 'call', attributes: { n: 1 }, parent: 'reconcile', ended: true },
    ]);
  });

  it('records failures and passes them on', async () => {
    const spans = register();
    const failing = withSpan('work', {}, async () => {
      throw new TypeError('broken');
    });
    await expect(failing).rejects.toThrow('broken');
    expect(spans).toMatchObject([
      {
        status: { code: 2, message: 'broken' },
        exception: { name: 'TypeError', message: 'broken' },
        ended: true,
      },
    ]);
  });

  it('takes no notice of a provider that is gone', async () => {
    const spans = register();
    api.trace.disable();
    await withSpan('work', {}, async () => 7);
    expect(spans).toEqual([]);
  });
});
