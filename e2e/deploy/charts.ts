import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HelmOutcome, runHelm } from './helm.ts';

const packages = join(import.meta.dirname, '../../packages');
const sharedChart = join(packages, 'cloud-provider/chart');
const distributionFolder = join(sharedChart, 'distributions');

/** Where the plain manifests of a provider are. */
export function manifestFolder(provider: string): string {
  return join(packages, provider, 'manifests');
}

/** The kinds of clusters that there are plain manifests for. */
export async function distributions(): Promise<readonly string[]> {
  return (await readdir(distributionFolder)).map((file) => file.replace(/\.yaml$/, '')).toSorted();
}

export function distributionValues(distribution: string): string {
  return join(distributionFolder, `${distribution}.yaml`);
}

/** The chart of a provider with the shared chart in it, as a packaged chart has it. */
export interface StagedChart extends AsyncDisposable {
  readonly folder: string;
  /** What `helm template` makes of it for a release in kube-system that is called as the chart is. */
  readonly template: (args?: readonly string[]) => Promise<HelmOutcome>;
}

export const releaseName = 'aws-cloud-controller-manager';

export async function stageChart(helm: string, provider: string): Promise<StagedChart> {
  const area = await mkdtemp(join(tmpdir(), 'ccm-ts-chart-'));
  const folder = join(area, 'chart');
  await cp(join(packages, provider, 'chart'), folder, { recursive: true });
  await cp(sharedChart, join(folder, 'charts/cloud-provider'), { recursive: true });
  const release = `${provider.replace(/^cloud-provider-/, '')}-cloud-controller-manager`;
  return {
    folder,
    template: (args = []) => runHelm(helm, ['template', release, folder, '--namespace=kube-system', ...args]),
    [Symbol.asyncDispose]: () => rm(area, { recursive: true, force: true }),
  };
}

/** The text of a plain manifest. Helm has no part in what is installed by it. */
export function manifestText(rendered: string): string {
  const header = '# Made from the chart by e2e/deploy/write-manifests.ts. Do not edit.\n';
  return header + rendered.replaceAll('app.kubernetes.io/managed-by: Helm', 'app.kubernetes.io/managed-by: manifest');
}
