import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { BootstrapError } from './bootstrap-error.mjs';
import { ensureInstalled } from './ensure-installed.mjs';
import { findNode } from './find-node.mjs';

const passedOn = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/**
 * Installs what is missing, then runs a TypeScript program of the workspace on the project's Node, with this process's
 * standard streams. Signals are passed on; the exit code becomes this process's.
 *
 * @param {object} options
 * @param {string} options.root the workspace's folder
 * @param {string} options.script relative to the root
 * @param {readonly string[]} options.args
 * @returns {Promise<void>} settles when the program has ended
 */
export async function launch({ root, script, args }) {
  let node;
  try {
    ensureInstalled(root);
    node = findNode(root);
  } catch (error) {
    if (!(error instanceof BootstrapError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
    return;
  }
  const child = spawn(node, ['--conditions=@ccm-ts/source', join(root, script), ...args], { stdio: 'inherit' });
  for (const signal of passedOn) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the whole process group, so the program has it already; a supervisor signals only us.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  process.exitCode = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
