import { join } from 'node:path';
import { bundleExecutable } from '../aws/executable.ts';
import { startMoto } from '../aws/moto.ts';
import { executableVariable, motoVariable } from '../aws/variables.ts';
import { runParts, type Suite, type SuiteContext } from '../harness/suite.ts';
import type { Outcome } from '../harness/outcome.ts';
import { runTestFiles } from '../harness/test-files.ts';
import { startKubeApiServer } from '../kube-apiserver/start.ts';
import { kubeconfigVariable, kubectlVariable } from '../kubectl/kubectl.ts';
import type { Minor } from '../kube-apiserver/versions.ts';
import { findBuildah, findEmulator, findRunc } from './container.ts';
import { findHelm } from './helm.ts';
import { helmVariable } from './variables.ts';

/**
 * What an operator installs: charts by the real Helm and plain manifests, the first node of a cluster, and the image in a
 * container; on real API servers.
 */
export const deploySuite: Suite = {
  name: 'deploy',
  description: 'charts, manifests, the first node of a cluster and the image, on real API servers',
  run: (context) => runParts(context.minors.flatMap((minor) => partsFor(minor, context))),
};

function partsFor(minor: Minor, context: SuiteContext): Parameters<typeof runParts>[0] {
  const server = `kube-apiserver ${minor}`;
  return [
    {
      title: `charts on ${server}`,
      run: async () =>
        runFile(
          { file: 'charts.test.ts', minor, environment: { [helmVariable]: await findHelm(context.print) } },
          context,
        ),
    },
    {
      title: `the first node on ${server}`,
      run: async () => {
        await using moto = await startMoto(context.print);
        const environment = { [motoVariable]: moto.url, [executableVariable]: await bundleExecutable() };
        return await runFile({ file: 'bootstrap.test.ts', minor, environment }, context);
      },
    },
    {
      title: `the page for beginners on ${server}`,
      run: async () => {
        const helm = await findHelm(context.print);
        await using moto = await startMoto(context.print);
        const executable = await bundleExecutable();
        const environment = { [motoVariable]: moto.url, [executableVariable]: executable, [helmVariable]: helm };
        return await runFile({ file: 'getting-started.test.ts', minor, environment }, context);
      },
    },
    {
      title: `what was installed on ${server}`,
      run: async () => {
        const helm = await findHelm(context.print);
        await using moto = await startMoto(context.print);
        const executable = await bundleExecutable();
        const environment = { [motoVariable]: moto.url, [executableVariable]: executable, [helmVariable]: helm };
        return await runFile({ file: 'installed.test.ts', minor, environment }, context);
      },
    },
    {
      title: `the image on ${server}`,
      run: async () => {
        await Promise.all([findRunc(), findEmulator(), findBuildah()]);
        await using moto = await startMoto(context.print);
        return await runFile({ file: 'image.test.ts', minor, environment: { [motoVariable]: moto.url } }, context);
      },
    },
  ];
}

interface TestFile {
  readonly file: string;
  readonly minor: Minor;
  readonly environment: Readonly<Record<string, string>>;
}

async function runFile({ file, minor, environment }: TestFile, context: SuiteContext): Promise<Outcome> {
  await using server = await startKubeApiServer({ minor, progress: context.print });
  return await runTestFiles({
    title: `${file.replace(/\.test\.ts$/, '')} on kube-apiserver ${minor}`,
    files: [join(import.meta.dirname, file)],
    environment: { [kubeconfigVariable]: server.kubeconfig, [kubectlVariable]: server.kubectl, ...environment },
    only: context.only,
    concurrency: 1,
    signal: context.signal,
    print: context.print,
  });
}
