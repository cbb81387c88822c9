import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BootstrapError } from './bootstrap-error.mjs';

/** nx without a server, a cloud or a drawn screen: it ends when the build ends. */
const nxEnvironment = { NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NX_TUI: 'false', FORCE_COLOR: '0' };

/**
 * Builds a package and what it depends on. What is built already from the same sources comes from nx's cache.
 *
 * Speaks on stderr only, so that a caller's stdout stays clean; the compiler's own words are shown only when it fails.
 *
 * @param {string} root the workspace's folder, installed
 * @param {string} project the package's name in nx
 * @param {string} node the Node that runs the build
 * @throws {BootstrapError} when the build fails
 */
export function ensureBuilt(root, project, node) {
  process.stderr.write(`building ${project} (seconds when nothing has changed)\n`);
  const nx = findNx(root);
  const { status, stdout, stderr, error } = spawnSync(node, [nx, 'run', `${project}:build`, '--outputStyle=stream'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...nxEnvironment },
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error) throw new BootstrapError(`nx could not be started (${error.message}): run npm ci, then the command again`);
  if (status !== 0) {
    process.stderr.write(`${stdout}${stderr}`);
    throw new BootstrapError(`building ${project} failed, see the words above: mend that and run the command again`);
  }
}

/**
 * @param {string} root
 * @returns {string} the program behind the command, which a file that only a shell can start may hide
 */
function findNx(root) {
  const folder = join(root, 'node_modules', 'nx');
  return join(folder, JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).bin.nx);
}
