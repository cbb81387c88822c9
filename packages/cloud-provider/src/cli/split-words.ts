import type { FlagTable } from '../config/flags/flag.ts';

/** One flag as it was typed, with its value. */
export interface TypedFlag {
  /** As the table has it, or as it was typed where the table has none. */
  readonly name: string;
  readonly argv: readonly string[];
}

/** Words and flags of a command line, in any order. What follows `--` is words. */
export function splitWords(
  table: FlagTable,
  argv: readonly string[],
): { readonly words: readonly string[]; readonly flags: readonly TypedFlag[] } {
  const words: string[] = [];
  const flags: TypedFlag[] = [];
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index] ?? '';
    if (argument === '--') return { words: [...words, ...argv.slice(index + 1)], flags };
    const match = /^(?:--([^=]+)|-([A-Za-z]))(=?)(.*)$/s.exec(argument);
    if (!match) {
      words.push(argument);
      continue;
    }
    const [, long, short = '', equals = '', rest = ''] = match;
    const name = long?.replaceAll('_', '-') ?? longName(table, short);
    const isWhole = equals !== '' || rest !== '' || table[name]?.kind === 'bool';
    const next = argv[index + 1];
    if (isWhole || next === undefined || !Object.hasOwn(table, name)) flags.push({ name, argv: [argument] });
    else {
      flags.push({ name, argv: [argument, next] });
      index++;
    }
  }
  return { words, flags };
}

function longName(table: FlagTable, letter: string): string {
  const [name] = Object.entries(table).find(([key, { shorthand }]) => key === letter || shorthand === letter) ?? [];
  return name ?? letter;
}
