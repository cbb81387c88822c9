import { type WriteStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const keptComplaints = 5;

/** A file for the manager's log, away from the terminal. */
export class LogFile {
  readonly path: string;
  readonly #stream: WriteStream;
  readonly #complaints: string[] = [];

  constructor() {
    this.path = join(tmpdir(), `ccm-ts-demo-${process.pid}.log`);
    this.#stream = createWriteStream(this.path, { mode: 0o600 });
  }

  readonly write = (line: string): void => {
    this.#stream.write(line);
    if (!/^[WE]\d{4} /.test(line)) return;
    this.#complaints.push(line);
    if (this.#complaints.length > keptComplaints) this.#complaints.shift();
  };

  /** The latest warnings and errors, oldest first, for who has no time to read the file. */
  get complaints(): readonly string[] {
    return this.#complaints;
  }

  /** @param fate whether the file stays for somebody to read */
  async close(fate: 'keep' | 'remove'): Promise<void> {
    await new Promise<void>((resolve) => this.#stream.end(() => resolve()));
    if (fate === 'remove') await rm(this.path, { force: true });
  }
}
