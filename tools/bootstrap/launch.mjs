import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { BootstrapError } from './bootstrap-error.mjs';
import { ensureBuilt } from './ensure-built.mjs';
import { ensureInstalled } from './ensure-installed.mjs';
import { findNode } from './find-node.mjs';

const passedOn = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/**
 * Installs what is missing, builds what is asked for, then runs a TypeScript program of the workspace on the project's Node, with this process's
 * standard streams. Signals are passed on; the exit code becomes this process's.
 *
 * @param {object} options
 * @param {string} options.root the workspace's folder
 * @param {string} options.script relative to the root
 * @param {readonly string[]} options.args
 * @param {string} [options.runsOn] a package that is built first and used as built; @default all packages as sources
 * @returns {Promise<void>} settles when the program has ended
 */
export async function launch({ root, script, args, runsOn }) {
  let node;
  try {
    ensureInstalled(root);
    node = findNode(root);
    if (runsOn !== undefined) ensureBuilt(root, runsOn, node);
  } catch (error) {
    if (!(error instanceof BootstrapError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
    return;
  }
  const conditions = runsOn === undefined ? ['--conditions=@ccm-ts/source'] : [];
  const child = spawn(node, [...conditions, join(root, script), ...args], { stdio: 'inherit' });
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
