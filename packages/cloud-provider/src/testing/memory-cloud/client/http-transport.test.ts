import { type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { FencedError } from '../../../base/fenced-error.ts';
import { FakeClock } from '../../fake-clock.ts';
import { MemoryCloud } from '../cloud/memory-cloud.ts';
import { startCloudServer } from '../cloud/http-server.ts';
import { httpTransport } from './http-transport.ts';

const caller = { cluster: 'test' };
const { signal } = new AbortController();
const pass = (): void => {};

/** A cloud that answers when it is told to. */
async function slowCloud() {
  const waiting: ServerResponse[] = [];
  let told: (() => void) | undefined;
  const server = createServer((request, response) => {
    request.resume();
    waiting.push(response);
    told?.();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    waiting,
    async arrivals(count: number): Promise<void> {
      while (waiting.length < count) await new Promise<void>((resolve) => (told = resolve));
    },
    answerAll(): void {
      for (const response of waiting) response.end('{}');
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('a cloud over HTTP', () => {
  it('answers, also with a refusal', async () => {
    const cloud = new MemoryCloud({ clock: new FakeClock(), ownerTag: 'owner' });
    await using server = await startCloudServer(cloud);
    const transport = httpTransport(server.endpoint);
    const account = await transport.send({ operation: 'GetAccount', caller, input: {} }, signal, pass);
    expect(account.kind).toBe('accepted');
    const missing = await transport.send({ operation: 'GetInstance', caller, input: { id: 'm-1' } }, signal, pass);
    expect(missing).toMatchObject({ kind: 'refused', code: 'NotFound' });
    await transport.close();
  });

  it('is not sent what waited for a connection until it was no longer allowed', async () => {
    await using cloud = await slowCloud();
    const transport = httpTransport(cloud.endpoint);
    const send = (beforeSend: () => void) =>
      transport.send({ operation: 'DescribeNetwork', caller, input: {} }, signal, beforeSend);
    const all = 64;
    const holding = Array.from({ length: all }, () => send(pass));
    await cloud.arrivals(all);
    const held = { fence: true };
    const late = send(() => {
      if (!held.fence) throw new FencedError('the lease is lost');
    });
    const refused = expect(late).rejects.toThrow(FencedError);
    held.fence = false;
    cloud.answerAll();
    await Promise.all(holding);
    await refused;
    expect(cloud.waiting).toHaveLength(all);
    await transport.close();
  });
});
