import type { WriteStream } from 'node:tty';

const enter = '\x1b[?1049h\x1b[?25l';
const leave = '\x1b[?25h\x1b[?1049l';
const home = '\x1b[H';
const clearToEndOfLine = '\x1b[K';
const clearBelow = '\x1b[J';

/** A second screen of the terminal that is drawn anew again and again; disposing brings the first one back. */
export class Terminal implements Disposable {
  readonly #stream: WriteStream;

  constructor(stream: WriteStream) {
    this.#stream = stream;
    stream.write(enter);
  }

  get window(): { readonly columns: number; readonly rows: number } {
    // A terminal that does not know its size says that it has none.
    return { columns: this.#stream.columns || 80, rows: this.#stream.rows || 24 };
  }

  draw(lines: readonly string[]): void {
    this.#stream.write(`${home}${lines.map((line) => `${line}${clearToEndOfLine}`).join('\r\n')}${clearBelow}`);
  }

  [Symbol.dispose](): void {
    this.#stream.write(leave);
  }
}
