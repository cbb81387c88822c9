import { join } from 'node:path';
import { bundleProgram } from '../harness/bundle.ts';
import type { Outcome } from '../harness/outcome.ts';
import { runParts, type Suite, type SuiteContext } from '../harness/suite.ts';
import { runTestFiles } from '../harness/test-files.ts';
import { startKubeApiServer } from '../kube-apiserver/start.ts';
import { type ApiServerUnderTest, apiServerVariable, programVariable, secondsVariable } from './variables.ts';

/** Two managers and one lease, and everything that can befall whoever holds it. */
export const leaderSuite: Suite = {
  name: 'leader',
  description: 'the loss of leadership under load, on real API servers',
  run: (context) => runOnEach(context, { file: 'leader.test.ts' }),
};

/** A manager among machines, Services and watches that never rest. */
export const soakSuite: Suite = {
  name: 'soak',
  description: 'churn on real API servers: memory, queues, watches',
  run: (context) => runOnEach(context, { file: 'soak.test.ts' }),
};

function runOnEach(context: SuiteContext, part: { readonly file: string }): Promise<Outcome> {
  return runParts(
    context.minors.map((minor) => {
      const title = `${part.file.replace('.test.ts', '')} on kube-apiserver ${minor}`;
      return {
        title,
        run: async () => {
          // Nothing here makes Nodes ready, and real ones are.
          const flags = ['--disable-admission-plugins=ServiceAccount,TaintNodesByCondition'];
          await using server = await startKubeApiServer({ minor, progress: context.print, flags });
          await using program = await bundleProgram(join(import.meta.dirname, 'program.ts'));
          const { url, certificateAuthority, token } = server.access;
          const underTest: ApiServerUnderTest = { url, certificateAuthority, token, pid: server.apiServerPid };
          return await runTestFiles({
            title,
            files: [join(import.meta.dirname, part.file)],
            environment: {
              [apiServerVariable]: JSON.stringify(underTest),
              [programVariable]: program.path,
              [secondsVariable]: String(context.seconds ?? ''),
            },
            only: context.only,
            concurrency: 1,
            signal: context.signal,
            print: context.print,
          });
        },
      };
    }),
  );
}
