import { EventEmitter } from 'node:events';
import type { ProgramHost } from './run-manager.ts';

/** A process for a manager that runs in the process of a test. */
export class TestHost extends EventEmitter implements ProgramHost {
  readonly argv: readonly string[];
  readonly env = {};
  /** Everything that was written to either stream. */
  log = '';
  readonly stdout = { write: (text: string) => (this.log += text) };
  readonly stderr = this.stdout;

  constructor(flags: readonly string[]) {
    super();
    this.argv = ['node', 'manager', ...flags];
  }
}
