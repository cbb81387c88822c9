import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { Duration } from '../../base/duration.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import type { Answer } from './management-server.ts';
import { profilingRoutes } from './profiling-routes.ts';

const clock = new FakeClock();
const routes = profilingRoutes(clock);

async function ask(path: string, query = ''): Promise<Answer> {
  const signal = new AbortController().signal;
  return await routes[path]!({ path, query: new URLSearchParams(query), accept: '', acceptEncoding: '', signal });
}

async function finish(pending: Promise<Answer>): Promise<unknown> {
  let answer: Answer | undefined;
  void pending.then((each) => (answer = each));
  while (!answer) {
    await clock.advance(Duration.seconds(1));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return JSON.parse(answer.body as string);
}

describe('profiles', () => {
  it.each(['0', '-1', '121', 'long'])('are not taken for %s seconds', async (seconds) => {
    expect((await ask('/debug/pprof/profile', `seconds=${seconds}`)).status).toBe(400);
  });

  it('are taken one at a time', async () => {
    const pending = ask('/debug/pprof/profile', 'seconds=1');
    expect((await ask('/debug/pprof/heap')).status).toBe(429);
    expect(await finish(pending)).toMatchObject({ nodes: expect.any(Array), samples: expect.any(Array) });
    expect(await finish(ask('/debug/pprof/heap', 'seconds=1'))).toMatchObject({ head: expect.any(Object) });
  });

  it('hold the whole heap when asked for it', async () => {
    const { body } = await ask('/debug/pprof/heapsnapshot');
    if (!(body instanceof Readable)) throw new Error('it is no stream');
    let start = '';
    for await (const piece of body) {
      // A piece may be larger than any string can be.
      start += Buffer.isBuffer(piece) ? piece.subarray(0, 40).toString() : String(piece);
      if (start.length > 20) break;
    }
    expect(start).toMatch(/^\{"snapshot":/);
    // The heap is that of the whole test process, and grows with what ran in it before.
  }, 180_000);
});
