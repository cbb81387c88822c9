import type { LogLevel } from '../telemetry/logger.ts';

/** From this number on every decision is logged. Source: the convention of klog, where 4 is for debugging. */
const debugFrom = 4;

/** What `-v` comes to. */
export function levelOfVerbosity(verbosity: number): LogLevel {
  return verbosity >= debugFrom ? 'debug' : 'info';
}

/** The verbosity of a running manager: that of `-v`, until somebody sets another. */
export class Verbosity {
  #value: number;

  constructor(value: number) {
    this.#value = value;
  }

  get level(): LogLevel {
    return levelOfVerbosity(this.#value);
  }

  /** Takes a whole number that is not negative. Returns what to write instead of anything else. */
  set(text: string): string | undefined {
    if (!/^\d{1,9}$/.test(text)) return 'write a whole number, 0 or more';
    this.#value = Number(text);
    return undefined;
  }
}

/**
 * What `--vmodule` comes to: the level for a controller or component, by the first pattern that fits its name. `*` and `?` in
 * a pattern stand for any letters and for one; `_` counts as `-`, because Go's files are written with it.
 */
export function levelsByName(vmodule: string): (name: string) => LogLevel | undefined {
  const rules = vmodule
    .split(',')
    .filter((rule) => rule !== '')
    .map((rule) => {
      const [pattern = '', verbosity = '0'] = rule.split('=');
      return { expression: expressionOf(pattern), level: levelOfVerbosity(Number(verbosity)) };
    });
  return (name) => rules.find(({ expression }) => expression.test(name))?.level;
}

function expressionOf(pattern: string): RegExp {
  const parts = [...pattern.replaceAll('_', '-')].map((letter) => {
    if (letter === '*') return '.*';
    return letter === '?' ? '.' : letter.replace(/[\\^$.|+()[\]{}]/, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`);
}
