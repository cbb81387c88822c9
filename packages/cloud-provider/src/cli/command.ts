import type { Duration } from '../base/duration.ts';
import type { FlagSet, FlagTable } from '../config/flags/flag.ts';
import type { Report } from './report.ts';
import type { Session } from './session/session.ts';

/** One subcommand. */
export interface Command {
  readonly name: string;
  /** After the name, for `--help`: `[nodes|services|routes] [NAME]`. */
  readonly usage: string;
  /** A paragraph for `--help`. */
  readonly description: string;
  readonly examples: readonly string[];
  /** Its own flags, by name without dashes. */
  readonly flags: FlagTable;
  /** The words that it takes; by place, those that completion offers. */
  readonly words: readonly (readonly string[])[];
  /** How many words at least and at most. */
  readonly wordCount: { readonly least: number; readonly most: number };
  /** The least that `--timeout` comes to. @default what it says */
  readonly leastTimeout?: (flags: FlagSet<FlagTable>) => Duration;
  run(input: CommandInput): Promise<Report>;
}

/** What was typed, and what to work with. */
export interface CommandInput {
  readonly words: readonly string[];
  /** The subcommand's own flags; the manager's are in the session. */
  readonly flags: FlagSet<FlagTable>;
  readonly session: Session;
}
