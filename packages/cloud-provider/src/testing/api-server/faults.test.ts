import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Duration } from '../../base/duration.ts';
import { FakeClock } from '../fake-clock.ts';
import { startApiServer } from './api-server.ts';
import type { ApiServer } from './api-server.ts';
import { isJsonList } from './json.ts';
import { RawClient } from './raw-client.ts';

const nodes = '/api/v1/nodes';

describe('faults', () => {
  let clock: FakeClock;
  let server: ApiServer;
  let client: RawClient;

  beforeEach(async () => {
    clock = new FakeClock();
    server = await startApiServer({ clock });
    client = new RawClient(server);
    server.store.create('nodes', { metadata: { name: 'n' } });
  });
  afterEach(() => server[Symbol.asyncDispose]());

  it('throttles the next requests that fit', async () => {
    const fault = server.faults.tooManyRequests({ verb: 'get', times: 2 }, Duration.seconds(3));
    expect((await client.get(nodes)).code).toBe(200);
    for (let time = 0; time < 2; time += 1) {
      const refused = await client.get(`${nodes}/n`);
      expect(refused.code).toBe(429);
      expect(refused.headers.get('retry-after')).toBe('3');
      expect(refused.body).toMatchObject({ reason: 'TooManyRequests', details: { retryAfterSeconds: 3 } });
    }
    expect((await client.get(`${nodes}/n`)).code).toBe(200);
    expect(fault.hits).toBe(2);
  });

  it('is unavailable until told otherwise', async () => {
    const fault = server.faults.unavailable({ resource: 'nodes', name: 'n' });
    expect((await client.get(`${nodes}/n`)).code).toBe(503);
    expect((await client.get(`${nodes}/m`)).code).toBe(404);
    fault.remove();
    expect((await client.get(`${nodes}/n`)).code).toBe(200);
  });

  it('says 410 as an answer and in a stream', async () => {
    server.faults.expired({ verb: 'list', times: 1 });
    expect((await client.get(nodes)).body).toMatchObject({ code: 410, reason: 'Expired' });
    server.faults.expired({ verb: 'watch', times: 1 });
    await using refused = await client.watch(nodes);
    expect(refused.code).toBe(410);
    await using watch = await client.watch(nodes);
    await watch.next();
    expect(server.faults.expireWatches({ resource: 'nodes' })).toBe(1);
    expect(await watch.next()).toMatchObject({ type: 'ERROR', object: { code: 410 } });
    expect(await watch.next()).toBeUndefined();
  });

  it('cuts and ends watches', async () => {
    await using cut = await client.watch(nodes);
    await cut.next();
    expect(server.faults.cutWatches({ times: 1 })).toBe(1);
    await expect(cut.next()).rejects.toThrow();
    await using ended = await client.watch(nodes);
    await ended.next();
    server.faults.endWatches();
    expect(await ended.next()).toBeUndefined();
  });

  it('leaves watches half open', async () => {
    await using frozen = await client.watch(nodes);
    await frozen.next();
    expect(server.faults.freezeWatches()).toBe(1);
    await using other = await client.watch(`${nodes}?resourceVersion=${server.store.resourceVersion}`);
    server.store.create('nodes', { metadata: { name: 'm' } });
    // The other watch has the event by now; the frozen one has not and never will.
    await other.next();
    const silence = await Promise.race([frozen.next(), other.next(), clock.settle().then(() => 'silence')]);
    expect(silence).toBe('silence');
    expect(server.faults.openWatches()).toBe(2);
  });

  it('answers late, by its clock', async () => {
    server.faults.delay({ verb: 'get', times: 1 }, Duration.seconds(10));
    let answered = false;
    const reply = client.get(`${nodes}/n`).then((got) => {
      answered = true;
      return got;
    });
    while (clock.pending() === 0) await clock.settle();
    await clock.advance(Duration.seconds(9));
    expect(answered).toBe(false);
    await clock.advance(Duration.seconds(1));
    expect((await reply).code).toBe(200);
  });

  it('cuts before the work or after it', async () => {
    server.faults.cut({ verb: 'create', times: 1 });
    await expect(client.post(nodes, { metadata: { name: 'a' } })).rejects.toThrow();
    expect(server.store.get('nodes', 'a')).toBeUndefined();
    server.faults.loseReply({ verb: 'create', times: 1 });
    await expect(client.post(nodes, { metadata: { name: 'a' } })).rejects.toThrow();
    expect(server.store.get('nodes', 'a')).toBeDefined();
    server.faults.loseReply({ verb: 'delete', times: 1 });
    await expect(client.delete(`${nodes}/a`)).rejects.toThrow();
    expect(server.store.get('nodes', 'a')).toBeUndefined();
    expect(server.log.entries.map((entry) => entry.verb)).toEqual(['create', 'delete']);
  });

  it('lists what was, to those who take what may be old', async () => {
    const then = Number(server.store.resourceVersion);
    server.store.create('nodes', { metadata: { name: 'new' } });
    server.faults.staleLists({ resource: 'nodes' }, then);
    const count = async (query: string): Promise<number> => {
      const items = (await client.get(`${nodes}${query}`)).body['items'];
      return isJsonList(items) ? items.length : 0;
    };
    expect(await count('?resourceVersion=0')).toBe(1);
    expect(await count(`?resourceVersion=${then + 1}`)).toBe(2);
    expect(await count('')).toBe(2);
  });

  it('sends a bookmark on request', async () => {
    await using watch = await client.watch(
      `${nodes}?resourceVersion=${server.store.resourceVersion}&allowWatchBookmarks=true`,
    );
    expect(server.faults.sendBookmarks()).toBe(1);
    expect((await watch.next())?.type).toBe('BOOKMARK');
  });

  it('meets only the client it is meant for', async () => {
    server.faults.unavailable({ userAgent: 'victim' });
    expect((await client.get(nodes, { userAgent: 'victim' })).code).toBe(503);
    expect((await client.get(nodes, { userAgent: 'other' })).code).toBe(200);
    server.faults.clear();
    expect((await client.get(nodes, { userAgent: 'victim' })).code).toBe(200);
  });
});
