import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join, posix } from 'node:path';
import {
  allowedPackages,
  libraryZones,
  providedBy,
  sdkFolder,
  testingEntries,
  vendorWords,
  zonesForTests,
  zonesOfDependency,
  zonesOfIslands,
} from './boundary-rules.ts';
import type { Breach } from './breach.ts';
import { type ModuleReference, readModuleSyntax } from './module-syntax.ts';
import { listTypeScriptFiles, type Workspace, type WorkspacePackage } from './workspace.ts';

/** One file together with what judging it takes. */
interface Source {
  readonly workspace: Workspace;
  readonly owner: WorkspacePackage;
  /** Relative to the package's folder. */
  readonly file: string;
  readonly text: string;
}

type Finding = Omit<Breach, 'path'>;

/** Judges every TypeScript file of every package by the tables of boundary-rules.ts. */
export async function findBoundaryBreaches(workspace: Workspace): Promise<Breach[]> {
  const breaches: Breach[] = [];
  for (const owner of workspace.packages) {
    const folder = join(workspace.root, owner.folder);
    for (const file of await listTypeScriptFiles(folder)) {
      const text = await readFile(join(folder, file), 'utf8');
      const findings = judgeSource({ workspace, owner, file, text });
      breaches.push(...findings.map((finding) => ({ path: `${owner.folder}/${file}`, ...finding })));
    }
  }
  return breaches;
}

function judgeSource(source: Source): Finding[] {
  const syntax = readModuleSyntax(source.file, source.text);
  return [
    ...syntax.references.flatMap((reference) => {
      const message = judgeReference(source, reference);
      return message === undefined ? [] : [{ line: reference.line, message }];
    }),
    ...(isToolConfiguration(source.file) ? [] : syntax.defaultExports).map((line) => ({
      line,
      message: 'default export: export it by name',
    })),
    ...judgeIndexFile(source),
    ...judgeZone(source),
    ...findVendorWords(source),
  ];
}

function judgeReference(source: Source, { specifier }: ModuleReference): string | undefined {
  if (specifier.startsWith('.')) return judgeRelativeImport(source, specifier);
  if (specifier.startsWith('node:')) return undefined;
  if (isBuiltin(specifier)) return `import of '${specifier}': write 'node:${specifier}'`;
  const name = packageNameOf(specifier);
  const target = source.workspace.packages.find((candidate) => candidate.manifest.name === name);
  return target
    ? judgeSiblingImport(source, target, specifier)
    : (judgeDeclaration(source, name) ?? judgeOutsideImport(source, name));
}

function judgeRelativeImport(source: Source, specifier: string): string | undefined {
  const target = posix.normalize(posix.join(posix.dirname(source.file), specifier));
  if (target.startsWith('../'))
    return `import of '${specifier}' leaves the package: import the other package by its name`;
  return source.owner.type === 'library' ? judgeZoneImport(source.file, target) : undefined;
}

function judgeZoneImport(file: string, target: string): string | undefined {
  const from = zoneOf(file);
  const to = zoneOf(target);
  if (from === undefined || to === undefined) return undefined;
  if (from === to) return judgeIsland(from, file, target);
  const allowed = [...(libraryZones[from] ?? []), ...(isTest(file) ? zonesForTests : [])];
  return allowed.includes(to) ? undefined : `${from} must not import ${to}: imports go downwards only`;
}

function judgeIsland(zone: string, file: string, target: string): string | undefined {
  if (!zonesOfIslands.includes(zone)) return undefined;
  const [from, to] = [islandOf(zone, file), islandOf(zone, target)];
  if (to === undefined || from === to) return undefined;
  return `${from ?? zone} must not import ${to}: what they share belongs one layer down`;
}

/** The folder right below the zone that the file stands in; undefined for a file of the zone itself. */
function islandOf(zone: string, file: string): string | undefined {
  const [folder, ...rest] = file.slice(zone.length + 1).split('/');
  return rest.length > 0 ? `${zone}/${folder}` : undefined;
}

function judgeSiblingImport(source: Source, target: WorkspacePackage, specifier: string): string | undefined {
  const { owner } = source;
  const { name } = target.manifest;
  if (target === owner) return `import of '${specifier}': a package imports its own files by relative path`;
  if (!allowedPackages[owner.type].includes(target.type)) return `a ${owner.type} package must not import ${name}`;
  if (!isDeclared(source, name)) return `import of ${name}, which ${owner.folder}/package.json does not declare`;
  const entry = specifier.slice(name.length + 1);
  const exported = target.manifest.exports ?? {};
  if (!((entry === '' ? '.' : `./${entry}`) in exported)) return `'${specifier}' is not a public entry of ${name}`;
  const isShipped = owner.type === 'provider' && !isTest(source.file);
  if (isShipped && testingEntries.includes(entry)) return `'${specifier}' is for tests only`;
  return undefined;
}

function judgeDeclaration(source: Source, name: string): string | undefined {
  const declared = providedBy[name] ?? name;
  if (isDeclared(source, declared)) return undefined;
  const { folder } = source.owner;
  if (isDeclared({ ...source, file: 'x.test.ts' }, declared)) {
    return `import of ${name}, which ${folder}/package.json declares for development only`;
  }
  return `import of ${name}, which ${folder}/package.json does not declare`;
}

/** What is shipped may lean on run-time dependencies only; tests and configuration on development ones too. */
function isDeclared({ workspace, owner, file }: Source, name: string): boolean {
  const { dependencies = {}, optionalDependencies = {}, devDependencies = {} } = owner.manifest;
  if (name in dependencies || name in optionalDependencies) return true;
  const isHarness = owner.type === 'tool' || owner.type === 'e2e';
  if (isHarness) return name in devDependencies || name in (workspace.manifest.devDependencies ?? {});
  return (isTest(file) || !file.startsWith('src/')) && name in devDependencies;
}

function judgeOutsideImport({ owner, file }: Source, name: string): string | undefined {
  if (isTest(file) || !file.startsWith('src/')) return undefined;
  switch (owner.type) {
    case 'library': {
      const zones = zonesOfDependency[name];
      const zone = zoneOf(file);
      if (zones === undefined || zone === undefined || zones.includes(zone)) return undefined;
      return `${name} must be imported in ${zones.join(' or ')} only`;
    }
    case 'provider':
    case 'client':
      return file.startsWith(sdkFolder) ? undefined : `${name} must be imported in ${sdkFolder} only`;
    case 'tool':
    case 'e2e':
      return undefined;
  }
}

function judgeIndexFile({ owner, file }: Source): Finding[] {
  if (posix.basename(file) !== 'index.ts') return [];
  const entries = Object.values(owner.manifest.exports ?? {}).flatMap((entry) =>
    typeof entry === 'string' ? [entry] : Object.values(entry),
  );
  if (entries.includes(`./${file}`)) return [];
  return [{ message: 'index.ts stands at public entries only: name the file for what it holds' }];
}

function judgeZone({ owner, file }: Source): Finding[] {
  if (owner.type !== 'library' || !file.startsWith('src/') || zoneOf(file) !== undefined) return [];
  return [{ message: 'stands in no layer of the library: move it, or add the layer to tools/check/boundary-rules.ts' }];
}

function findVendorWords({ owner, file, text }: Source): Finding[] {
  if (owner.type !== 'library' || !file.startsWith('src/')) return [];
  const pattern = new RegExp(`(?<![a-z0-9])(${vendorWords.join('|')})(?![a-z0-9])`, 'gi');
  return text.split('\n').flatMap((line, index) =>
    [...line.matchAll(pattern)].map(([word]) => ({
      line: index + 1,
      message: `'${word}' names a vendor: the library reads capabilities, it knows no vendor`,
    })),
  );
}

/** The longest zone that the path lies in. */
function zoneOf(file: string): string | undefined {
  return Object.keys(libraryZones)
    .filter((zone) => file === zone || file.startsWith(`${zone}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function packageNameOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Tests, and what they share: `test-*.ts`. */
function isTest(file: string): boolean {
  return file.endsWith('.test.ts') || /(^|\/)test-[^/]+\.ts$/.test(file);
}

function isToolConfiguration(file: string): boolean {
  return /\.config\.[cm]?ts$/.test(file);
}
