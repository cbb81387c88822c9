import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';

export interface FollowFilesOptions {
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
 */
export class FileWatch {
  readonly #seen: Map<string, Glance>;

  /** Looks for the first time, before it returns: whoever reads the files afterwards misses no change. */
  constructor(paths: readonly string[]) {
    this.#seen = new Map(paths.map((path) => [path, firstGlance(path)]));
  }

  /** Resolves when the signal is aborted. */
  async follow(options: FollowFilesOptions): Promise<void> {
    const { clock, signal, onChange, period = Duration.seconds(10) } = options;
    if (this.#seen.size === 0) return;
    while (!signal.aborted) {
      await clock.sleep(period, signal).catch(() => undefined);
      let changed = false;
      for (const path of this.#seen.keys()) if (!signal.aborted && (await this.#hasChanged(path))) changed = true;
      if (changed && !signal.aborted) onChange();
    }
  }

  async #hasChanged(path: string): Promise<boolean> {
    const before = this.#seen.get(path);
    try {
      const status = statusOf(await stat(path));
      if (status === before?.status) return false;
      const digest = digestOf(await readFile(path));
      this.#seen.set(path, { status, digest });
      return digest !== before?.digest;
    } catch {
      return false;
    }
  }
}

interface Glance {
  readonly status: string;
  readonly digest: string;
}

/** Empty of a file that can't be read: it has changed once it can. */
function firstGlance(path: string): Glance {
  try {
    return { status: statusOf(statSync(path)), digest: digestOf(readFileSync(path)) };
  } catch {
    return { status: '', digest: '' };
  }
}

function statusOf({ mtimeMs, ctimeMs, size, ino }: ReturnType<typeof statSync> & object): string {
  return [mtimeMs, ctimeMs, size, ino].join(' ');
}

function digestOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
