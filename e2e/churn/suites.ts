import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeMachine } from '../bench/machine.ts';
import { bundleProgram } from '../harness/bundle.ts';
import type { Outcome } from '../harness/outcome.ts';
import { runParts, type Suite, type SuiteContext } from '../harness/suite.ts';
import { runTestFiles } from '../harness/test-files.ts';
import { startKubeApiServer } from '../kube-apiserver/start.ts';
import { renderSoak, shortestSecondsForPage } from './soak-page.ts';
import type { SoakResult } from './soak-result.ts';
import {
  type ApiServerUnderTest,
  apiServerVariable,
  programVariable,
  resultVariable,
  secondsVariable,
} from './variables.ts';

const soakPage = join(import.meta.dirname, '..', '..', 'packages', 'cloud-provider', 'docs', 'soak.md');

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
  run: async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'ccm-ts-soak-'));
    try {
      const resultFile = join(folder, 'result.json');
      const environment = { [secondsVariable]: String(context.seconds ?? ''), [resultVariable]: resultFile };
      const outcome = await runOnEach(context, { file: 'soak.test.ts', environment });
      const isLong = (context.seconds ?? 0) >= shortestSecondsForPage;
      if (isLong && outcome.passed > 0 && outcome.failures.length === 0) {
        const result = JSON.parse(await readFile(resultFile, 'utf8')) as SoakResult;
        const machine = describeMachine(context.minors.join(', '));
        await writeFile(soakPage, renderSoak(result, machine, new Date().toISOString().slice(0, 10)));
        context.print(`wrote ${soakPage}`);
      }
      return outcome;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

function runOnEach(
  context: SuiteContext,
  part: { readonly file: string; readonly environment?: Readonly<Record<string, string>> },
): Promise<Outcome> {
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
              ...part.environment,
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
