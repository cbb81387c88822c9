import { request } from 'node:https';
import { connect } from 'node:tls';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../base/clock.ts';
import type { AdmissionVerdict } from '../../cloud/provider-webhook.ts';
import { createLogger } from '../../telemetry/logger.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { makeSelfSignedCertificate } from '../serving/self-signed-certificate.ts';
import { type AdmissionLimits, type ServedWebhook, startWebhookServer, type WebhookServer } from './webhook-server.ts';

const main = makeSelfSignedCertificate({ hosts: ['localhost'], addresses: ['127.0.0.1'], now: new Date() });
const material = { certificates: { main, named: [] }, clientAuthorities: [] };

function reviewFor(object: unknown = {}): string {
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u-1',
      kind: { version: 'v1', kind: 'Thing' },
      resource: { version: 'v1', resource: 'things' },
      operation: 'CREATE',
      object,
    },
  });
}

let server: WebhookServer | undefined;
const clock = new FakeClock();
const metrics = new MetricRegistry();
let log = '';
let judge: (limits: AdmissionLimits) => Promise<AdmissionVerdict> = async () => ({ kind: 'allowed' });

async function start(): Promise<number> {
  const webhook: ServedWebhook = { name: 'judge', path: '/judge', admit: (_, limits) => judge(limits) };
  server ??= await startWebhookServer([webhook], {
    host: '127.0.0.1',
    port: 0,
    tls: { material, parameters: {}, asksForCertificates: 'no' },
    clock,
    logger: createLogger({ format: 'text', level: 'info', sink: (line) => (log += line), clock: systemClock }),
    metrics,
    bodies: { each: 2000, together: 3000 },
  });
  return server.port;
}

interface Sent {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function ask(body: string, sent: Sent = {}): Promise<{ status: number; body: string }> {
  const { path = '/judge', method = 'POST', headers = { 'content-type': 'application/json' } } = sent;
  const port = await start();
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method, headers, agent: false, rejectUnauthorized: false })
      .on('response', (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      })
      .on('error', reject)
      .end(body);
  });
}

afterEach(async () => {
  judge = async () => ({ kind: 'allowed' });
  await server?.[Symbol.asyncDispose]();
  server = undefined;
});

describe('the webhook server', () => {
  it('answers a review, and counts it as the Go managers do', async () => {
    judge = async () => ({ kind: 'allowed', warnings: ['mind'] });
    const { status, body } = await ask(reviewFor());
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ response: { uid: 'u-1', allowed: true, warnings: ['mind'] } });
    expect(await metrics.render()).toContain('cloud_provider_webhook_request_total{code="200",webhook="judge"} 1');
  });

  it.each([
    ['another path', reviewFor(), { path: '/other' }, 404, 'there is /judge'],
    ['a path that climbs', reviewFor(), { path: '/../judge' }, 404, ''],
    ['another method', '', { method: 'GET' }, 405, 'POST'],
    ['no content type', reviewFor(), { headers: {} }, 400, 'content type'],
    ['another content type', reviewFor(), { headers: { 'content-type': 'application/yaml' } }, 400, 'content type'],
    ['nothing', '', {}, 400, 'empty'],
    ['what is no JSON', '{]', {}, 400, 'not JSON'],
    ['an old version', reviewFor().replace('/v1"', '/v1beta1"'), {}, 400, 'admissionReviewVersions'],
    ['a review without a request', '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}', {}, 400, 'request'],
    ['too much', reviewFor('x'.repeat(3000)), {}, 413, 'too large'],
  ])('refuses %s', async (_, body, sent: Sent, status, message) => {
    const answer = await ask(body, sent);
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(message);
  });

  it('takes a charset for what it is', async () => {
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    expect((await ask(reviewFor(), { headers })).status).toBe(200);
  });

  it('refuses too much of it without a length', async () => {
    const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
    expect((await ask(reviewFor('x'.repeat(2500)), { headers })).status).toBe(413);
  });

  it('gets its refusal across while more is on its way', async () => {
    const port = await start();
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    socket.on('error', () => undefined);
    socket.write(
      'POST /judge HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
    socket.write(`bb8\r\n${' '.repeat(3000)}\r\n`);
    await once(socket, 'close');
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer.toLowerCase()).toContain('connection: close');
  });

  it('lets the failurePolicy decide when the webhook throws, and says why', async () => {
    judge = async () => {
      throw new Error('the cloud is away');
    };
    const { status, body } = await ask(reviewFor());
    expect(status).toBe(500);
    expect(body).toContain("judge can't tell: the cloud is away");
    expect(log).toContain('An admission webhook failed');
  });

  it('waits no longer than the API server does', async () => {
    let limits: AdmissionLimits | undefined;
    judge = (given) => {
      limits = given;
      return new Promise(() => undefined);
    };
    const asked = ask(reviewFor(), { path: '/judge?timeout=3s' });
    while (!limits) await new Promise((resolve) => setImmediate(resolve));
    expect(limits.timeout.toString()).toBe('3s');
    await clock.advance(limits.timeout);
    expect(await asked).toMatchObject({ status: 500, body: expect.stringContaining('no verdict within 3s') });
    expect(limits.signal.aborted).toBe(true);
  });

  it('ends the work for an API server that hung up', async () => {
    const port = await start();
    const aborted = new Promise<void>((resolve) => {
      judge = ({ signal }) => {
        signal.addEventListener('abort', () => resolve());
        socket.destroy();
        return new Promise(() => undefined);
      };
    });
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const body = reviewFor();
    socket.write(
      `POST /judge HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await aborted;
  });

  it('holds no more than it may of many slow requests, and recovers', async () => {
    const port = await start();
    const slow = await Promise.all(
      [1, 2].map(async () => {
        const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
        await once(socket, 'secureConnect');
        socket.write(
          `POST /judge HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1900\r\n\r\n${' '.repeat(1400)}`,
        );
        return socket;
      }),
    );
    let status = 200;
    while (status === 200) ({ status } = await ask(reviewFor('x'.repeat(500))));
    expect(status).toBe(503);
    for (const socket of slow) socket.destroy();
    while (status === 503) ({ status } = await ask(reviewFor('x'.repeat(500))));
    expect(status).toBe(200);
  });

  it('outlives bytes that are no HTTP', async () => {
    const port = await start();
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    socket.resume();
    socket.write('\0\0\0 nonsense\r\n\r\n');
    await once(socket, 'close');
    expect((await ask(reviewFor())).status).toBe(200);
  });
});
