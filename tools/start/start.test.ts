import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

/** One run of the program, on the Node that runs the tests, without what installs and finds it. */
class Run implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #listeners = new Set<() => void>();
  readonly ended: Promise<number | null>;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], program = 'demo.ts') {
    const script = fileURLToPath(new URL(program, import.meta.url));
    this.#child = spawn(process.execPath, ['--conditions=@ccm-ts/source', script, ...args], {
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      for (const listener of this.#listeners) listener();
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.ended = new Promise((resolve) => this.#child.once('close', resolve));
  }

  /** Resolves with the first group of the first match in what was printed. */
  async printed(pattern: RegExp): Promise<string> {
    return new Promise((resolve) => {
      const look = (): void => {
        const match = pattern.exec(this.stdout);
        if (!match) return;
        this.#listeners.delete(look);
        resolve(match[1] ?? '');
      };
      this.#listeners.add(look);
      look();
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose]() {
    this.#child.kill('SIGKILL');
    await this.ended;
  }
}

const minute = 60_000;

describe('npm start', () => {
  it(
    'with --once prints one JSON object and succeeds only because everything converged',
    async () => {
      await using run = new Run(['--once', '--output', 'json', '--nodes', '4', '--services', '2']);
      expect(await run.ended).toBe(0);
      expect(JSON.parse(run.stdout)).toMatchObject({
        nodes: { wanted: 4, initialised: 4, terminated: 1 },
        services: { wanted: 2, ready: 2, deleted: 1 },
        operations: { create: { LoadBalancer: 2 }, delete: { LoadBalancer: 1 } },
        converged: true,
        problems: [],
      });
    },
    minute,
  );

  it(
    'with --once fails with the reason when the time is too short',
    async () => {
      await using run = new Run(['--once', '--output=json', '--deadline', '10ms']);
      expect(await run.ended).toBe(1);
      const report = JSON.parse(run.stdout) as { readonly converged: boolean; readonly problems: readonly string[] };
      expect(report.converged).toBe(false);
      expect(report.problems[0]).toContain('the scenario did not end within 10ms');
      const log = /not everything converged; the manager's log is in (.+)$/m.exec(run.stderr)?.[1] ?? '';
      expect(existsSync(log)).toBe(true);
      await rm(log);
    },
    minute,
  );

  it(
    'stays until it is told to stop, ends cleanly then and takes its files along',
    async () => {
      await using run = new Run([]);
      const kubeconfig = await run.printed(/^kubeconfig: (.+)$/m);
      const page = await run.printed(/^page: (.+)$/m);
      const log = await run.printed(/^log: (.+)$/m);
      expect((await fetch(page)).status).toBe(200);
      expect([existsSync(kubeconfig), existsSync(log)]).toEqual([true, true]);
      const line = await run.printed(/^ccm: npm run -s ccm -- (.+)$/m);
      await run.printed(/(everything converged)/);
      await using plan = new Run(line.split(' '), 'ccm.ts');
      expect([await plan.ended, plan.stderr]).toEqual([0, '']);
      expect(plan.stdout).toMatch(/^Plan: nothing is to be done/);
      run.kill('SIGINT');
      expect(await run.ended).toBe(0);
      expect([existsSync(kubeconfig), existsSync(log)]).toEqual([false, false]);
      expect(run.stderr).toBe('');
    },
    minute,
  );

  it(
    'tells wrong usage by exit code 2 and one line',
    async () => {
      await using run = new Run(['--nodes', 'abc']);
      expect(await run.ended).toBe(2);
      expect(run.stdout).toBe('');
      expect(run.stderr).toBe('--nodes: "abc": write a whole number from 2 to 5000\n');
    },
    minute,
  );
});
