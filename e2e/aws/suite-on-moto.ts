import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleExecutable } from './executable.ts';
import { startMoto } from './moto.ts';
import { executableVariable, logVariable, motoVariable } from './variables.ts';
import { runParts, type Suite } from '../harness/suite.ts';
import { runTestFiles } from '../harness/test-files.ts';
import { startKubeApiServer } from '../kube-apiserver/start.ts';
import { kubeconfigVariable, kubectlVariable } from '../kubectl/kubectl.ts';

/** A file of tests that need the bundled AWS manager, an emulator of AWS, and a real API server of each minor. */
export interface MotoSuite extends Pick<Suite, 'name' | 'description'> {
  readonly file: string;
}

/** Everything is started anew for each minor, and ended after it. */
export function suiteOnMoto({ description, file, name }: MotoSuite): Suite {
  return {
    name,
    description,
    run: async (context) =>
      runParts(
        context.minors.map((minor) => ({
          title: `${name} on kube-apiserver ${minor}`,
          run: async () => {
            await using moto = await startMoto(context.print);
            await using server = await startKubeApiServer({ minor, progress: context.print });
            const folder = await mkdtemp(join(tmpdir(), `ccm-ts-${name}-suite-`));
            try {
              return await runTestFiles({
                title: `${name} on kube-apiserver ${minor}`,
                files: [file],
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
}
