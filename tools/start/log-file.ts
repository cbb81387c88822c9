import { type WriteStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file for the manager's log, away from the terminal. */
export class LogFile {
  readonly path: string;
  readonly #stream: WriteStream;

  constructor() {
    this.path = join(tmpdir(), `ccm-ts-demo-${process.pid}.log`);
    this.#stream = createWriteStream(this.path, { mode: 0o600 });
  }

  readonly write = (line: string): void => {
    this.#stream.write(line);
  };

  /** @param fate whether the file stays for somebody to read */
  async close(fate: 'keep' | 'remove'): Promise<void> {
    await new Promise<void>((resolve) => this.#stream.end(() => resolve()));
    if (fate === 'remove') await rm(this.path, { force: true });
  }
}
