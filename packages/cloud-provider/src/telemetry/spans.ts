/** What a span says about its work. */
export type SpanAttributes = Readonly<Record<string, string | number>>;

/** What of OpenTelemetry's API is used. Source: @opentelemetry/api 1, Tracer and Span. */
interface Span {
  setStatus(status: { readonly code: number; readonly message: string }): unknown;
  recordException(exception: { readonly name: string; readonly message: string }): void;
  end(): void;
}

interface TracerProvider {
  getTracer(name: string): {
    startActiveSpan<Result>(
      name: string,
      options: { readonly attributes: SpanAttributes },
      work: (span: Span) => Result,
    ): Result;
  };
}

/** Where the API keeps what was registered with it, for every copy of major version 1 in the process. */
const registered = Symbol.for('opentelemetry.js.api.1');
const statusError = 2;
const instrumentation = '@ccm-ts/cloud-provider';

/**
 * Does work within a span of OpenTelemetry, as a child of the span that is active. Where nobody has registered a provider of
 * tracers with `@opentelemetry/api`, which a program does that is loaded by `node --import`, it only does the work. A
 * rejection is recorded and passed on.
 */
export function withSpan<Result>(
  name: string,
  attributes: SpanAttributes,
  work: () => Promise<Result>,
): Promise<Result> {
  const provider = registeredProvider();
  if (!provider) return work();
  return provider.getTracer(instrumentation).startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work();
    } catch (error) {
      const { name: kind, message } = error instanceof Error ? error : new Error(String(error));
      span.recordException({ name: kind, message });
      span.setStatus({ code: statusError, message });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Looked up each time, as the API itself does: a provider may be registered late, or taken away. */
function registeredProvider(): TracerProvider | undefined {
  const api: unknown = Reflect.get(globalThis, registered);
  if (typeof api !== 'object' || api === null || !('trace' in api)) return undefined;
  // The API puts nothing else there.
  return api.trace as TracerProvider;
}
