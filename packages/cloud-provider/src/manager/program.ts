import type { CloudProviderFactory } from '../cloud/cloud-provider.ts';
import type { ManagerFlags } from '../config/flags/manager-flags.ts';

/** The parts of a process that a manager program needs. `process` fits. */
export interface ProgramHost {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  on(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
  off(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
  /** Ends the process at once. @default what is under way ends by its own deadlines */
  exit?(code: number): unknown;
}

export interface Program {
  /** The name of the executable, as users type it. */
  readonly name: string;
  readonly version: string;
  readonly factory: CloudProviderFactory;
}

/** One run of a program, once its command line is understood. */
export interface Invocation {
  readonly program: Program;
  readonly host: ProgramHost;
  readonly flags: ManagerFlags;
  /** The flags that the command line or the file of `--config` names. */
  readonly given: ReadonlySet<string>;
}

/** Usage is wrong: the flags can't be understood. */
export const exitUsage = 2;
/** Configuration that can not be used, a lost lease, a defect, or a second signal. */
export const exitFailure = 1;
