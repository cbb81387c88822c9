import { describe, expect, it } from '@jest/globals';
import type { Check } from './check.ts';
import { runChecks } from './run-checks.ts';

const green: Check = { name: 'green', run: async () => ({ passed: 3, failed: 0 }) };
const red: Check = {
  name: 'red',
  run: async ({ log }) => {
    log('9 passed, 0 failed');
    log('why it failed');
    return { passed: 1, failed: 2 };
  },
};
const throwing: Check = { name: 'throwing', run: async () => await Promise.reject(new Error('out of order')) };
const impossible: Check = {
  name: 'impossible',
  run: async () => ({
    passed: 0,
    failed: 0,
    notRun: [{ name: 'impossible', reason: 'there is no such thing', remedy: 'get one' }],
  }),
};

async function run(
  checks: readonly Check[],
  options: { readonly onNotRun?: 'report' | 'fail'; readonly signal?: AbortSignal } = {},
): Promise<{ readonly exitCode: number; readonly lines: string[] }> {
  const lines: string[] = [];
  const exitCode = await runChecks(checks, {
    root: '.',
    signal: options.signal ?? new AbortController().signal,
    onNotRun: options.onNotRun ?? 'report',
    print: (line) => lines.push(line),
  });
  return { exitCode, lines };
}

describe('runChecks', () => {
  it('adds up and ends with the counts', async () => {
    const { exitCode, lines } = await run([green, green]);
    expect(lines.slice(-2)).toEqual(['not run: 0', '6 passed, 0 failed']);
    expect(exitCode).toBe(0);
  });

  it('goes on after a failure, shows its whole log and fails', async () => {
    const { exitCode, lines } = await run([red, green]);
    expect(lines.at(-1)).toBe('4 passed, 2 failed');
    expect(lines).toContain('    why it failed');
    expect(lines).toContain('failed: red');
    expect(exitCode).toBe(1);
  });

  it('prints exactly one line that is nothing but the counts', async () => {
    const { lines } = await run([red, green, throwing, impossible]);
    expect(lines.filter((line) => /^\d+ passed, \d+ failed$/.test(line))).toEqual(['4 passed, 3 failed']);
  });

  it('counts a check that throws as one failure and says why', async () => {
    const { exitCode, lines } = await run([throwing, green]);
    expect(lines.at(-1)).toBe('3 passed, 1 failed');
    expect(lines.join('\n')).toContain('out of order');
    expect(exitCode).toBe(1);
  });

  it('names what this machine cannot run, with reason and remedy', async () => {
    const { exitCode, lines } = await run([green, impossible]);
    expect(lines.slice(-2)).toEqual([
      'not run: 1: impossible (there is no such thing; remedy: get one)',
      '3 passed, 0 failed',
    ]);
    expect(exitCode).toBe(0);
  });

  it('fails in CI when something was not run', async () => {
    expect((await run([green, impossible], { onNotRun: 'fail' })).exitCode).toBe(1);
    const partly: Check = {
      name: 'partly',
      run: async () => ({ passed: 1, failed: 0, notRun: [{ name: 'half', reason: 'none', remedy: 'get it' }] }),
    };
    expect((await run([partly], { onNotRun: 'fail' })).exitCode).toBe(1);
  });

  it('does not call it a success when nothing was run at all', async () => {
    expect((await run([])).exitCode).toBe(1);
    expect((await run([impossible])).exitCode).toBe(1);
  });

  it('ends a check that takes too long, and goes on', async () => {
    const hanging: Check = {
      name: 'hanging',
      timeLimitMilliseconds: 20,
      run: async ({ signal }) =>
        await new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        }),
    };
    const { exitCode, lines } = await run([hanging, green]);
    expect(lines.at(-1)).toBe('3 passed, 1 failed');
    expect(lines.join('\n')).toContain('TimeoutError');
    expect(exitCode).toBe(1);
  });

  it('counts what an interruption left undone as failed', async () => {
    const abort = new AbortController();
    const interrupted: Check = {
      name: 'interrupted',
      run: async () => {
        abort.abort();
        return { passed: 5, failed: 0 };
      },
    };
    const { exitCode, lines } = await run([interrupted, green], { signal: abort.signal });
    expect(lines.at(-1)).toBe('0 passed, 2 failed');
    expect(exitCode).toBe(1);
  });

  it('runs what waits beside what computes, two at a time, after what it needs', async () => {
    const events: string[] = [];
    const traced = (name: string, rest: Partial<Check> = {}): Check => ({
      name,
      run: async () => {
        events.push(`${name} begins`);
        for (let turn = 0; turn < 5; turn++) await Promise.resolve();
        events.push(`${name} ends`);
        return { passed: 1, failed: 0 };
      },
      ...rest,
    });
    const beside = { besideWhatFollows: 'build' };
    const { lines } = await run([
      traced('lint'),
      traced('build'),
      traced('units'),
      traced('servers', beside),
      traced('page', beside),
      traced('charts', beside),
    ]);
    expect(events.slice(0, 4)).toEqual(['lint begins', 'lint ends', 'build begins', 'build ends']);
    expect(events.slice(4, 7).toSorted()).toEqual(['page begins', 'servers begins', 'units begins']);
    expect(events.indexOf('servers ends')).toBeLessThan(events.indexOf('charts begins'));
    expect(events.filter((event) => event === 'charts begins')).toHaveLength(1);
    expect(lines.at(-1)).toBe('6 passed, 0 failed');
  });
});
