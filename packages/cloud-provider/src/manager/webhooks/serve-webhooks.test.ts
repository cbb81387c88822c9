import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Duration } from '../../base/duration.ts';
import { managerFlags } from '../../config/flags/manager-flags.ts';
import { parseFlags } from '../../config/flags/parse-flags.ts';
import { volumeLabelerDeclaration } from '../../config/webhook-names.ts';
import { createLogger } from '../../telemetry/logger.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { makeSelfSignedCertificate } from '../serving/self-signed-certificate.ts';
import { serveWebhooks } from './serve-webhooks.ts';
import type { WebhookServer } from './webhook-server.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'serve-webhooks-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const clock = new FakeClock();
const metrics = new MetricRegistry();
let log = '';

function serve(...argv: string[]): Promise<WebhookServer> {
  const parsed = parseFlags(managerFlags, ['--webhook-bind-address=127.0.0.1', '--webhook-secure-port=0', ...argv]);
  if (parsed.kind !== 'parsed') throw new Error(parsed.message);
  return serveWebhooks({
    flags: parsed.values,
    webhooks: [volumeLabelerDeclaration],
    provider: () => undefined,
    clock,
    logger: createLogger({ format: 'text', level: 'info', sink: (line) => (log += line), clock }),
    metrics,
  });
}

async function certificateAt(port: number): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
}

function writePair(certificate: string, key: string): string {
  const made = makeSelfSignedCertificate({ hosts: ['localhost'], addresses: ['127.0.0.1'], now: clock.now() });
  writeFileSync(key, made.key);
  writeFileSync(certificate, made.certificate);
  return new X509Certificate(made.certificate).serialNumber;
}

describe('serveWebhooks', () => {
  it('makes a pair in its folder, and serves another as soon as it is there', async () => {
    await using server = await serve(`--webhook-cert-dir=${folder}`);
    const [certificate, key] = [
      join(folder, 'cloud-controller-manager.crt'),
      join(folder, 'cloud-controller-manager.key'),
    ];
    const first = new X509Certificate(readFileSync(certificate)).serialNumber;
    expect(await certificateAt(server.port)).toBe(first);
    const second = writePair(certificate, key);
    do {
      await clock.advance(Duration.seconds(10));
    } while ((await certificateAt(server.port)) === first);
    expect(await certificateAt(server.port)).toBe(second);
    expect(await metrics.render()).toContain('ccm_certificate_reloads_total{use="webhooks",outcome="taken"} 1');
  });

  it('goes on with the former certificate when the new one is none', async () => {
    const [certificate, key] = [join(folder, 'own.crt'), join(folder, 'own.key')];
    const serial = writePair(certificate, key);
    await using server = await serve(`--webhook-tls-cert-file=${certificate}`, `--webhook-tls-private-key-file=${key}`);
    writeFileSync(certificate, 'nonsense');
    while (!log.includes("The new certificates of webhooks can't be used")) {
      await clock.advance(Duration.seconds(10));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await certificateAt(server.port)).toBe(serial);
    expect(await metrics.render()).toContain('ccm_certificate_reloads_total{use="webhooks",outcome="refused"} 1');
  });

  it('names the flag of a certificate that can not be used', async () => {
    const [certificate, key] = [join(folder, 'bad.crt'), join(folder, 'bad.key')];
    writePair(certificate, key);
    const swapped = serve(`--webhook-tls-cert-file=${key}`, `--webhook-tls-private-key-file=${certificate}`);
    await expect(swapped).rejects.toMatchObject({
      faults: [{ field: '--webhook-tls-cert-file', fix: expect.stringContaining('swap them') }],
    });
  });

  it('knows named certificates', async () => {
    const [certificate, key] = [join(folder, 'named.crt'), join(folder, 'named.key')];
    const serial = writePair(certificate, key);
    await using server = await serve(`--webhook-tls-sni-cert-key=${certificate},${key}:hooks.example.com`);
    const socket = connect({
      host: '127.0.0.1',
      port: server.port,
      servername: 'hooks.example.com',
      rejectUnauthorized: false,
    });
    await once(socket, 'secureConnect');
    expect(socket.getPeerCertificate().serialNumber).toBe(serial);
    socket.destroy();
    expect(await certificateAt(server.port)).not.toBe(serial);
  });
});
