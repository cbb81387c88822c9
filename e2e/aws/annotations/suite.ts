import { join } from 'node:path';
import { runParts, type Suite } from '../../harness/suite.ts';
import { runTestFiles } from '../../harness/test-files.ts';
import { startKubeApiServer } from '../../kube-apiserver/start.ts';
import { kubeconfigVariable } from '../../semantics/wire/connection.ts';

/** The admission policies made from the declarations of annotations, as a real API server evaluates them. */
export const annotationsSuite: Suite = {
  name: 'annotations',
  description: 'admission policies for annotations of Services, on real API servers',
  run: async (context) =>
    runParts(
      context.minors.map((minor) => ({
        title: `annotations on kube-apiserver ${minor}`,
        run: async () => {
          await using server = await startKubeApiServer({ minor, progress: context.print });
          return await runTestFiles({
            title: `annotations on kube-apiserver ${minor}`,
            files: [join(import.meta.dirname, 'annotation-policies.test.ts')],
            environment: { [kubeconfigVariable]: server.kubeconfig },
            only: context.only,
            concurrency: 1,
            signal: context.signal,
            print: context.print,
          });
        },
      })),
    ),
};
