import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Architecture } from './architecture.ts';
import pinned from './debian-packages.json' with { type: 'json' };

/** A package of Debian of which some libraries are in the image. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  /** By the names that programs ask for. */
  readonly libraries: readonly string[];
}

export const debianPackages: Readonly<Record<Architecture, readonly DebianPackage[]>> = {
  amd64: pinned.amd64,
  arm64: pinned.arm64,
};

/** Of the distribution that the libraries are of, as package URLs have it. */
export const debianDistribution = pinned.distribution;

/**
 * A new folder with what is in the package, which is the pinned one to the byte: the image must not follow the machine that
 * it is built on. What was downloaded is kept outside the checkout.
 *
 * @throws Error when it can't be had, or is another than the pinned one
 */
export async function unpackDebianPackage(pin: DebianPackage, architecture: Architecture): Promise<string> {
  const archive = await downloaded(pin, architecture);
  const folder = await mkdtemp(join(tmpdir(), 'ccm-ts-deb-'));
  await promisify(execFile)('dpkg-deb', ['--extract', archive, folder]);
  return folder;
}

async function downloaded(pin: DebianPackage, architecture: Architecture): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ccm-ts/debian-packages');
  const kept = join(cache, `${pin.sha256}.deb`);
  if (existsSync(kept)) return kept;
  const folder = await mkdtemp(join(tmpdir(), 'ccm-ts-deb-'));
  try {
    const apt = promisify(execFile);
    const options = await ownState(folder, architecture);
    await apt('apt-get', [...options, 'update', '--quiet']);
    await apt('apt-get', [...options, 'download', '--quiet', `${pin.name}=${pin.version}`], { cwd: folder });
    const [file = ''] = (await readdir(folder)).filter((name) => name.endsWith('.deb'));
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

/** Lists of packages of their own, so that neither what the machine has nor its architecture matters. */
async function ownState(folder: string, architecture: Architecture): Promise<readonly string[]> {
  const state = join(folder, 'state');
  await mkdir(join(state, 'lists/partial'), { recursive: true });
  await writeFile(join(state, 'status'), '');
  const settings = {
    'APT::Architecture': architecture,
    'APT::Architectures': architecture,
    'Dir::State': state,
    'Dir::State::status': join(state, 'status'),
    'Dir::Cache': join(folder, 'cache'),
  };
  return Object.entries(settings).map(([name, value]) => `--option=${name}=${value}`);
}
