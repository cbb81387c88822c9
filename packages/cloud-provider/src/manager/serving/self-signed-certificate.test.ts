import { X509Certificate } from 'node:crypto';
import { createServer, request } from 'node:https';
import { describe, expect, it } from '@jest/globals';
import { makeSelfSignedCertificate } from './self-signed-certificate.ts';

const options = { hosts: ['localhost'], addresses: ['127.0.0.1'], now: new Date() };

describe('makeSelfSignedCertificate', () => {
  it('is valid now, for its names, and signed by itself', () => {
    const { certificate } = makeSelfSignedCertificate(options);
    const parsed = new X509Certificate(certificate);
    expect(parsed.verify(parsed.publicKey)).toBe(true);
    expect(parsed.checkHost('localhost')).toBe('localhost');
    expect(parsed.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(parsed.validFromDate.getTime()).toBeLessThan(Date.now());
    expect(parsed.validToDate.getTime()).toBeGreaterThan(Date.now() + 300 * 86_400_000);
  });

  it('serves TLS that a client verifies', async () => {
    const { certificate, key } = makeSelfSignedCertificate(options);
    const server = createServer({ cert: certificate, key }, (_, response) => response.end('hello'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const body = await new Promise<string>((resolve, reject) => {
      request({ host: '127.0.0.1', port, ca: certificate, agent: false }, (response) => {
        response.setEncoding('utf8');
        response.on('data', resolve);
      })
        .on('error', reject)
        .end();
    });
    server.closeAllConnections();
    server.close();
    expect(body).toBe('hello');
  });

  it('differs each time', () => {
    const [a, b] = [makeSelfSignedCertificate(options), makeSelfSignedCertificate(options)];
    expect(new X509Certificate(a.certificate).serialNumber).not.toBe(new X509Certificate(b.certificate).serialNumber);
  });
});
