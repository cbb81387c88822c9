import { describe, expect, it } from '@jest/globals';
import { Duration } from '../../base/duration.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { createInformer } from '../informer/informer.ts';
import { nodes } from '../resources.ts';
import { HistoryServer } from './testdata/history-server.ts';

/** I/O is real, so what it brings is waited for turn by turn. */
async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn++) {
    if (turn > 20_000) throw new Error('it never happens');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a connection that is open but dead', () => {
  it('is given up after the silence of a bookmark interval and its slack, and replaced from the last version', async () => {
    await using server = await HistoryServer.start();
    server.put('a');
    const clock = new FakeClock();
    const client = await server.http.client({ clock });
    const informer = createInformer(client, nodes, { clock, random: () => 0 });
    const stop = new AbortController();
    informer.start(stop.signal);
    await until(() => informer.hasSynced());

    // Bookmarks keep it alive for longer than the silence that is allowed.
    for (let minute = 0; minute < 3; minute++) {
      await clock.advance(Duration.seconds(60));
      server.put('a');
      server.disturb('bookmark');
      await until(() => informer.lastResourceVersion() === String(server.version));
    }
    expect(server.http.requests).toHaveLength(1);
    expect(clock.pending()).toBe(1);

    server.silence();
    server.put('b');
    await clock.advance(Duration.seconds(89));
    expect(server.http.requests).toHaveLength(1);
    // The timer was set when the watch began; it finds out and sets itself for the rest.
    await clock.advance(Duration.seconds(90));
    await clock.advance(Duration.seconds(2));
    await until(() => informer.store.get('b') !== undefined);
    expect(server.http.requests).toHaveLength(2);
    expect(server.listed).toBe(1);
    stop.abort();
  });
});
