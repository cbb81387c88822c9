import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where what is built once is kept: outside the checkout, so that every clone finds it. */
export function cacheRoot(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ccm-ts');
}

/** Something that is built into a folder once and for all. */
export interface CachedBuild {
  /** Below the cache root. */
  readonly area: string;
  readonly name: string;
  /** Texts that, when changed, ask for another build. */
  readonly inputs: readonly string[];
  readonly build: (into: string) => Promise<void>;
  readonly progress: (line: string) => void;
}

/**
 * The folder with the result, built now if need be. The folder appears at once and whole, and of several processes that
 * want the same one, one builds and the others wait.
 */
export async function buildOnce(cached: CachedBuild): Promise<string> {
  const area = join(cacheRoot(), cached.area);
  const hash = createHash('sha256').update(cached.inputs.join('\0')).digest('hex').slice(0, 12);
  const result = join(area, `${cached.name}-${hash}`);
  if (existsSync(result)) return result;
  await mkdir(area, { recursive: true });
  const unlock = await lock(`${result}.lock`, () =>
    cached.progress(`waiting for another process that builds ${cached.name}`),
  );
  try {
    if (existsSync(result)) return result;
    const unfinished = await mkdtemp(join(area, '.building-'));
    try {
      await cached.build(unfinished);
      await rename(unfinished, result);
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
    return result;
  } finally {
    await unlock();
  }
}

async function lock(path: string, onWait: () => void): Promise<() => Promise<void>> {
  for (let attempt = 0; ; attempt++) {
    try {
      const file = await open(path, 'wx');
      await file.writeFile(String(process.pid));
      await file.close();
      return () => rm(path, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const holder = Number(await readFile(path, 'utf8').catch(() => ''));
    if (holder > 0 && !isAlive(holder)) await rm(path, { force: true });
    if (attempt % 60 === 0) onWait();
    await sleep(500);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
