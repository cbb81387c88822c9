import { join } from 'node:path';
import { serverTitle, startServer, type ServerChoice } from '../harness/servers.ts';
import { runParts, type Suite } from '../harness/suite.ts';
import { runTestFiles } from '../harness/test-files.ts';
import { findBinaries } from '../kube-apiserver/binaries.ts';
import { minors } from '../kube-apiserver/versions.ts';
import { kubeconfigVariable, kubectlVariable } from './kubectl.ts';

/** Stock kubectl against both servers: what works with the real one works with ours. */
export const kubectlSuite: Suite = {
  name: 'kubectl',
  description: 'the real kubectl, on the in-process API server and on real ones',
  run: async (context) => {
    const parts: { choice: ServerChoice; kubectlOf: (typeof minors)[number] }[] = [
      { choice: { kind: 'in-process' }, kubectlOf: context.minors[0] ?? minors[0] },
      ...context.minors.map((minor) => ({ choice: { kind: 'real', minor } as const, kubectlOf: minor })),
    ];
    return await runParts(
      parts.map(({ choice, kubectlOf }) => ({
        title: `kubectl on ${serverTitle(choice)}`,
        run: async () => {
          const { kubectl } = await findBinaries(kubectlOf, context.print);
          await using server = await startServer(choice, context.print);
          return await runTestFiles({
            title: `kubectl on ${server.title}`,
            files: [join(import.meta.dirname, 'kubectl.test.ts')],
            environment: { [kubeconfigVariable]: server.kubeconfig, [kubectlVariable]: kubectl },
            only: context.only,
            signal: context.signal,
            print: context.print,
          });
        },
      })),
    );
  },
};
