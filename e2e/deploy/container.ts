import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { NotRunnableHere } from '../kube-apiserver/not-runnable.ts';

/** An image unpacked, as a runtime for containers takes it. */
export interface UnpackedImage extends AsyncDisposable {
  readonly rootFolder: string;
  readonly config: ImageConfig['config'];
  readonly run: (options: ContainerOptions) => Promise<RunningContainer>;
}

export interface ContainerOptions {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** A folder that is seen, not to be written to, as `/etc/manager`. */
  readonly folder: string;
  /** What it says is added to this file. */
  readonly logFile: string;
}

export interface RunningContainer extends AsyncDisposable {
  readonly ended: () => boolean;
  /** SIGTERM, and the exit code. */
  readonly stop: () => Promise<number | null>;
}

interface Manifest {
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string }[];
}

interface ImageConfig {
  readonly config: { readonly User: string; readonly Entrypoint: readonly string[]; readonly Env: readonly string[] };
}

/** What runs programs of the other processor. */
export const emulator = 'qemu-aarch64-static';

/** @throws NotRunnableHere when there is no emulator, which images for the other processor are compiled with */
export async function findEmulator(): Promise<void> {
  try {
    await promisify(execFile)(emulator, ['--version']);
  } catch (cause) {
    throw Object.assign(new NotRunnableHere(`there is no ${emulator}`, 'install qemu-user-static'), { cause });
  }
}

/** @throws NotRunnableHere when there is no buildah, or nobody may build with it */
export async function findBuildah(): Promise<void> {
  try {
    await promisify(execFile)('buildah', ['--version']);
  } catch (cause) {
    throw Object.assign(new NotRunnableHere('there is no buildah', 'install buildah'), { cause });
  }
}

/** @throws NotRunnableHere when there is no runc, or nobody may run containers with it */
export async function findRunc(): Promise<string> {
  try {
    await promisify(execFile)('runc', ['--version']);
  } catch (cause) {
    throw Object.assign(new NotRunnableHere('there is no runc', 'install runc'), { cause });
  }
  if (process.getuid?.() !== 0) throw new NotRunnableHere('containers are run by root here', 'run as root');
  return 'runc';
}

/** An entry of an index. */
interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly platform?: { readonly architecture: string };
}

/** Unpacks an OCI layout of one image, for the processor that is asked for if it has several. */
export async function unpackImage(layout: string, architecture = 'amd64'): Promise<UnpackedImage> {
  const runc = await findRunc();
  const read = async <Found>(digest: string): Promise<Found> =>
    JSON.parse(await readFile(blobOf(layout, digest), 'utf8')) as Found;
  const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8')) as { manifests: Descriptor[] };
  let entry = index.manifests[0];
  if (entry?.mediaType.includes('index')) {
    const { manifests } = await read<{ manifests: Descriptor[] }>(entry.digest);
    entry = manifests.find(({ platform }) => platform?.architecture === architecture);
  }
  const manifest = await read<Manifest>(entry?.digest ?? '');
  const { config } = await read<ImageConfig>(manifest.config.digest);
  const bundle = await mkdtemp(join(tmpdir(), 'ccm-ts-container-'));
  const rootFolder = join(bundle, 'rootfs');
  await mkdir(rootFolder);
  for (const { digest } of manifest.layers) {
    await promisify(execFile)('tar', [
      '--extract',
      '--gzip',
      '--file',
      blobOf(layout, digest),
      '--directory',
      rootFolder,
    ]);
  }
  // Where runtimes mount what every container has.
  for (const folder of ['proc', 'dev', 'etc/manager']) await mkdir(join(rootFolder, folder), { recursive: true });
  return {
    rootFolder,
    config,
    run: async (options) => {
      await writeFile(join(bundle, 'config.json'), JSON.stringify(specOf(config, options)));
      const id = `ccm-ts-${randomUUID()}`;
      const log = openSync(options.logFile, 'a');
      const child = spawn(runc, ['run', '--bundle', bundle, id], { stdio: ['ignore', log, log] });
      closeSync(log);
      const ended = new Promise<number | null>((resolve) => {
        child.once('exit', resolve);
        child.once('error', () => resolve(null));
      });
      const signal = async (name: string): Promise<void> => {
        await promisify(execFile)(runc, ['kill', id, name]).catch(() => undefined);
      };
      const stop = async (): Promise<number | null> => {
        await signal('TERM');
        const impatient = setTimeout(() => void signal('KILL'), 15_000);
        const code = await ended;
        clearTimeout(impatient);
        return code;
      };
      return {
        ended: () => child.exitCode !== null || child.signalCode !== null,
        stop,
        [Symbol.asyncDispose]: async () => {
          await stop();
          await promisify(execFile)(runc, ['delete', '--force', id]).catch(() => undefined);
        },
      };
    },
    [Symbol.asyncDispose]: () => rm(bundle, { recursive: true, force: true }),
  };
}

function blobOf(layout: string, digest: string): string {
  return join(layout, 'blobs', digest.replace(':', '/'));
}

/** What the chart's security context asks for, on the network of the host. */
function specOf({ User, Entrypoint, Env }: ImageConfig['config'], options: ContainerOptions): unknown {
  const [uid, gid] = User.split(':').map(Number);
  const given = Object.entries(options.environment).map(([name, value]) => `${name}=${value}`);
  return {
    ociVersion: '1.0.2',
    process: {
      user: { uid, gid },
      args: [...Entrypoint, ...options.args],
      env: [...Env, ...given],
      cwd: '/',
      noNewPrivileges: true,
      capabilities: { bounding: [], effective: [], inheritable: [], permitted: [], ambient: [] },
    },
    root: { path: 'rootfs', readonly: true },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
      {
        destination: '/dev',
        type: 'tmpfs',
        source: 'tmpfs',
        options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
      },
      { destination: '/etc/manager', type: 'bind', source: options.folder, options: ['bind', 'ro'] },
    ],
    linux: { namespaces: ['pid', 'ipc', 'uts', 'mount'].map((type) => ({ type })) },
  };
}
