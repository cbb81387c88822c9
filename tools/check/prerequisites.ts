import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** Something that a check needs and that npm cannot install. */
export interface Prerequisite {
  /** How to get it. */
  readonly remedy: string;
  /** Why it will not do as it is; undefined when it is there. */
  findFault(): Promise<string | undefined>;
}

/** For the real kube-apiserver. */
export const apiServerSource: Prerequisite = {
  remedy: 'install Go ≥ 1.26, or point KUBEBUILDER_ASSETS to a folder with kube-apiserver, etcd and kubectl',
  findFault: async () => {
    if (process.env.KUBEBUILDER_ASSETS) return undefined;
    const version = await outputOf('go', ['env', 'GOVERSION']);
    if (version === undefined)
      return 'there is neither a Go toolchain nor KUBEBUILDER_ASSETS for a real kube-apiserver';
    return isAtLeast(version, [1, 26]) ? undefined : `the Go toolchain is ${version} and KUBEBUILDER_ASSETS is not set`;
  },
};

/** For moto, the independent double of AWS. */
export const python: Prerequisite = {
  remedy: 'install Python ≥ 3.9 with venv (Debian: python3-venv)',
  findFault: async () => {
    const version = await outputOf('python3', ['--version']);
    if (version === undefined) return 'there is no Python 3';
    if (!isAtLeast(version, [3, 9])) return `python3 is ${version}`;
    const imported = await outputOf('python3', ['-c', 'import ensurepip, venv; print("found")']);
    return imported === 'found' ? undefined : 'this Python 3 has no venv';
  },
};

/** Names under which distributions install it. */
const chromiumNames: readonly string[] = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** For the page. */
export const chromium: Prerequisite = {
  remedy: 'install Chromium (Debian: chromium), or point CHROMIUM to its executable',
  findFault: async () => {
    const named = process.env.CHROMIUM;
    if (named) return (await isExecutable(named)) ? undefined : `CHROMIUM points to ${named}, which cannot be executed`;
    const folders = (process.env.PATH ?? '').split(delimiter);
    const candidates = folders.flatMap((folder) => chromiumNames.map((name) => join(folder, name)));
    const found = await Promise.all(candidates.map(isExecutable));
    return found.includes(true) ? undefined : 'there is no Chromium';
  },
};

/** Whether the first two numbers in a program's words about its version reach the floor. */
export function isAtLeast(version: string, [floorMajor, floorMinor]: readonly [number, number]): boolean {
  const [major = 0, minor = 0] = (version.match(/(\d+)\.(\d+)/) ?? []).slice(1).map(Number);
  return major > floorMajor || (major === floorMajor && minor >= floorMinor);
}

/** What the program says on stdout; undefined when it is missing or fails. */
async function outputOf(program: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(program, args, { env: { ...process.env, GOTOOLCHAIN: 'local' } });
    return stdout.trim();
  } catch {
    return undefined;
  }
}

async function isExecutable(file: string): Promise<boolean> {
  return await access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
