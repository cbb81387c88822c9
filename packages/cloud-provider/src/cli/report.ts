import type { ExitCode } from './exit-codes.ts';
import type { Paint } from './output/paint.ts';

/** What a subcommand found, in the forms that `--output` knows. */
export interface Report {
  readonly exit: ExitCode;
  /** The first line: the cause, or the result. Without a line feed. */
  readonly summary: string;
  /** The lines after it, for people. */
  lines(paint: Paint): readonly string[];
  /** For programs: plain JSON. Field names never change their meaning. */
  readonly data: Readonly<Record<string, unknown>>;
  /** For a comment on a pull request. @default the lines as they are */
  readonly markdown?: () => string;
  /** Text that is to be written as it is, whatever the form: scripts, files. */
  readonly verbatim?: string;
}
