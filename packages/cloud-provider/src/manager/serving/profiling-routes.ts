import { getHeapSnapshot } from 'node:v8';
import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import { type Answer, type Handler, text } from './management-server.ts';

const defaultSeconds = 30;
const longestSeconds = 120;
const sampledBytes = 512 * 1024;

const index = `/debug/pprof/

profile       where the processor spends its time; ?seconds=30. A .cpuprofile, for the developer tools of a browser
heap          what allocates memory that is still in use; ?seconds=30. A .heapprofile, sampled: cheap
heapsnapshot  everything that is in memory. A .heapsnapshot. The process stands still while it is taken, for seconds in a
              large cluster: a leader may lose its lease

The formats are those of V8, not of Go's pprof.
`;

/** Profiles of the running process, one at a time. */
export function profilingRoutes(clock: Clock): Readonly<Record<string, Handler>> {
  let isBusy = false;
  const alone =
    (handler: Handler): Handler =>
    async (request) => {
      if (isBusy) return text(429, 'a profile is being taken already; ask again when it is done\n');
      isBusy = true;
      try {
        return await handler(request);
      } finally {
        isBusy = false;
      }
    };
  const sampled = (profile: 'Profiler' | 'HeapProfiler', file: string): Handler =>
    alone(async (request) => {
      const seconds = Number(request.query.get('seconds') ?? defaultSeconds);
      if (!(seconds > 0 && seconds <= longestSeconds)) {
        return text(400, `seconds: write a number above 0, at most ${longestSeconds}\n`);
      }
      const during = (): Promise<void> => clock.sleep(Duration.seconds(seconds), request.signal).catch(() => undefined);
      return download(JSON.stringify(await takeProfile(profile, during)), file);
    });
  return {
    '/debug/pprof': () => ({
      status: 302,
      contentType: 'text/html; charset=utf-8',
      body: '<a href="/debug/pprof/">Found</a>.\n\n',
      headers: { location: '/debug/pprof/' },
    }),
    '/debug/pprof/': (request) =>
      request.path === '/debug/pprof/' ? text(200, index) : text(404, 'Unknown profile\n'),
    '/debug/pprof/profile': sampled('Profiler', 'manager.cpuprofile'),
    '/debug/pprof/heap': sampled('HeapProfiler', 'manager.heapprofile'),
    '/debug/pprof/heapsnapshot': alone(() => download(getHeapSnapshot(), 'manager.heapsnapshot')),
  };
}

function download(body: Answer['body'], file: string): Answer {
  const headers = { 'content-disposition': `attachment; filename="${file}"` };
  return { status: 200, contentType: 'application/json', body, headers };
}

async function takeProfile(kind: 'Profiler' | 'HeapProfiler', during: () => Promise<void>): Promise<unknown> {
  // Loaded only now: few processes are ever profiled.
  const { Session } = await import('node:inspector/promises');
  const session = new Session();
  session.connect();
  try {
    if (kind === 'Profiler') {
      await session.post('Profiler.enable');
      await session.post('Profiler.start');
      await during();
      return (await session.post('Profiler.stop')).profile;
    }
    await session.post('HeapProfiler.startSampling', { samplingInterval: sampledBytes });
    await during();
    return (await session.post('HeapProfiler.stopSampling')).profile;
  } finally {
    session.disconnect();
  }
}
