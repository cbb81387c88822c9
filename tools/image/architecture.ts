import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { TarEntry } from './tar.ts';

/** Processors that there are images for, by the names that images give them. */
export const architectures = ['amd64', 'arm64'] as const;
export type Architecture = (typeof architectures)[number];

/** What else is called differently for each. */
interface Names {
  /** As Node and npm have it. */
  readonly processor: 'x64' | 'arm64';
  readonly libraryFolder: string;
  readonly loader: string;
  /** Where programs look for their loader. */
  readonly loaderFolder: string;
  readonly emulator: string;
}

export const namesOf: Readonly<Record<Architecture, Names>> = {
  amd64: {
    processor: 'x64',
    libraryFolder: 'lib/x86_64-linux-gnu',
    loader: 'ld-linux-x86-64.so.2',
    loaderFolder: 'lib64',
    emulator: 'qemu-x86_64-static',
  },
  arm64: {
    processor: 'arm64',
    libraryFolder: 'lib/aarch64-linux-gnu',
    loader: 'ld-linux-aarch64.so.1',
    loaderFolder: 'lib',
    emulator: 'qemu-aarch64-static',
  },
};

export function isArchitecture(text: string): text is Architecture {
  return (architectures as readonly string[]).includes(text);
}

/** How the Node of an image is run on this machine. */
export interface RunnableNode extends AsyncDisposable {
  readonly command: readonly string[];
}

/**
 * @param base the layer with Node and its libraries
 * @throws Error when the architecture is not this machine's and there is no emulator for it
 */
export async function runnableNode(architecture: Architecture, base: readonly TarEntry[]): Promise<RunnableNode> {
  const { processor, emulator } = namesOf[architecture];
  const folder = await mkdtemp(join(tmpdir(), 'ccm-ts-node-'));
  const isForeign = processor !== process.arch;
  try {
    if (isForeign) {
      await promisify(execFile)(emulator, ['--version']).catch((cause: unknown) => {
        throw new Error(`Node for ${architecture} is run by ${emulator} here: install qemu-user-static`, { cause });
      });
    }
    for (const entry of base) {
      const path = join(folder, entry.path);
      await mkdir(dirname(path), { recursive: true });
      if (entry.kind === 'file') await writeFile(path, entry.content, { mode: entry.mode });
      if (entry.kind === 'link') await symlink(entry.target, path);
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  const program = join(folder, 'usr/bin/node');
  return {
    command: isForeign ? [emulator, '-L', folder, program] : [program],
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
