import { createHash } from 'node:crypto';
import { readFileSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { buildOnce } from '../kube-apiserver/build-cache.ts';
import { findGo } from '../kube-apiserver/go-toolchain.ts';

/** Paths of the benchmarks' Go programs. */
export interface GoPrograms {
  readonly cloudsim: string;
  /** The Go framework's manager. */
  readonly ccm: string;
  readonly load: string;
}

const moduleDirectory = join(import.meta.dirname, 'go');

/**
 * Builds the Go programs once for each state of their source.
 * @throws NotRunnableHere without a Go toolchain
 */
export async function buildGoPrograms(progress: (line: string) => void): Promise<GoPrograms> {
  const files = globSync('**/*.{go,mod,sum}', { cwd: moduleDirectory }).sort();
  const inputs = files.map((file) => `${file} ${hashOf(join(moduleDirectory, file))}`);
  const folder = await buildOnce({
    area: 'bench',
    name: 'go',
    inputs,
    progress,
    build: async (into) => {
      const go = await findGo();
      for (const program of ['cloudsim', 'load', 'ccm']) {
        progress(`building ${program}, some minutes the first time`);
        const build = {
          directory: moduleDirectory,
          importPath: `./cmd/${program}`,
          output: join(into, program),
          title: program,
        };
        await go.build(build, progress);
      }
    },
  });
  return { cloudsim: join(folder, 'cloudsim'), ccm: join(folder, 'ccm'), load: join(folder, 'load') };
}

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
