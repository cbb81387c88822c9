import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildOnce } from '../kube-apiserver/build-cache.ts';
import { findGo } from '../kube-apiserver/go-toolchain.ts';

const moduleFolder = join(import.meta.dirname, 'modules/helm');

/**
 * The path of the real Helm, built once from its pinned Go module.
 * @throws NotRunnableHere when there is no Go to build it with.
 */
export async function findHelm(progress: (line: string) => void): Promise<string> {
  const goMod = await readFile(join(moduleFolder, 'go.mod'), 'utf8');
  const version = /helm\.sh\/helm\/v4 v(\d+\.\d+\.\d+)/.exec(goMod)?.[1];
  if (version === undefined) throw new Error(`${moduleFolder}/go.mod does not require Helm at a release`);
  const folder = await buildOnce({
    area: 'helm',
    name: version,
    inputs: [goMod, await readFile(join(moduleFolder, 'go.sum'), 'utf8')],
    progress,
    build: async (into) => {
      const go = await findGo();
      progress(`building Helm ${version} from its Go module, some minutes the first time`);
      const importPath = 'helm.sh/helm/v4/cmd/helm';
      const output = join(into, 'helm');
      const linkerVariables = { 'helm.sh/helm/v4/internal/version.version': `v${version}` };
      await go.build(
        { directory: moduleFolder, importPath, output, linkerVariables, title: `Helm ${version}` },
        progress,
      );
    },
  });
  return join(folder, 'helm');
}

/** What a run of Helm came to; it does not throw when Helm refuses. */
export interface HelmOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs Helm with no configuration but its own. */
export async function runHelm(helm: string, args: readonly string[]): Promise<HelmOutcome> {
  try {
    const { stdout, stderr } = await promisify(execFile)(helm, [...args], { maxBuffer: 64 * 1024 * 1024 });
    return { exitCode: 0, stdout, stderr };
  } catch (error) {
    if (!(error instanceof Error && 'stdout' in error && 'stderr' in error && 'code' in error)) throw error;
    return { exitCode: Number(error.code), stdout: String(error.stdout), stderr: String(error.stderr) };
  }
}
