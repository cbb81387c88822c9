import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../fake-clock.ts';
import { startHoldingServer } from '../../holding-server.ts';
import { startCloudServer } from '../cloud/http-server.ts';
import { MemoryCloud } from '../cloud/memory-cloud.ts';
import { httpTransport } from './http-transport.ts';

const caller = { cluster: 'test' };
const { signal } = new AbortController();
const pass = (): void => {};

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

  it('asks for each request by itself, and says what it was told', async () => {
    await using server = await startHoldingServer();
    server.answerAll();
    const transport = httpTransport(server.url);
    const send = (beforeSend: () => void) =>
      transport.send({ operation: 'DescribeNetwork', caller, input: {} }, signal, beforeSend);
    const lost = new Error('the lease is lost');
    const withhold = (): never => {
      throw lost;
    };
    const sent = await Promise.allSettled([send(withhold), send(pass), send(withhold), send(pass)]);
    const rejected = { status: 'rejected', reason: lost };
    const fulfilled = { status: 'fulfilled', value: {} };
    expect(sent).toEqual([rejected, fulfilled, rejected, fulfilled]);
    expect(server.arrived).toHaveLength(2);
    await transport.close();
  });
});
