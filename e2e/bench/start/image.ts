import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../../..');

/** What is in the uppermost layer of the image, unpacked. */
export interface UnpackedApp extends AsyncDisposable {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** In bytes, as it is pulled. */
  readonly appLayer: number;
  readonly image: number;
}

interface Config {
  readonly config: { readonly Entrypoint: readonly string[]; readonly Env: readonly string[] };
}

/** Builds the image and unpacks the manager out of it, so that what is measured is what is shipped. */
export async function unpackApp(): Promise<UnpackedApp> {
  const area = await mkdtemp(join(tmpdir(), 'ccm-ts-bench-start-'));
  const args = ['--conditions=@ccm-ts/source', join(root, 'tools/image/build.ts'), '--package'];
  await promisify(execFile)(process.execPath, [...args, 'packages/cloud-provider-aws', '--out', join(area, 'image')]);
  const blob = (digest: string): string => join(area, 'image/layout/blobs', digest.replace(':', '/'));
  const read = async <Found>(path: string): Promise<Found> => JSON.parse(await readFile(path, 'utf8')) as Found;
  const index = await read<{ manifests: { digest: string }[] }>(join(area, 'image/layout/index.json'));
  const manifest = await read<{ config: { digest: string }; layers: { digest: string; size: number }[] }>(
    blob(index.manifests[0]?.digest ?? ''),
  );
  const { config } = await read<Config>(blob(manifest.config.digest));
  const layer = manifest.layers.at(-1);
  if (layer === undefined) throw new Error('the image has no layers');
  const folder = join(area, 'root');
  await mkdir(folder);
  await promisify(execFile)('tar', ['--extract', '--gzip', '--file', blob(layer.digest), '--directory', folder]);
  const environment = Object.fromEntries(
    config.Env.map((variable) => {
      const [name = '', value = ''] = variable.split(/=(.*)/s);
      return [name, value.startsWith('/app/') ? join(folder, value) : value];
    }),
  );
  await giveToThisUser(environment['NODE_COMPILE_CACHE'] ?? '');
  return {
    command: [
      process.execPath,
      ...config.Entrypoint.slice(1).map((word) => (word.startsWith('/app/') ? join(folder, word) : word)),
    ],
    environment,
    appLayer: layer.size,
    image: manifest.layers.reduce((sum, { size }) => sum + size, 0),
    [Symbol.asyncDispose]: () => rm(area, { recursive: true, force: true }),
  };
}

/** Node names what it compiled after the user who runs it, and finds nothing under another's name. */
async function giveToThisUser(cache: string): Promise<void> {
  const { stdout } = await promisify(execFile)('ls', [cache]);
  for (const name of stdout.trim().split('\n')) {
    const renamed = name.replace(/-\d+$/, `-${process.getuid?.() ?? ''}`);
    await rename(join(cache, name), join(cache, renamed));
    await chmod(join(cache, renamed), 0o555);
  }
}
