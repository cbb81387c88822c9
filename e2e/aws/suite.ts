import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addOutcomes, type Outcome } from '../harness/outcome.ts';
import { runPart, runParts, type Suite, type SuiteContext } from '../harness/suite.ts';
import { runTestFiles } from '../harness/test-files.ts';
import { startKubeApiServer } from '../kube-apiserver/start.ts';
import type { Minor } from '../kube-apiserver/versions.ts';
import { kubeconfigVariable, kubectlVariable } from '../kubectl/kubectl.ts';
import { startCountingProxy } from './counting-proxy.ts';
import { bundleEcrExecutable, bundleExecutable } from './executable.ts';
import { startMoto } from './moto.ts';
import { runScenarios } from './scenarios/run-scenarios.ts';
import { ecrExecutableVariable, executableVariable, logVariable, motoVariable, proxyVariable } from './variables.ts';

/** The executable of the AWS provider as users run it, between a real API server and an emulator of AWS. */
export const awsSuite: Suite = {
  name: 'aws',
  description: 'the bundled AWS manager, on moto and real API servers',
  run: async (context) => {
    const executable = await bundleExecutable();
    return await runParts(
      context.minors.map((minor) => ({
        title: `aws on kube-apiserver ${minor}`,
        run: async () => {
          // Each waits most of the time, on an account and an API server of its own.
          const [scenarios, tests] = await Promise.all([
            runPart(`scenarios on kube-apiserver ${minor}`, () => runScenarios({ minor, executable, ...context })),
            runPart(`aws on kube-apiserver ${minor}`, () => runTests({ minor, executable, ...context })),
          ]);
          return addOutcomes(scenarios, tests);
        },
      })),
    );
  },
};

/** What one installation goes through from its first machine to its last Service, with the calls of each phase. */
async function runTests({
  minor,
  executable,
  ...context
}: SuiteContext & { readonly minor: Minor; readonly executable: string }): Promise<Outcome> {
  await using moto = await startMoto(context.print);
  await using proxy = await startCountingProxy(moto.url);
  await using server = await startKubeApiServer({ minor, progress: context.print });
  const folder = await mkdtemp(join(tmpdir(), 'ccm-ts-aws-suite-'));
  const logFile = join(folder, 'manager.log');
  const outcome = await runTestFiles({
    title: `aws on kube-apiserver ${minor}`,
    files: ['aws.test.ts', 'ecr.test.ts'].map((file) => join(import.meta.dirname, file)),
    environment: {
      [kubeconfigVariable]: server.kubeconfig,
      [kubectlVariable]: server.kubectl,
      [motoVariable]: moto.url,
      [proxyVariable]: proxy.url,
      [logVariable]: logFile,
      [executableVariable]: executable,
      [ecrExecutableVariable]: await bundleEcrExecutable(),
    },
    only: context.only,
    concurrency: 1,
    signal: context.signal,
    print: context.print,
  });
  context.print(`cloud calls by phase: ${JSON.stringify(proxy.counts)}`);
  if (outcome.failures.length > 0) {
    const lines = (await readFile(logFile, 'utf8')).trimEnd().split('\n');
    context.print(`the last that the manager said:\n${lines.slice(-40).join('\n')}`);
  }
  await rm(folder, { recursive: true, force: true });
  return outcome;
}
