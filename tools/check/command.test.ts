import { describe, expect, it } from '@jest/globals';
import { runCommand } from './command.ts';

describe('runCommand', () => {
  it('gives the lines of both streams, those of stdout apart, and the exit code', async () => {
    const lines: string[] = [];
    const script = `console.log('a\\nb'); console.error('c'); process.exit(3)`;
    const result = await runCommand({
      program: process.execPath,
      args: ['-e', script],
      cwd: '.',
      log: (line) => lines.push(line),
      signal: new AbortController().signal,
    });
    expect(result).toEqual({ exitCode: 3, stdoutLines: ['a', 'b'] });
    expect(lines.sort()).toEqual(['a', 'b', 'c']);
  });

  it('ends the program and what it started when aborted', async () => {
    const abort = new AbortController();
    const grandchild = `setInterval(() => {}, 1000); console.log('started')`;
    const script = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(grandchild)}], { stdio: 'inherit' })`;
    // The grandchild holds our end of stdout open as long as it lives: an answer at all shows that it ended.
    const { exitCode, stdoutLines } = await runCommand({
      program: process.execPath,
      args: ['-e', script],
      cwd: '.',
      log: () => abort.abort(),
      signal: abort.signal,
    });
    expect(exitCode).not.toBe(0);
    expect(stdoutLines).toEqual(['started']);
  });

  it('fails when the program cannot be started', async () => {
    const command = { program: 'no-such-program', args: [], cwd: '.', log: () => undefined };
    await expect(runCommand({ ...command, signal: new AbortController().signal })).rejects.toThrow('ENOENT');
  });
});
