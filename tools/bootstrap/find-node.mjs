import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BootstrapError } from './bootstrap-error.mjs';

const oldest = { major: 24, minor: 11 };

/**
 * The Node that runs the project: the one pinned in the lock file where npm offers it (Linux on x64 and arm64), else the one
 * that runs this.
 *
 * @param {string} root the folder that holds node_modules
 * @param {{ execPath: string, version: string }} [own] @default the running process
 * @returns {string} the path of the executable
 * @throws {BootstrapError} when neither will do
 */
export function findNode(root, own = { execPath: process.execPath, version: process.versions.node }) {
  const pinned = join(root, 'node_modules', '.bin', 'node');
  if (existsSync(pinned)) return pinned;
  const [major = 0, minor = 0] = own.version.split('.').map(Number);
  if (major > oldest.major || (major === oldest.major && minor >= oldest.minor)) return own.execPath;
  throw new BootstrapError(
    `Node ${own.version} is too old and npm offers none for ${process.platform} ${process.arch}: ` +
      `install Node ≥ ${oldest.major}.${oldest.minor} and run the same command again`,
  );
}
