import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The variables that tell the tests what to test with. */
export const kubeconfigVariable = 'CCM_TS_E2E_KUBECONFIG';
export const kubectlVariable = 'CCM_TS_E2E_KUBECTL';

export interface KubectlResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A kubectl that keeps running. */
export interface RunningKubectl extends AsyncDisposable {
  /** Resolves with all lines so far as soon as they satisfy the condition; fails after fifteen seconds. */
  readonly lines: (satisfied: (lines: readonly string[]) => boolean) => Promise<readonly string[]>;
}

const patienceMilliseconds = 15_000;

/** Stock kubectl, pointed at the server under test and keeping its caches to itself. */
export class Kubectl implements Disposable {
  readonly #program: string;
  readonly #kubeconfig: string;
  readonly #cache = mkdtempSync(join(tmpdir(), 'ccm-ts-kubectl-'));

  constructor(environment: NodeJS.ProcessEnv) {
    const program = environment[kubectlVariable];
    const kubeconfig = environment[kubeconfigVariable];
    if (!program || !kubeconfig) throw new Error(`${kubectlVariable} and ${kubeconfigVariable} must be set`);
    this.#program = program;
    this.#kubeconfig = kubeconfig;
  }

  /** Runs to its end, whatever that is. */
  async attempt(args: readonly string[], stdin = ''): Promise<KubectlResult> {
    const child = this.#spawn(args);
    const stdout: string[] = [];
    const stderr: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => stdout.push(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => stderr.push(text));
    // One that ends without reading what it is given is judged by its exit code.
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin);
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    return { exitCode, stdout: stdout.join(''), stderr: stderr.join('') };
  }

  /** Runs, expects success, gives what it printed. */
  async run(args: readonly string[], stdin = ''): Promise<string> {
    const result = await this.attempt(args, stdin);
    if (result.exitCode !== 0) throw new Error(`kubectl ${args.join(' ')} failed: ${result.stderr}`);
    return result.stdout;
  }

  /** Starts one that does not end, like `get -w`. */
  start(args: readonly string[]): RunningKubectl {
    const child = this.#spawn(args);
    let text = '';
    let wake: (() => void) | undefined;
    const onText = (more: string): void => {
      text += more;
      wake?.();
    };
    child.stdout.setEncoding('utf8').on('data', onText);
    child.stderr.setEncoding('utf8').on('data', onText);
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    child.once('error', (error) => onText(`${error.message}\n`));
    return {
      lines: async (satisfied) => {
        const deadline = performance.now() + patienceMilliseconds;
        for (;;) {
          const lines = text.split('\n').slice(0, -1);
          if (satisfied(lines)) return lines;
          const { promise, resolve, reject } = Promise.withResolvers<void>();
          wake = resolve;
          const timer = setTimeout(
            () => reject(new Error(`kubectl ${args.join(' ')} printed only:\n${text}`)),
            Math.max(0, deadline - performance.now()),
          );
          await promise.finally(() => clearTimeout(timer));
        }
      },
      [Symbol.asyncDispose]: async () => {
        child.kill('SIGTERM');
        await ended;
      },
    };
  }

  [Symbol.dispose](): void {
    rmSync(this.#cache, { recursive: true, force: true });
  }

  #spawn(args: readonly string[]) {
    return spawn(this.#program, ['--kubeconfig', this.#kubeconfig, '--cache-dir', this.#cache, ...args], {
      stdio: 'pipe',
    });
  }
}

/** The cells of what kubectl printed as a table, by the heading of their column. */
export function readTable(printed: string): Record<string, string>[] {
  const [heading = '', ...rows] = printed.trimEnd().split('\n');
  const columns = [...heading.matchAll(/\S+(?: \S+)*/g)].map((match) => ({ name: match[0], start: match.index }));
  return rows.map((row) =>
    Object.fromEntries(
      columns.map(({ name, start }, index) => [name, row.slice(start, columns[index + 1]?.start).trim()]),
    ),
  );
}
