import type { Duration } from '../../base/duration.ts';

/** The kinds of values that flags have; the spelling is Go's (github.com/spf13/pflag). */
export interface FlagValues {
  readonly string: string;
  readonly bool: boolean;
  readonly int: number;
  readonly float: number;
  readonly duration: Duration;
  /** Comma separated, repeatable; a repeated flag appends. */
  readonly list: readonly string[];
  /** Repeatable, each taken whole: for values that hold commas themselves. */
  readonly array: readonly string[];
  /** `key=value`, comma separated, repeatable. */
  readonly map: Readonly<Record<string, string>>;
}

export type FlagKind = keyof FlagValues;

interface FlagOf<Kind extends FlagKind> {
  readonly kind: Kind;
  readonly default: FlagValues[Kind];
  /** One or two sentences for `--help`. */
  readonly help: string;
  /** The heading that `--help` puts it under; the Go managers' headings. */
  readonly group: FlagGroup;
  /** A one-letter spelling. */
  readonly shorthand?: string;
  /** Judges the parsed value; a text says what to write instead. */
  readonly check?: (value: FlagValues[Kind]) => string | undefined;
  /**
   * Set for flags that are accepted so that a Go manager's manifest keeps working, and do nothing here: why. Told once when
   * somebody sets one.
   */
  readonly withoutEffect?: string;
}

export type FlagGroup =
  | 'Generic'
  | 'Cloud provider'
  | 'Node controller'
  | 'Node lifecycle controller'
  | 'Service controller'
  | 'Route controller'
  | 'Node IPAM controller'
  | 'Orphan controller'
  | 'Leader election'
  | 'Leader migration'
  | 'Secure serving'
  | 'Authentication'
  | 'Authorization'
  | 'Webhooks'
  | 'Debugging'
  | 'Logs'
  | 'Global';

/** One flag as declared. */
export type Flag = { [Kind in FlagKind]: FlagOf<Kind> }[FlagKind];

/** A table of flags by name. */
export type FlagTable = Readonly<Record<string, Flag>>;

/** The values of a table's flags, by name. */
export type FlagSet<Table extends FlagTable> = {
  readonly [Name in keyof Table]: FlagValues[Table[Name]['kind']];
};
