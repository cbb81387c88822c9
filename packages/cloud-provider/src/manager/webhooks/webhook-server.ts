import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import type { AdmissionRequest, AdmissionVerdict } from '../../cloud/provider-webhook.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import { withSpan } from '../../telemetry/spans.ts';
import { limitConnections } from '../serving/connection-limit.ts';
import { paceConnections } from '../serving/paced-connection.ts';
import { prepareTls, type TlsMaterial, type TlsServing } from '../serving/tls-serving.ts';
import { answerReview, parseAdmissionReview } from './admission-review.ts';
import { type BodyLimits, BodyStore } from './body-store.ts';

/** A webhook as the server knows it. */
export interface ServedWebhook {
  readonly name: string;
  readonly path: string;
  /** Throws when it can't tell. */
  admit(request: AdmissionRequest, limits: AdmissionLimits): Promise<AdmissionVerdict>;
}

/** How long a verdict is waited for. */
export interface AdmissionLimits {
  /** Aborted at the timeout, and when the API server hangs up. */
  readonly signal: AbortSignal;
  readonly timeout: Duration;
}

export interface WebhookServerOptions {
  /** An address; empty for all of this host. */
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly tls: TlsServing;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricRegistry;
  /** @default 8 MiB each, 32 MiB together: the API server takes objects of 3 MiB, and a review may hold two */
  readonly bodies?: BodyLimits;
}

/** A running server of admission webhooks. */
export interface WebhookServer extends AsyncDisposable {
  readonly port: number;
  /** Takes other certificates for the connections from now on. Throws for such as can't be used; the former ones stay then. */
  replaceTls(material: TlsMaterial): void;
}

interface Reply {
  readonly status: number;
  readonly contentType: 'application/json' | 'text/plain; charset=utf-8';
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const mebibyte = 1024 * 1024;
const maxConnections = 256;
const serverLimits = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16_384,
  handshakeTimeout: 10_000,
};
/** The API server's own default, and the most that it can be set to. Source: admissionregistration.k8s.io/v1. */
const usualTimeout = Duration.seconds(10);
const longestTimeout = Duration.seconds(30);
const endDeadline = Duration.seconds(2);

/**
 * Serves admission webhooks by HTTPS. As in the Go managers anybody who reaches the port may ask: the API server shows no
 * certificate unless it is told to, and a verdict tells no secrets. Rejects when the address can't be listened on.
 */
export async function startWebhookServer(
  webhooks: readonly ServedWebhook[],
  options: WebhookServerOptions,
): Promise<WebhookServer> {
  const bodies = new BodyStore(options.bodies ?? { each: 8 * mebibyte, together: 32 * mebibyte });
  const prepared = prepareTls(options.tls);
  const server = createServer({ ...serverLimits, ...prepared.options }, (request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const webhook = webhooks.find((each) => each.path === path);
    if (!webhook) {
      send(
        response,
        text(404, `there is no webhook at this path; there is ${webhooks.map((each) => each.path).join(', ')}`),
      );
      return;
    }
    void serve(webhook, { options, bodies, request, response });
  });
  paceConnections(server);
  limitConnections(server, maxConnections);
  const port = await listen(server, options);
  return {
    port,
    replaceTls: (material) => prepared.replace(server, material),
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const cancel = options.clock.schedule(endDeadline, () => server.closeAllConnections());
      await closed;
      cancel();
    },
  };
}

interface Exchange {
  readonly options: WebhookServerOptions;
  readonly bodies: BodyStore;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Answers and counts. Never rejects. */
async function serve(webhook: ServedWebhook, exchange: Exchange): Promise<void> {
  const { clock, logger, metrics } = exchange.options;
  const start = clock.monotonic();
  const reply = await answer(webhook, exchange).catch((error: unknown) => {
    logger.error('An admission webhook failed', { webhook: webhook.name, error });
    return text(500, `${webhook.name} can't tell: ${error instanceof Error ? error.message : String(error)}`);
  });
  const labels = { code: String(reply.status), webhook: webhook.name };
  metrics.counter('cloud_provider_webhook_request_total', labels).increment();
  metrics
    .histogram('cloud_provider_webhook_request_duration_seconds', labels)
    .observe((clock.monotonic() - start) / 1000);
  send(exchange.response, reply);
}

async function answer(webhook: ServedWebhook, exchange: Exchange): Promise<Reply> {
  const { request, bodies } = exchange;
  if (request.method !== 'POST') return { ...text(405, 'AdmissionReviews come by POST'), headers: { allow: 'POST' } };
  const contentType = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (contentType !== 'application/json') return text(400, 'the content type must be application/json');
  const body = await bodies.read(request);
  switch (body.kind) {
    case 'tooLarge':
      return text(413, 'the AdmissionReview is too large');
    case 'full':
      return { ...text(503, 'too many AdmissionReviews at once'), headers: { 'retry-after': '1' } };
    case 'broken':
      return text(400, 'the request broke off');
    case 'body':
  }
  try {
    const parsed = parseAdmissionReview(body.text);
    if (parsed.kind === 'malformed') return text(400, parsed.reason);
    return await judge(webhook, parsed.request, exchange);
  } finally {
    body.release();
  }
}

async function judge(webhook: ServedWebhook, review: AdmissionRequest, exchange: Exchange): Promise<Reply> {
  const { options, request, response } = exchange;
  const timeout = timeoutOf(request);
  const ending = new AbortController();
  const cancel = options.clock.schedule(timeout, () =>
    ending.abort(new Error(`no verdict within ${timeout.toString()}`)),
  );
  const hangUp = (): void => ending.abort(new Error('the API server hung up'));
  response.once('close', hangUp);
  try {
    const { signal } = ending;
    const admitted = withSpan(`admit ${webhook.name}`, { operation: review.operation, name: review.name }, () =>
      webhook.admit(review, { signal, timeout }),
    );
    const verdict = await untilAborted(admitted, signal);
    return { status: 200, contentType: 'application/json', body: answerReview(review.uid, verdict) };
  } finally {
    cancel();
    response.off('close', hangUp);
  }
}

/** The API server says how long it waits. */
function timeoutOf(request: IncomingMessage): Duration {
  const asked = URL.parse(request.url ?? '/', 'https://localhost')?.searchParams.get('timeout') ?? '';
  const timeout = Duration.parse(asked);
  return timeout && timeout.milliseconds > 0 ? timeout.min(longestTimeout) : usualTimeout;
}

/** Webhooks that don't honour the signal are not waited for all the same. */
function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const fail = (): void =>
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted', { cause: signal.reason }));
    if (signal.aborted) fail();
    signal.addEventListener('abort', fail, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', fail));
  });
}

function listen(server: Server, { host, port, logger }: WebhookServerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(host === '' ? { port } : { port, host }, () => {
      server.off('error', reject);
      server.on('error', (error) => logger.error('The webhook server failed', { error }));
      // A server that listens on a port has an address with a port.
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function text(status: number, body: string): Reply {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${body}\n` };
}

function send(response: ServerResponse, reply: Reply): void {
  if (response.destroyed) return;
  // What of a refused body is still on its way is not read: the connection ends with the answer.
  const isUnread = !response.req.complete;
  response.writeHead(reply.status, {
    ...reply.headers,
    'content-type': reply.contentType,
    'content-length': Buffer.byteLength(reply.body),
    'cache-control': 'no-cache, private',
    'x-content-type-options': 'nosniff',
    ...(isUnread && { connection: 'close' }),
  });
  response.end(reply.body);
}
