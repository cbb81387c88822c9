import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, readdir, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pinned from './debian-packages.json' with { type: 'json' };

/** A package of Debian of which some libraries are in the image. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  /** By the names that programs ask for. */
  readonly libraries: readonly string[];
}

export const debianPackages: readonly DebianPackage[] = pinned.amd64;

/** Of the distribution that the libraries are of, as package URLs have it. */
export const debianDistribution = pinned.distribution;

/**
 * A new folder with what is in the package, which is the pinned one to the byte: the image must not follow the machine that
 * it is built on. What was downloaded is kept outside the checkout.
 *
 * @throws Error when it can't be had, or is another than the pinned one
 */
export async function unpackDebianPackage(pin: DebianPackage): Promise<string> {
  const archive = await downloaded(pin);
  const folder = await mkdtemp(join(tmpdir(), 'ccm-ts-deb-'));
  await promisify(execFile)('dpkg-deb', ['--extract', archive, folder]);
  return folder;
}

async function downloaded(pin: DebianPackage): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ccm-ts/debian-packages');
  const kept = join(cache, `${pin.sha256}.deb`);
  if (existsSync(kept)) return kept;
  const folder = await mkdtemp(join(tmpdir(), 'ccm-ts-deb-'));
  try {
    await promisify(execFile)('apt-get', ['download', '--quiet', `${pin.name}=${pin.version}`], { cwd: folder });
    const [file = ''] = await readdir(folder);
    const found = createHash('sha256')
      .update(await readFile(join(folder, file)))
      .digest('hex');
    if (found !== pin.sha256) throw new Error(`${pin.name} ${pin.version} has the SHA-256 ${found}, not ${pin.sha256}`);
    await mkdir(cache, { recursive: true });
    await copyFile(join(folder, file), `${kept}.${process.pid}`);
    await rename(`${kept}.${process.pid}`, kept);
    return kept;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
