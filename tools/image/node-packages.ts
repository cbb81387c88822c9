import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

interface LockFile {
  readonly packages: Readonly<Record<string, { readonly version: string; readonly integrity: string }>>;
}

/**
 * The folder of Node for a processor, as the lock file pins it. npm installs that of this machine alone; others are fetched
 * once and kept outside the checkout.
 *
 * @throws Error when it can't be had, or is another than the pinned one
 */
export async function nodeFolder(root: string, processor: string): Promise<string> {
  const name = `node-linux-${processor}`;
  const installed = join(root, 'node_modules', name);
  if (existsSync(installed)) return installed;
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as LockFile;
  const pin = lock.packages[`node_modules/${name}`];
  if (pin === undefined) throw new Error(`the lock file has no ${name}`);
  const area = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ccm-ts/node');
  const kept = join(area, `${name}-${pin.version}`);
  if (existsSync(kept)) return join(kept, 'package');
  await mkdir(area, { recursive: true });
  const folder = await mkdtemp(join(tmpdir(), 'ccm-ts-node-'));
  const unpacked = await mkdtemp(join(area, '.unpacking-'));
  try {
    const run = promisify(execFile);
    await run('npm', ['pack', `${name}@${pin.version}`, '--silent', '--pack-destination', folder], { cwd: root });
    const [file = ''] = await readdir(folder);
    const archive = join(folder, file);
    const found = `sha512-${createHash('sha512')
      .update(await readFile(archive))
      .digest('base64')}`;
    if (found !== pin.integrity)
      throw new Error(`${name} ${pin.version} has the integrity ${found}, not ${pin.integrity}`);
    await run('tar', ['--extract', '--gzip', '--file', archive, '--directory', unpacked]);
    // Another build may have been faster; what it has kept is the same.
    if (!existsSync(kept)) await rename(unpacked, kept);
    return join(kept, 'package');
  } finally {
    await rm(folder, { recursive: true, force: true });
    await rm(unpacked, { recursive: true, force: true });
  }
}
