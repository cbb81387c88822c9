import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Breach } from './breach.ts';

/** What the check reads of one entry of package-lock.json. */
interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

type LockedPackages = Readonly<Record<string, LockedPackage>>;

const lockFile = 'package-lock.json';

/**
 * Judges package-lock.json. Every optional edge must have an entry: where the registry at hand lacks another platform's
 * binary, `npm install` silently leaves it out, and `npm ci` then fails on every machine. Addresses of one registry do not
 * belong into a file that is used with others.
 */
export async function findLockFileBreaches(root: string): Promise<Breach[]> {
  const { packages } = JSON.parse(await readFile(join(root, lockFile), 'utf8')) as { packages: LockedPackages };
  return Object.entries(packages).flatMap(([path, entry]) => [
    ...Object.entries(entry.optionalDependencies ?? {})
      .filter(([name]) => !isResolvable(packages, path, name))
      .map(([name, range]) => ({
        path: lockFile,
        message: `${path || 'the root'} ${entry.version ?? ''} wants ${name}@${range}, which has no entry: pin a version that is complete`,
      })),
    ...(/^(https?|git)/.test(entry.resolved ?? '')
      ? [
          {
            path: lockFile,
            message: `${path} is resolved to ${entry.resolved}: set omit-lockfile-registry-resolved=true`,
          },
        ]
      : []),
  ]);
}

/** Node's own look-up: the nearest node_modules on the way up. */
function isResolvable(packages: LockedPackages, from: string, name: string): boolean {
  for (let folder: string | undefined = from; folder !== undefined; folder = parentOf(folder)) {
    if (`${folder ? `${folder}/` : ''}node_modules/${name}` in packages) return true;
  }
  return false;
}

function parentOf(folder: string): string | undefined {
  if (folder === '') return undefined;
  const nested = folder.lastIndexOf('/node_modules/');
  return nested >= 0 ? folder.slice(0, nested) : '';
}
