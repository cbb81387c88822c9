import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Failure, Outcome } from '../../harness/outcome.ts';
import { runParts, type Suite, type SuiteContext } from '../../harness/suite.ts';
import type { Minor } from '../../kube-apiserver/versions.ts';
import { startKubeApiServer } from '../../kube-apiserver/start.ts';
import { bundleExecutable, startManager } from '../executable.ts';
import { startMoto } from '../moto.ts';
import type { Difference } from './compare.ts';
import { type GoldenCase, loadCases } from './golden-case.ts';
import { GoldenCloud, goldenCluster } from './golden-cloud.ts';
import { GoldenCluster } from './golden-cluster.ts';
import { judgeDifferences, readListedDifferences } from './listed-differences.ts';
import { playCase } from './play-case.ts';
import { startCloudProxy } from './cloud-proxy.ts';

/** Played by every run; the others with `--all` or when they are asked for by name. */
const sample: readonly string[] = [
  'bad-clb-input',
  'clb-drift',
  'clb-ports-edit',
  'clb-tags',
  'nlb-drift',
  'nlb-healthcheck',
  'nlb-managed-sg',
  'nlb-tags',
  'nlb-two-services',
  'nlb-udp',
  'node-addresses',
  'node-join',
  'services-restart',
  'switch-clb-to-nlb',
];

/** What the Go manager did in the same cases; each difference is one that the documentation tells, and the other way round. */
export const awsGoldensSuite: Suite = {
  name: 'aws-goldens',
  description: 'the bundled AWS manager against what the Go manager did, case by case',
  run: async (context) =>
    runParts(
      context.minors.map((minor) => ({
        title: `goldens on kube-apiserver ${minor}`,
        run: () => runCases(minor, context),
      })),
    ),
};

async function runCases(minor: Minor, context: SuiteContext): Promise<Outcome> {
  const { only, print, signal } = context;
  const cases = (await loadCases()).filter((golden) => isChosen(golden, context));
  const executable = await bundleExecutable();
  await using moto = await startMoto(print, 'repaired');
  await using proxy = await startCloudProxy(moto.url);
  await using server = await startKubeApiServer({ minor, progress: print });
  using cloud = new GoldenCloud(moto.url);
  using cluster = new GoldenCluster(server.access);
  const folder = await mkdtemp(join(tmpdir(), 'ccm-ts-goldens-'));
  const found = new Map<string, readonly Difference[]>();
  const failures: Failure[] = [];
  const fail = (test: string, message: string): void => {
    failures.push({ test, message });
    print(`  ✗ ${test}\n      ${message.replaceAll('\n', '\n      ')}`);
  };
  for (const golden of cases) {
    signal.throwIfAborted();
    const logFile = join(folder, `${golden.case}.log`);
    const started = performance.now();
    try {
      const played = await playCase(
        {
          cloud,
          cluster,
          proxy,
          signal,
          startManager: ({ config, flags }) =>
            startManager({
              executable,
              kubeconfig: server.kubeconfig,
              endpoint: proxy.url,
              logFile,
              cloudConfig: cloudConfigText(cloud, config),
              flags: { 'leader-elect': 'false', 'configure-cloud-routes': 'false', ...flags },
              clusterName: goldenCluster,
            }),
        },
        golden,
      );
      found.set(golden.case, played.differences);
      const seconds = ((performance.now() - started) / 1000).toFixed(0);
      print(
        `  ${golden.case}: ${played.differences.length} differences, calls ${count(played.ours)} (Go ${count(played.golden)}), ${seconds} s`,
      );
    } catch (error) {
      signal.throwIfAborted();
      const words = (await readFile(logFile, 'utf8').catch(() => '')).trimEnd().split('\n').slice(-10).join('\n');
      fail(golden.case, `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n${words}`);
    }
  }
  const { unlisted, stale } = judgeDifferences(found, await readListedDifferences());
  for (const [name, differences] of unlisted) {
    if (differences.length > 0) fail(name, differences.map(describe).join('\n'));
  }
  // Some rows are about several cases.
  if (only === undefined) for (const message of stale) fail('differences', message);
  const broken = new Set(failures.map(({ test }) => test));
  if (failures.length > 0) print(`the logs of the manager are in ${folder}`);
  else await rm(folder, { recursive: true, force: true });
  return { passed: cases.filter((golden) => !broken.has(golden.case)).length, failures, notRun: [] };
}

function isChosen(golden: GoldenCase, { only, extent }: SuiteContext): boolean {
  if (only !== undefined) return only.test(golden.case);
  return extent === 'all' || sample.includes(golden.case);
}

/** The account as the Go manager was told of it. */
function cloudConfigText(cloud: GoldenCloud, config: GoldenCase['world']['config'] = {}): string {
  const entries = {
    Zone: 'us-east-1a',
    VPC: cloud.id('vpc'),
    SubnetID: cloud.id('subnet:public-a'),
    KubernetesClusterID: goldenCluster,
    ...Object.fromEntries(
      Object.entries(config).map(([key, value]) => [
        key,
        String(value).replace(/\{\{([^}]+)\}\}/g, (_, name: string) => cloud.id(name)),
      ]),
    ),
  };
  return `[Global]\n${Object.entries(entries)
    .map(([key, value]) => `${key} = "${value}"\n`)
    .join('')}`;
}

function count({ reads, writes }: { readonly reads: number; readonly writes: number }): string {
  return `${reads} r + ${writes} w`;
}

function describe({ path, golden, ours }: Difference): string {
  const short = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 400);
  return `${path}\n  Go:   ${short(golden)}\n  ours: ${short(ours)}`;
}
