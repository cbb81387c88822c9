import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type AnyAnnotationRegistry,
  annotationPolicies,
  annotationSchema,
  type CloudProviderFactory,
  isAbsence,
  placeOn,
} from '@ccm-ts/cloud-provider';
import { chartTemplate } from './chart-files.ts';
import { jsonText } from './json-text.ts';
import type { GeneratedFile } from './references.ts';

const header = '<!-- Made by tools/generate/generate.ts from the declarations in the source. Do not edit. -->';

const ofProviders = 'cloud-provider-';

/** What is made from the annotations that each provider declares: page, schema and admission policies. */
export async function annotationFiles(root: string): Promise<readonly GeneratedFile[]> {
  const files: GeneratedFile[] = [];
  for (const name of readdirSync(join(root, 'packages')).filter((entry) => entry.startsWith(ofProviders))) {
    for (const { annotations } of await providersIn(join(root, 'packages', name))) {
      if (annotations === undefined) continue;
      const folder = `packages/${name}/docs`;
      const policies = { apiVersion: 'v1', kind: 'List', items: annotationPolicies(annotations) };
      files.push(
        { path: `${folder}/annotations.md`, text: reference(annotations) },
        { path: `${folder}/annotations.schema.json`, text: jsonText(annotationSchema(annotations)) },
        { path: `${folder}/annotation-policies.json`, text: jsonText(policies) },
      );
      const chart = `packages/${name}/chart`;
      if (!existsSync(join(root, chart, 'Chart.yaml'))) continue;
      const path = `${chart}/templates/_annotation-policies.tpl`;
      files.push({ path, text: chartTemplate('annotationPolicyDeclarations', policies.items) });
    }
  }
  return files;
}

/** The providers that a package exports: found in its folder, so that no vendor is named here. */
async function providersIn(folder: string): Promise<readonly CloudProviderFactory[]> {
  const exported = (await import(pathToFileURL(join(folder, 'src', 'index.ts')).href)) as object;
  const providers = Object.values(exported).filter(isProvider);
  if (providers.length === 0)
    throw new Error(`${folder}/src/index.ts exports no provider: export its CloudProviderFactory`);
  return providers;
}

function isProvider(value: unknown): value is CloudProviderFactory {
  return typeof value === 'object' && value !== null && 'name' in value && 'configure' in value;
}

function reference(registry: AnyAnnotationRegistry): string {
  const { annotations, kinds, prefix, rules } = registry.definition;
  const lines = [
    header,
    '',
    '# Annotations of Services',
    '',
    `Names without a slash begin with \`${prefix}\`. What can not be had is refused before anything is made, and what has no effect`,
    'is told: by an Event and the condition `ccm-ts/Accepted` of the Service, once for each change, with the annotation, its value',
    'and what to write instead. Names that nobody knows get the one that was probably meant.',
    '',
    'An API server says the same at `kubectl apply`, before anything is stored, when it has the [policies](annotation-policies.json):',
    '`kubectl apply -f annotation-policies.json`. They need no webhook, judge only annotations that a request changes, and let pass what',
    'they can not judge. The chart installs them with `annotationPolicies.enabled`. Editors and pipelines can check manifests by the [schema](annotations.schema.json).',
    '',
    '| annotation | takes | default | sets | example |',
    '|---|---|---|---|---|',
  ];
  for (const [name, declaration] of Object.entries(annotations)) {
    const { default: byDefault, example, format, sets } = declaration;
    lines.push(row([`[${code(name)}](#${anchor(name)})`, format.name, byDefault, sets, code(example)]));
  }
  for (const [name, declaration] of Object.entries(annotations)) {
    const { change, description, misfit = 'refused', since, source } = declaration;
    const places = kinds.map((kind) => {
      const place = placeOn(declaration, kind);
      if (!isAbsence(place)) return `- ${kind}: ${place.name}`;
      return `- ${kind}: ${place.effect === 'refused' ? 'refused' : 'no effect'}; ${place.fix}`;
    });
    lines.push('', `## ${name}`, '', description, '', ...places);
    lines.push(`- anything else: ${misfit === 'refused' ? 'refused' : 'told, and read as the Go manager reads it'}`);
    lines.push(`- later changes: ${change === 'followed' ? 'followed' : 'only a new load balancer has them'}`);
    for (const { about, effect, fix, kinds: its } of rules) {
      if (about === name)
        lines.push(`- beside others (${its.join(', ')}), ${effect === 'refused' ? 'refused' : 'told'}: ${fix}`);
    }
    lines.push(`- since ${since}; source: ${source}`);
  }
  return `${lines.join('\n')}\n`;
}

function anchor(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9-]/g, '');
}

function code(text: string): string {
  return `\`${text}\``;
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
}
