import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';

export interface WatchFilesOptions {
  readonly clock: Clock;
  /** Ends the watch. */
  readonly signal: AbortSignal;
  /** Called after some of the files changed. It must not throw. */
  readonly onChange: () => void;
  /** @default 10s */
  readonly period?: Duration;
}

/**
 * Looks at files again and again, because what mounts secrets swaps symbolic links, which notifications miss. A file whose
 * status is as before is not read. A file that can't be read counts as unchanged: it may be in the middle of being replaced.
 *
 * Resolves when the signal is aborted.
 */
export async function watchFiles(paths: readonly string[], options: WatchFilesOptions): Promise<void> {
  const { clock, signal, onChange, period = Duration.seconds(10) } = options;
  if (paths.length === 0) return;
  const seen = new Map<string, Glance>();
  for (const path of paths) await hasChanged(path, seen);
  while (!signal.aborted) {
    await clock.sleep(period, signal).catch(() => undefined);
    let changed = false;
    for (const path of paths) if (!signal.aborted && (await hasChanged(path, seen))) changed = true;
    if (changed && !signal.aborted) onChange();
  }
}

interface Glance {
  readonly status: string;
  readonly digest: string;
}

async function hasChanged(path: string, seen: Map<string, Glance>): Promise<boolean> {
  const before = seen.get(path);
  try {
    const { mtimeMs, ctimeMs, size, ino } = await stat(path);
    const status = [mtimeMs, ctimeMs, size, ino].join(' ');
    if (status === before?.status) return false;
    const digest = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
    seen.set(path, { status, digest });
    return digest !== before?.digest;
  } catch {
    return false;
  }
}
