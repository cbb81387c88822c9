import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { addOutcomes, type Outcome } from '../harness/outcome.ts';
import { serverTitle, startServer, type ServerChoice } from '../harness/servers.ts';
import { runParts, type Suite } from '../harness/suite.ts';
import { runTestFiles } from '../harness/test-files.ts';
import { historyControlVariable, serveHistoryControl } from './wire/history-control.ts';
import { kubeconfigVariable } from './wire/connection.ts';

/** The same tests against the in-process API server and the real ones: they may not ask which one they talk to. */
export const semanticsSuite: Suite = {
  name: 'semantics',
  description: 'reads, writes and watches, on the in-process API server and on real ones',
  run: async (context) => {
    const choices: ServerChoice[] = [
      { kind: 'in-process' },
      ...context.minors.map((minor): ServerChoice => ({ kind: 'real', minor })),
    ];
    return await runParts(
      choices.map((choice) => ({
        title: `semantics on ${serverTitle(choice)}`,
        run: async () => {
          await using server = await startServer(choice, context.print);
          await using history = await serveHistoryControl(server.forgetHistory);
          const run = (files: readonly string[]): Promise<Outcome> =>
            runTestFiles({
              title: `semantics on ${server.title}`,
              files,
              environment: { [kubeconfigVariable]: server.kubeconfig, [historyControlVariable]: history.url },
              only: context.only,
              signal: context.signal,
              print: context.print,
            });
          const outcome = await run(testFiles(import.meta.dirname));
          // What makes the server forget must not run beside tests that rely on its memory.
          return addOutcomes(outcome, await run(testFiles(join(import.meta.dirname, 'forgetting'))));
        },
      })),
    );
  },
};

function testFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(folder, name));
}
