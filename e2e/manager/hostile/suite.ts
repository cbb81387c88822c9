import { join } from 'node:path';
import { bundleProgram } from '../../harness/bundle.ts';
import { runParts, type Suite } from '../../harness/suite.ts';
import { runTestFiles } from '../../harness/test-files.ts';
import { startKubeApiServer } from '../../kube-apiserver/start.ts';
import { kubeconfigVariable, kubectlVariable } from '../../kubectl/kubectl.ts';
import { programEnvironment } from './variables.ts';

const files = ['connections', 'certificates', 'tokens', 'secrets', 'reviews'].map((name) => `${name}.test.ts`);

/** The manager as a process among clients, files and users that mean it ill. */
export const hostileSuite: Suite = {
  name: 'hostile',
  description: 'bad input to a running manager: connections, slow requests, certificates, tokens, planted secrets',
  run: async (context) =>
    runParts(
      context.minors.map((minor) => ({
        title: `hostile on kube-apiserver ${minor}`,
        run: async () => {
          await using program = await bundleProgram(join(import.meta.dirname, '../../churn/program.ts'));
          const flags = ['--disable-admission-plugins=ServiceAccount,TaintNodesByCondition'];
          await using server = await startKubeApiServer({ minor, progress: context.print, flags });
          return await runTestFiles({
            title: `hostile on kube-apiserver ${minor}`,
            files: files.map((file) => join(import.meta.dirname, file)),
            environment: {
              [kubeconfigVariable]: server.kubeconfig,
              [kubectlVariable]: server.kubectl,
              ...programEnvironment(program.path),
            },
            only: context.only,
            signal: context.signal,
            print: context.print,
          });
        },
      })),
    ),
};
