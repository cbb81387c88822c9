import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runParts, type Suite } from '../harness/suite.ts';
import { runTestFiles } from '../harness/test-files.ts';
import { startKubeApiServer } from '../kube-apiserver/start.ts';
import { kubeconfigVariable, kubectlVariable } from '../kubectl/kubectl.ts';
import { startCountingProxy } from './counting-proxy.ts';
import { bundleExecutable } from './executable.ts';
import { startMoto } from './moto.ts';
import { runScenarios } from './scenarios/run-scenarios.ts';
import { executableVariable, logVariable, motoVariable, proxyVariable } from './variables.ts';

/** The executable of the AWS provider as users run it, between a real API server and an emulator of AWS. */
export const awsSuite: Suite = {
  name: 'aws',
  description: 'the bundled AWS manager, on moto and real API servers',
  run: async (context) =>
    runParts([
      ...context.minors.map((minor) => ({
        title: `scenarios on kube-apiserver ${minor}`,
        run: () => runScenarios(minor, context),
      })),
      ...context.minors.map((minor) => ({
        title: `aws on kube-apiserver ${minor}`,
        run: async () => {
          await using moto = await startMoto(context.print);
          await using proxy = await startCountingProxy(moto.url);
          await using server = await startKubeApiServer({ minor, progress: context.print });
          const folder = await mkdtemp(join(tmpdir(), 'ccm-ts-aws-suite-'));
          const logFile = join(folder, 'manager.log');
          const outcome = await runTestFiles({
            title: `aws on kube-apiserver ${minor}`,
            files: [join(import.meta.dirname, 'aws.test.ts')],
            environment: {
              [kubeconfigVariable]: server.kubeconfig,
              [kubectlVariable]: server.kubectl,
              [motoVariable]: moto.url,
              [proxyVariable]: proxy.url,
              [logVariable]: logFile,
              [executableVariable]: await bundleExecutable(),
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
        },
      })),
    ]),
};
