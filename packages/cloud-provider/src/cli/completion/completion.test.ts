import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { memoryCloudProvider } from '../../testing/memory-cloud/memory-cloud-provider.ts';
import { runProgram } from '../run-program.ts';

const program = 'memory-ccm';
const env = { PATH: process.env['PATH'] };
const isInstalled = (shell: string): boolean => spawnSync(shell, ['--version'], { env }).status === 0;

/** How a shell is made to say what it would complete, at the end of a line that holds no quotes. */
const askers: Readonly<Record<string, (script: string, line: string) => readonly string[]>> = {
  bash: (script, line) => {
    const words = line.split(' ');
    const set = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}`;
    return ['--norc', '-uc', `source ${script}; ${set}; _memory_ccm; printf '%s\\n' "\${COMPREPLY[@]-}"`];
  },
  // What its own bridge to completions of bash does for a line: the function runs as in ksh, which counts from 0.
  zsh: (script, line) => {
    const words = line.split(' ');
    const set = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}`;
    const ask = `ask() { emulate -L sh; setopt kshglob noshglob braceexpand ksharrays; _memory_ccm; printf '%s\\n' "\${COMPREPLY[@]-}"; }`;
    return ['-f', '-c', `compdef() { true; }; source ${script}; ${ask}; ${set}; ask`];
  },
  fish: (script, line) => ['--no-config', '-c', `source ${script}; complete -C '${line}' | cut -f1`],
};

describe('completion', () => {
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ccm-completion-'));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function scriptFor(shell: string): Promise<string> {
    let text = '';
    const code = await runProgram(
      { name: program, version: '1', factory: memoryCloudProvider() },
      {
        argv: ['node', program, 'completion', shell],
        env: {},
        stdout: { write: (more: string) => (text += more) },
        stderr: { write: (more: string) => (text += more) },
        on: () => undefined,
        off: () => undefined,
      },
    );
    expect(code).toBe(0);
    const path = join(folder, shell);
    await writeFile(path, text);
    return path;
  }

  // Bash is everywhere where this is developed; others are asked where they are.
  it.each(['bash', ...Object.keys(askers).filter((shell) => shell !== 'bash' && isInstalled(shell))])(
    'is what %s completes with',
    async (shell) => {
      const script = await scriptFor(shell);
      const complete = (line: string): readonly string[] => {
        const { status, stderr, stdout } = spawnSync(shell, askers[shell]?.(script, line) ?? [], {
          env,
          encoding: 'utf8',
        });
        expect([line, status, stderr]).toEqual([line, 0, '']);
        // Zsh itself leaves out what does not begin with what was typed.
        const typed = line.slice(line.lastIndexOf(' ') + 1);
        return stdout.split('\n').filter((word) => word !== '' && word.startsWith(typed));
      };
      expect(complete(`${program} pl`)).toEqual(['plan']);
      expect(complete(`${program} `)).toEqual(
        expect.arrayContaining(['explain', 'doctor', 'orphans', 'capture', 'replay']),
      );
      expect(complete(`${program} plan se`)).toEqual(['services']);
      expect(complete(`${program} orphans `)).toEqual(expect.arrayContaining(['list', 'adopt', 'delete']));
      expect(complete(`${program} doctor --as-`)).toEqual(['--as-group']);
      expect(complete(`${program} plan --output y`)).toEqual(['yaml']);
      expect(complete(`${program} plan -o j`)).toEqual(['json']);
      expect(complete(`${program} nonsense x`)).toEqual([]);
    },
    60_000,
  );

  it.each(['bash', 'zsh', 'fish'].filter(isInstalled))(
    'is a script that %s can read',
    async (shell) => {
      expect(spawnSync(shell, ['-n', await scriptFor(shell)], { env }).status).toBe(0);
    },
    60_000,
  );
});
