/** What a Node program that was started with `--inspect` keeps alive. */
export interface LiveHeap extends Disposable {
  /** Megabytes in use after a full collection of garbage, buffers included. */
  readonly megabytes: () => Promise<number>;
}

interface HeapUsage {
  readonly usedSize: number;
  readonly backingStorageSize?: number;
}

/** @param log what the program has printed so far; the address of its inspector is in it */
export async function inspectHeap(log: string): Promise<LiveHeap> {
  const address = /Debugger listening on (ws:\S+)/.exec(log)?.[1];
  if (address === undefined) throw new Error('the program has no inspector');
  const socket = new WebSocket(address);
  const waiting = new Map<number, (result: unknown) => void>();
  let last = 0;
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as { id?: number; result?: unknown };
    if (message.id === undefined) return;
    waiting.get(message.id)?.(message.result);
    waiting.delete(message.id);
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve(), { once: true });
    socket.addEventListener('error', () => reject(new Error(`nobody answers at ${address}`)), { once: true });
  });
  const ask = (method: string): Promise<unknown> =>
    new Promise((resolve) => {
      const id = ++last;
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, method }));
    });
  return {
    megabytes: async () => {
      await ask('HeapProfiler.collectGarbage');
      const { usedSize, backingStorageSize = 0 } = (await ask('Runtime.getHeapUsage')) as HeapUsage;
      return (usedSize + backingStorageSize) / 2 ** 20;
    },
    [Symbol.dispose]: () => socket.close(),
  };
}
