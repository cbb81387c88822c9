import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { annotationFiles } from './annotation-files.ts';
import { chartFiles } from './chart-files.ts';
import { iamFiles } from './iam-files.ts';
import { observabilityPages } from './observability-pages.ts';
import { generatedFiles } from './references.ts';

/** `generate.ts` writes every generated file; `generate.ts --check` only says which ones are not current, and fails then. */
const root = resolve(import.meta.dirname, '../..');
const isCheck = process.argv.includes('--check');
const stale: string[] = [];
for (const { path, text } of [
  ...generatedFiles(),
  ...observabilityPages(),
  ...(await annotationFiles(root)),
  ...chartFiles(root),
  ...(await iamFiles(root)),
]) {
  const present = await readFile(join(root, path), 'utf8').catch(() => '');
  if (present === text) continue;
  stale.push(path);
  if (isCheck) continue;
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}
if (isCheck && stale.length > 0) {
  console.error(`not current: ${stale.join(', ')}: run node --conditions=@ccm-ts/source tools/generate/generate.ts`);
  process.exitCode = 1;
}
