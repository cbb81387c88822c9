import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleExecutable } from '../aws/executable.ts';
import { startMoto } from '../aws/moto.ts';
import { executableVariable, logVariable, motoVariable } from '../aws/variables.ts';
import { runParts, type Suite } from '../harness/suite.ts';
import { runTestFiles } from '../harness/test-files.ts';
import { startKubeApiServer } from '../kube-apiserver/start.ts';
import { kubeconfigVariable, kubectlVariable } from '../kubectl/kubectl.ts';

/** What the pages tell their readers to type and to apply. */
export const docsSuite: Suite = {
  name: 'docs',
  description: 'the commands and manifests of the documentation, as they stand, on moto and real API servers',
  run: async (context) =>
    runParts(
      context.minors.map((minor) => ({
        title: `docs on kube-apiserver ${minor}`,
        run: async () => {
          await using moto = await startMoto(context.print);
          await using server = await startKubeApiServer({ minor, progress: context.print });
          const folder = await mkdtemp(join(tmpdir(), 'ccm-ts-docs-suite-'));
          try {
            return await runTestFiles({
              title: `docs on kube-apiserver ${minor}`,
              files: [join(import.meta.dirname, 'docs.test.ts')],
              environment: {
                [kubeconfigVariable]: server.kubeconfig,
                [kubectlVariable]: server.kubectl,
                [motoVariable]: moto.url,
                [logVariable]: join(folder, 'manager.log'),
                [executableVariable]: await bundleExecutable(),
              },
              only: context.only,
              concurrency: 1,
              signal: context.signal,
              print: context.print,
            });
          } finally {
            await rm(folder, { recursive: true, force: true });
          }
        },
      })),
    ),
};
