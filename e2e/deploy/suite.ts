import { join } from 'node:path';
import { runParts, type Suite } from '../harness/suite.ts';
import { runTestFiles } from '../harness/test-files.ts';
import { startKubeApiServer } from '../kube-apiserver/start.ts';
import { kubeconfigVariable, kubectlVariable } from '../kubectl/kubectl.ts';
import { findHelm } from './helm.ts';
import { helmVariable } from './variables.ts';

/** What an operator installs: charts by the real Helm and plain manifests, on real API servers. */
export const deploySuite: Suite = {
  name: 'deploy',
  description: 'charts and manifests, by the real Helm on real API servers',
  run: async (context) => {
    return runParts(
      context.minors.map((minor) => ({
        title: `deploy on kube-apiserver ${minor}`,
        run: async () => {
          const helm = await findHelm(context.print);
          await using server = await startKubeApiServer({ minor, progress: context.print });
          return await runTestFiles({
            title: `deploy on kube-apiserver ${minor}`,
            files: [join(import.meta.dirname, 'charts.test.ts')],
            environment: {
              [kubeconfigVariable]: server.kubeconfig,
              [kubectlVariable]: server.kubectl,
              [helmVariable]: helm,
            },
            only: context.only,
            concurrency: 1,
            signal: context.signal,
            print: context.print,
          });
        },
      })),
    );
  },
};
