import { readFile, readdir, rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { type Architecture, namesOf } from './architecture.ts';
import { debianPackages, unpackDebianPackage } from './debian-packages.ts';
import { nodeFolder } from './node-packages.ts';
import type { TarEntry } from './tar.ts';

/** A user without a name of a person, as in distroless images. */
export const imageUser = 65532;

const configuration: Readonly<Record<string, string>> = {
  'etc/passwd': `root:x:0:0:root:/:/none\nnonroot:x:${imageUser}:${imageUser}:nonroot:/:/none\n`,
  'etc/group': `root:x:0:\nnonroot:x:${imageUser}:\n`,
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
};

/** Node of the lock file, the libraries that it is linked to, and their licences. The same for all providers. */
export async function baseLayer(root: string, architecture: Architecture): Promise<readonly TarEntry[]> {
  const { processor, libraryFolder, loader, loaderFolder } = namesOf[architecture];
  const node = await nodeFolder(root, processor);
  const entries: TarEntry[] = [
    { kind: 'file', path: 'usr/bin/node', mode: 0o755, content: await readFile(join(node, 'bin/node')) },
    { kind: 'file', path: 'usr/share/doc/node/copyright', mode: 0o644, content: await readFile(join(node, 'LICENSE')) },
    {
      kind: 'link',
      path: `${loaderFolder}/${loader}`,
      target: `${posix.relative(loaderFolder, libraryFolder)}/${loader}`,
    },
    { kind: 'folder', path: 'tmp' },
  ];
  for (const [path, text] of Object.entries(configuration)) {
    entries.push({ kind: 'file', path, mode: 0o644, content: Buffer.from(text) });
  }
  for (const pin of debianPackages[architecture]) {
    const folder = await unpackDebianPackage(pin, architecture);
    try {
      for (const library of pin.libraries) {
        const content = await readLibrary([join(folder, libraryFolder), join(folder, 'usr', libraryFolder)], library);
        entries.push({ kind: 'file', path: `${libraryFolder}/${library}`, mode: 0o755, content });
      }
      entries.push(...(await licences(folder, pin.name)));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return entries;
}

async function readLibrary(folders: readonly string[], library: string): Promise<Buffer> {
  for (const folder of folders) {
    const found = await readFile(join(folder, library)).catch(() => undefined);
    if (found) return found;
  }
  throw new Error(`${library} is not in the package that it is pinned to`);
}

/** Some packages only point to the licence of the one that they were built with. */
async function licences(folder: string, name: string): Promise<readonly TarEntry[]> {
  const place = join(folder, 'usr/share/doc', name);
  const files = (await readdir(place).catch(() => [])).filter((file) => file === 'copyright');
  return await Promise.all(
    files.map(async (file): Promise<TarEntry> => {
      const content = await readFile(join(place, file)).catch(() => Buffer.from('See libc6 and libgcc-s1.\n'));
      return { kind: 'file', path: `usr/share/doc/${name}/${file}`, mode: 0o644, content };
    }),
  );
}
