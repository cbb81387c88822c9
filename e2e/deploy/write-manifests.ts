import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { distributionValues, distributions, manifestFolder, manifestText, stageChart } from './charts.ts';
import { findHelm } from './helm.ts';

/** Writes the plain manifests of a provider anew, after its chart has changed; the suite `deploy` compares them. */
const [provider = 'cloud-provider-aws'] = process.argv.slice(2);
await using chart = await stageChart(await findHelm((line) => console.log(line)), provider);
await mkdir(manifestFolder(provider), { recursive: true });
for (const distribution of await distributions()) {
  const { exitCode, stdout, stderr } = await chart.template([`--values=${distributionValues(distribution)}`]);
  if (exitCode !== 0) throw new Error(stderr);
  await writeFile(join(manifestFolder(provider), `${distribution}.yaml`), manifestText(stdout));
}
