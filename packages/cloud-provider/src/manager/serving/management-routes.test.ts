import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { HealthChecks } from '../../telemetry/health.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import { managementRoutes } from './management-routes.ts';

const [healthz, livez, readyz] = ['healthz', 'livez', 'readyz'].map((name) => new HealthChecks(name));
const metrics = new MetricRegistry();
metrics.counter('service_controller_nodesync_error_total', {}).increment();

const routes = managementRoutes(
  {
    healthz: healthz!,
    livez: livez!,
    readyz: readyz!,
    status: () => {
      throw new Error('nobody asked for it');
    },
  },
  metrics,
);

describe('metrics', () => {
  it.each([
    ['', 'plain'],
    ['gzip', 'packed'],
    ['deflate, GZIP;q=0.5', 'packed'],
    ['gzip;q=0', 'plain'],
    ['gzip; q=0.0, identity', 'plain'],
    ['x-gzipped', 'plain'],
  ])('come to one who accepts %j in the form %s', async (acceptEncoding, form) => {
    const signal = new AbortController().signal;
    const request = { path: '/metrics', query: new URLSearchParams(), accept: '', acceptEncoding, signal };
    const answer = await routes['/metrics']!(request);
    expect(answer.headers?.['process-start-time-unix']).toMatch(/^\d{10}$/);
    const { body } = answer;
    const text =
      body instanceof Readable ? gunzipSync(Buffer.concat((await body.toArray()) as Buffer[])).toString() : body;
    expect(text).toContain('service_controller_nodesync_error_total 1');
    expect([body instanceof Readable, answer.headers?.['content-encoding']]).toEqual(
      form === 'packed' ? [true, 'gzip'] : [false, undefined],
    );
  });
});
