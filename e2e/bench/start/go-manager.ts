import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildOnce } from '../../kube-apiserver/build-cache.ts';
import { findGo } from '../../kube-apiserver/go-toolchain.ts';

const moduleFolder = join(import.meta.dirname, 'go-manager');

/** The version of the Go manager that is measured, as its module states it. */
export async function goManagerVersion(): Promise<string> {
  const version = /k8s\.io\/cloud-provider-aws (v\d+\.\d+\.\d+)/.exec(
    await readFile(join(moduleFolder, 'go.mod'), 'utf8'),
  );
  if (version?.[1] === undefined) throw new Error(`${moduleFolder}/go.mod does not require the manager at a release`);
  return version[1];
}

/**
 * The path of the Go manager for AWS, built once from its pinned Go module.
 * @throws NotRunnableHere when there is no Go to build it with.
 */
export async function findGoManager(progress: (line: string) => void): Promise<string> {
  const [goMod, goSum] = await Promise.all(
    ['go.mod', 'go.sum'].map((name) => readFile(join(moduleFolder, name), 'utf8')),
  );
  const folder = await buildOnce({
    area: 'bench',
    name: 'aws-cloud-controller-manager',
    inputs: [goMod ?? '', goSum ?? ''],
    progress,
    build: async (into) => {
      const go = await findGo();
      progress('building the Go manager for AWS, some minutes the first time');
      const importPath = 'k8s.io/cloud-provider-aws/cmd/aws-cloud-controller-manager';
      const output = join(into, 'aws-cloud-controller-manager');
      await go.build({ directory: moduleFolder, importPath, output, title: 'the Go manager for AWS' }, progress);
    },
  });
  return join(folder, 'aws-cloud-controller-manager');
}
