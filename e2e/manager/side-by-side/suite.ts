import { join } from 'node:path';
import { buildGoPrograms } from '../../bench/go-programs.ts';
import { bundleOurManager } from '../../bench/our-manager.ts';
import { runParts, type Suite } from '../../harness/suite.ts';
import { runTestFiles } from '../../harness/test-files.ts';
import { startKubeApiServer } from '../../kube-apiserver/start.ts';
import { kubeconfigVariable, kubectlVariable } from '../../kubectl/kubectl.ts';
import { programsVariable, type TakeoverPrograms } from '../../takeover/variables.ts';

/** The Go framework's manager and ours answer the same requests, command lines and scrapes. */
export const sideBySideSuite: Suite = {
  name: 'side-by-side',
  description: "what the Go framework's manager answers, and ours: endpoints, metrics, flags, exit codes",
  run: async (context) =>
    runParts(
      context.minors.map((minor) => ({
        title: `side by side on kube-apiserver ${minor}`,
        run: async () => {
          const go = await buildGoPrograms(context.print);
          await using ours = await bundleOurManager();
          const flags = ['--disable-admission-plugins=ServiceAccount,TaintNodesByCondition'];
          await using server = await startKubeApiServer({ minor, progress: context.print, flags });
          const programs: TakeoverPrograms = { ours: ours.path, go: go.ccm, cloudsim: go.cloudsim };
          return await runTestFiles({
            title: `side by side on kube-apiserver ${minor}`,
            files: [join(import.meta.dirname, 'side-by-side.test.ts')],
            environment: {
              [kubeconfigVariable]: server.kubeconfig,
              [kubectlVariable]: server.kubectl,
              [programsVariable]: JSON.stringify(programs),
            },
            only: context.only,
            concurrency: 1,
            signal: context.signal,
            print: context.print,
          });
        },
      })),
    ),
};
