import { parseArgs } from 'node:util';
import { isMinor, minors, type Minor } from '../kube-apiserver/versions.ts';
import type { Suite } from './suite.ts';

export type Arguments =
  | { readonly kind: 'help' }
  | { readonly kind: 'invalid'; readonly message: string }
  | {
      readonly kind: 'run';
      readonly suites: readonly Suite[];
      readonly minors: readonly Minor[];
      readonly only: RegExp | undefined;
      readonly seconds: number | undefined;
      readonly extent: 'sample' | 'all';
      readonly report: string | undefined;
    };

export function usage(suites: readonly Suite[]): string {
  return [
    'npm run e2e -- [--suite NAME[,NAME]] [--minors MINOR[,MINOR]] [--only PATTERN] [--all] [--report FILE]',
    '',
    '  --suite   what to run; default all:',
    ...suites.map((suite) => `              ${suite.name.padEnd(10)} ${suite.description}`),
    `  --minors  of Kubernetes, of ${minors.join(', ')}, or all; default ${minors[0]}`,
    '  --only    a regular expression: only the tests whose names it matches',
    '  --all     suites that take long are run as a whole, not as a sample',
    '  --seconds for suites that last as long as they are told to: soak',
    '  --report  writes the outcome to a file, in JSON',
  ].join('\n');
}

export function parseArguments(args: readonly string[], suites: readonly Suite[]): Arguments {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        suite: { type: 'string', multiple: true },
        minors: { type: 'string', multiple: true },
        only: { type: 'string' },
        seconds: { type: 'string' },
        all: { type: 'boolean' },
        report: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) return { kind: 'help' };
    return {
      kind: 'run',
      suites: chosenSuites(listed(values.suite), suites),
      minors: chosenMinors(listed(values.minors)),
      only: values.only === undefined ? undefined : new RegExp(values.only),
      seconds: values.seconds === undefined ? undefined : readSeconds(values.seconds),
      extent: values.all === true ? 'all' : 'sample',
      report: values.report,
    };
  } catch (error) {
    return { kind: 'invalid', message: error instanceof Error ? error.message : String(error) };
  }
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (!(Number.isFinite(seconds) && seconds >= 30)) throw new Error(`--seconds ${text}: a number of at least 30`);
  return seconds;
}

function listed(values: readonly string[] | undefined): string[] {
  return (values ?? []).flatMap((value) => value.split(',')).map((value) => value.trim());
}

function chosenSuites(names: readonly string[], suites: readonly Suite[]): readonly Suite[] {
  if (names.length === 0 || names.includes('all')) return suites;
  return names.map((name) => {
    const suite = suites.find((each) => each.name === name);
    if (!suite) throw new Error(`--suite ${name}: there is ${suites.map((each) => each.name).join(', ')} and all`);
    return suite;
  });
}

function chosenMinors(texts: readonly string[]): readonly Minor[] {
  if (texts.length === 0) return [minors[0]];
  if (texts.includes('all')) return minors;
  return texts.map((text) => {
    if (!isMinor(text)) throw new Error(`--minors ${text}: there is ${minors.join(', ')} and all`);
    return text;
  });
}
