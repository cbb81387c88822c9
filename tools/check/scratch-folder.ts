import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A temporary folder for one test. */
export interface ScratchFolder extends AsyncDisposable {
  readonly path: string;
  /** Writes files by relative path, with the folders that they need. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
}

/** Makes a temporary folder with the given files; disposing deletes it. */
export async function makeScratchFolder(files: Readonly<Record<string, string>> = {}): Promise<ScratchFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'check-')));
  const folder: ScratchFolder = {
    path,
    write: async (added) => {
      for (const [file, text] of Object.entries(added)) {
        await mkdir(dirname(join(path, file)), { recursive: true });
        await writeFile(join(path, file), text);
      }
    },
    [Symbol.asyncDispose]: async () => await rm(path, { recursive: true, force: true }),
  };
  await folder.write(files);
  return folder;
}
