import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { BootstrapError } from './bootstrap-error.mjs';

/**
 * Brings node_modules to what package-lock.json says, by `npm ci`, and does nothing when it is there already.
 *
 * Speaks on stderr only, so that a caller's stdout stays clean; npm's own words are shown only when it fails.
 *
 * @param {string} root the folder that holds package-lock.json
 * @throws {BootstrapError} when the installation fails
 */
export function ensureInstalled(root) {
  if (isInstalled(root)) return;
  process.stderr.write('installing what package-lock.json names (about a minute the first time)\n');
  const { status, stdout, stderr, error } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PATH: searchPathOutside(root) },
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32',
  });
  if (error) throw new BootstrapError(`npm could not be started (${error.message}): install npm and put it on PATH`);
  if (status !== 0) {
    process.stderr.write(`${stdout}${stderr}`);
    throw new BootstrapError('npm ci failed, see its words above: mend that and run the same command again');
  }
  writeFileSync(stampFile(root), lockHash(root));
}

/**
 * Whether node_modules is what the lock file says: our stamp, or else the list that npm itself leaves behind, so that an
 * installation made by hand is not made again.
 *
 * @param {string} root
 * @returns {boolean}
 */
export function isInstalled(root) {
  const installedList = join(root, 'node_modules', '.package-lock.json');
  // npm writes the list last: without it an installation was interrupted.
  if (!existsSync(installedList)) return false;
  const hash = lockHash(root);
  const stamp = stampFile(root);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return true;
  if (!isListOf(readPackages(join(root, 'package-lock.json')), readPackages(installedList))) return false;
  writeFileSync(stamp, hash);
  return true;
}

/**
 * @param {LockedPackages} locked
 * @param {LockedPackages} installed
 */
function isListOf(locked, installed) {
  const wanted = Object.entries(locked).filter(([path, entry]) => path.startsWith('node_modules/') && !entry.link);
  const isHeld = wanted.every(([path, { version, integrity, optional }]) => {
    const held = installed[path];
    if (held === undefined) return optional === true;
    return held.version === version && held.integrity === integrity;
  });
  return isHeld && Object.keys(installed).every((path) => path in locked);
}

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean }} LockedPackage
 * @typedef {Record<string, LockedPackage>} LockedPackages
 */

/**
 * @param {string} file
 * @returns {LockedPackages}
 */
function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
}

/** @param {string} root */
function stampFile(root) {
  return join(root, 'node_modules', '.installed-lock-hash');
}

/** @param {string} root */
function lockHash(root) {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

/**
 * npm must not run on a Node inside the folder that it is about to delete.
 *
 * @param {string} root
 */
function searchPathOutside(root) {
  const entries = (process.env.PATH ?? '').split(delimiter);
  return entries.filter((entry) => !entry.startsWith(join(root, 'node_modules'))).join(delimiter);
}
