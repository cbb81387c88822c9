import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { jsonText } from './json-text.ts';
import type { GeneratedFile } from './references.ts';

/** What a provider has in `src/iam/policy-files.ts` when its cloud takes policies. */
interface PolicyModule {
  readonly policyFiles: (text: typeof jsonText) => readonly { readonly name: string; readonly text: string }[];
}

/** The rights that the manager of each cloud needs, in the words of that cloud. */
export async function iamFiles(root: string): Promise<readonly GeneratedFile[]> {
  const files: GeneratedFile[] = [];
  for (const provider of readdirSync(join(root, 'packages')).sort()) {
    const source = join(root, 'packages', provider, 'src/iam/policy-files.ts');
    if (!existsSync(source)) continue;
    const { policyFiles } = (await import(pathToFileURL(source).href)) as PolicyModule;
    const folder = `packages/${provider}/docs`;
    files.push(...policyFiles(jsonText).map(({ name, text }) => ({ path: `${folder}/${name}`, text })));
  }
  return files;
}
