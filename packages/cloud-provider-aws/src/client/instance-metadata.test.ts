import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { Duration } from '@ccm-ts/cloud-provider';
import { FakeClock } from '@ccm-ts/cloud-provider/testing';
import { InstanceMetadata } from './instance-metadata.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** The service on loopback: gives tokens, and answers a question with its path. */
async function serve(answer: Answer) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    asked,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const wellBehaved: Answer = (request, response) => {
  if (request.method === 'PUT') {
    const hasLife = request.headers['x-aws-ec2-metadata-token-ttl-seconds'] !== undefined;
    response.writeHead(hasLife ? 200 : 400).end('token-1');
  } else if (request.headers['x-aws-ec2-metadata-token'] !== 'token-1') response.writeHead(401).end();
  else if (request.url?.endsWith('/unknown')) response.writeHead(404).end('Not Found');
  else response.end('eu-test-1\n');
};
const { signal } = new AbortController();

describe('the instance metadata service', () => {
  it('is asked with one token', async () => {
    await using server = await serve(wellBehaved);
    const metadata = new InstanceMetadata({ url: `${server.url}/`, clock: new FakeClock() });
    expect(await metadata.read('placement/region', signal)).toBe('eu-test-1');
    expect(await metadata.read('unknown', signal)).toBeUndefined();
    expect(server.asked).toEqual([
      'PUT /latest/api/token',
      'GET /latest/meta-data/placement/region',
      'GET /latest/meta-data/unknown',
    ]);
  });

  it('is asked again when it has a bad moment', async () => {
    let bad = 2;
    await using server = await serve((request, response) => {
      if (bad-- > 0) response.writeHead(503).end();
      else wellBehaved(request, response);
    });
    const metadata = new InstanceMetadata({ url: server.url, clock: new FakeClock() });
    expect(await metadata.read('placement/region', signal)).toBe('eu-test-1');
    expect(server.asked).toHaveLength(4);
  });

  it('is not waited for longer than a second a try', async () => {
    const clock = new FakeClock();
    let arrived = Promise.withResolvers<void>();
    await using server = await serve(() => arrived.resolve());
    const reading = new InstanceMetadata({ url: server.url, clock }).read('placement/region', signal);
    const outcome = expect(reading).rejects.toMatchObject({
      code: 'Unavailable',
      message: expect.stringContaining('no answer within a second'),
    });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await arrived.promise;
      arrived = Promise.withResolvers<void>();
      await clock.advance(Duration.seconds(1));
    }
    await outcome;
    expect(server.asked).toHaveLength(3);
  });

  it('says when it refuses', async () => {
    await using server = await serve((_request, response) => response.writeHead(403).end());
    const metadata = new InstanceMetadata({ url: server.url, clock: new FakeClock() });
    await expect(metadata.read('instance-id', signal)).rejects.toMatchObject({
      message: expect.stringContaining('403'),
    });
  });

  it('is left when the manager ends', async () => {
    const controller = new AbortController();
    await using server = await serve(() => controller.abort(new Error('ending')));
    const metadata = new InstanceMetadata({ url: server.url, clock: new FakeClock() });
    await expect(metadata.read('instance-id', controller.signal)).rejects.toThrow('ending');
    expect(server.asked).toHaveLength(1);
  });
});
