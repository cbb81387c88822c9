import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const files = ['package.json', 'package-lock.json', 'nx.json'] as const;
const folders = ['packages/cloud-provider', 'packages/cloud-provider-aws', 'tools', 'e2e'] as const;
const neverCopied = new Set(['node_modules', 'dist', 'bundle', 'coverage', '.nx']);

/** A copy of the workspace to try something in. */
export interface WorkspaceCopy extends AsyncDisposable {
  readonly root: string;
}

/** Copies the sources; what is installed is linked, and the packages of the workspace lead to the copies. Disposing deletes it. */
export async function copyWorkspace(root: string): Promise<WorkspaceCopy> {
  const copy = await realpath(await mkdtemp(join(tmpdir(), 'generated-')));
  for (const file of files) await cp(join(root, file), join(copy, file));
  for (const folder of folders) {
    const source = join(root, folder);
    await cp(source, join(copy, folder), {
      recursive: true,
      filter: (path) =>
        !path
          .slice(source.length + 1)
          .split('/')
          .some((part) => neverCopied.has(part)),
    });
  }
  const installed = join(root, 'node_modules');
  const linked = join(copy, 'node_modules');
  await mkdir(join(linked, '@ccm-ts'), { recursive: true });
  for (const name of await readdir(installed)) {
    if (name !== '@ccm-ts') await symlink(join(installed, name), join(linked, name));
  }
  for (const [name, folder] of Object.entries({
    'cloud-provider': 'packages/cloud-provider',
    'cloud-provider-aws': 'packages/cloud-provider-aws',
    tools: 'tools',
    e2e: 'e2e',
  })) {
    await symlink(join(copy, folder), join(linked, '@ccm-ts', name));
  }
  return { root: copy, [Symbol.asyncDispose]: async () => await rm(copy, { recursive: true, force: true }) };
}
