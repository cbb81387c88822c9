import { posix } from 'node:path';
import type { VendorName } from './vendor-name.ts';

/** One change of a text. Its `from` must be there exactly once, so that a change of the source can't go by unseen. */
export type Edit =
  | { readonly kind: 'replace'; readonly from: string; readonly to: string }
  /** Everything from the first text up to the second, which stays. */
  | { readonly kind: 'cut'; readonly from: string; readonly upTo: string };

/** A file of the example that is taken over into the generated package. */
export interface DerivedFile {
  /** In the folder of the example. */
  readonly source: string;
  /** In the folder of the generated package. */
  readonly target: string;
  /** What its reader is told first: what to put in its place. */
  readonly note?: string;
  readonly edits?: readonly Edit[];
}

/** @throws Error when the text does not hold what an edit is about exactly once */
export function applyEdits(source: string, text: string, edits: readonly Edit[]): string {
  let edited = text;
  for (const edit of edits) {
    const start = edited.indexOf(edit.from);
    if (start < 0 || edited.includes(edit.from, start + 1)) {
      throw new Error(`${source} no longer holds this exactly once, change the edits of the generator: ${edit.from}`);
    }
    if (edit.kind === 'replace') {
      edited = edited.slice(0, start) + edit.to + edited.slice(start + edit.from.length);
      continue;
    }
    const end = edited.indexOf(edit.upTo, start);
    if (end < 0) throw new Error(`${source} no longer holds this, change the edits of the generator: ${edit.upTo}`);
    edited = edited.slice(0, start) + edited.slice(end);
  }
  return edited;
}

const importStatement = /^import (type )?\{([^}]*)\} from '([^']+)';\n/gm;

/** Where the imports of a file lead to. */
export interface ImportMap {
  /** Of the example's own files, by path in its folder. */
  readonly targets: ReadonlyMap<string, string>;
  /** The package that everything else of the library comes from. */
  readonly library: string;
}

/**
 * Imports of the example's own files follow them to where they are put; all others, which the example has as a part of the
 * library, come from the library's public entry.
 *
 * @throws Error when a file of the example is imported that is not taken over
 */
export function moveImports(file: DerivedFile, text: string, { targets, library }: ImportMap): string {
  const fromLibrary: string[] = [];
  const own: string[] = [];
  const body = text.replaceAll(importStatement, (_all, type: string | undefined, list: string, specifier: string) => {
    const names = list
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
    const prefix = type ?? '';
    const path = posix.join(posix.dirname(file.source), specifier);
    if (!specifier.startsWith('.')) own.push(`import ${prefix}{ ${names.join(', ')} } from '${specifier}';`);
    else if (path.startsWith('../')) fromLibrary.push(...names.map((name) => `${prefix}${name}`));
    else {
      const target = targets.get(path);
      if (target === undefined)
        throw new Error(`${file.source} imports ${path}, which the generator does not take over`);
      const relative = posix.relative(posix.dirname(file.target), target);
      own.push(
        `import ${prefix}{ ${names.join(', ')} } from '${relative.startsWith('.') ? relative : `./${relative}`}';`,
      );
    }
    return '';
  });
  const statements = [...(fromLibrary.length > 0 ? [libraryImport(fromLibrary, library)] : []), ...own];
  return `${statements.join('\n')}\n\n${body.trimStart()}`;
}

function libraryImport(names: readonly string[], library: string): string {
  const sorted = names.toSorted((left, right) => (left.replace('type ', '') < right.replace('type ', '') ? -1 : 1));
  const isTypesOnly = sorted.every((name) => name.startsWith('type '));
  const list = isTypesOnly ? sorted.map((name) => name.slice('type '.length)) : sorted;
  return `import ${isTypesOnly ? 'type ' : ''}{ ${list.join(', ')} } from '${library}';`;
}

/** The example's name in identifiers, paths and prose becomes the vendor's. */
export function rename(text: string, { camel, kebab, pascal }: VendorName): string {
  return text
    .replaceAll('MemoryCloudConfig', `${pascal}Config`)
    .replaceAll(/\bMemoryLB(?=[A-Z])/g, 'Balancer')
    .replaceAll(/\bMemory(?=[A-Z])/g, pascal)
    .replaceAll(/\bmemory(?=[A-Z])/g, camel)
    .replaceAll('memory-client', `${kebab}-client`)
    .replaceAll(/\bmemory(?=:\/|:\\\/|-cloud\b)/g, kebab)
    .replaceAll(/\bmemory-1\b/g, 'example-1')
    .replaceAll(/'memory'/g, `'${kebab}'`)
    .replaceAll(/@default memory\b/g, `@default ${kebab}`)
    .replaceAll(/\ba memory cloud\b/g, 'an example cloud')
    .replaceAll(/\bmemory cloud\b/g, 'example cloud')
    .replaceAll(/\bMemory cloud\b/g, 'Example cloud');
}
