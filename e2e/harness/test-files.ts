import { inspect } from 'node:util';
import { run } from 'node:test';
import type { Failure, Outcome } from './outcome.ts';

/** How many characters of a failure are printed; an object that was not expected can be long. */
const longestMessage = 3000;

/** Test files, each run in a process of its own. */
export interface TestFiles {
  /** Put before the names of tests: which server they talk to. */
  readonly title: string;
  readonly files: readonly string[];
  /** How the tests learn what to test. */
  readonly environment: Readonly<Record<string, string>>;
  /** Only tests whose names match. @default all */
  readonly only?: RegExp | undefined;
  /** How many files at once. @default 2 */
  readonly concurrency?: number;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** Runs the files and counts their tests; failures are printed as they come. */
export async function runTestFiles(tests: TestFiles): Promise<Outcome> {
  let passed = 0;
  const failures: Failure[] = [];
  const events = run({
    files: [...tests.files],
    concurrency: tests.concurrency ?? 2,
    execArgv: ['--conditions=@ccm-ts/source'],
    env: { ...process.env, ...tests.environment },
    signal: tests.signal,
    ...(tests.only ? { testNamePatterns: tests.only } : {}),
  });
  // A suite is reported besides its tests, and fails with them; it counts only when the fault is its own.
  events.on('test:pass', (event) => {
    // A file without any test that was asked for is reported as a test of its own.
    const isFile = event.nesting === 0 && tests.files.includes(event.name);
    if (event.details.type !== 'suite' && event.skip === undefined && !isFile) passed++;
  });
  events.on('test:fail', (event) => {
    const { error } = event.details;
    if ('failureType' in error && error.failureType === 'subtestsFailed') return;
    const cause: unknown = error.cause ?? error;
    const failure = {
      test: `${tests.title}: ${event.name}`,
      message: cause instanceof Error ? (cause.stack ?? '') : inspect(cause),
    };
    failures.push(failure);
    tests.print(`  ✗ ${failure.test}\n${indented(failure.message.slice(0, longestMessage))}`);
  });
  let rest = '';
  events.on('test:stdout', ({ message }) => {
    const lines = `${rest}${message}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('{"proof"')) tests.print(line);
  });
  for await (const event of events) void event;
  tests.print(`${tests.title}: ${passed} passed, ${failures.length} failed`);
  return { passed, failures, notRun: [] };
}

function indented(text: string): string {
  return text.replace(/^/gm, '      ');
}
