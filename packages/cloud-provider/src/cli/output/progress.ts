import type { PaintedStream } from './paint.ts';

/** Tells a waiting person what is going on. */
export interface Progress {
  /** Replaces what stood there. */
  step(text: string): void;
  /** Leaves no trace. Called before anything else is written. */
  done(): void;
}

/** One line on the terminal, on standard error; nothing where that is no terminal. */
export function progressOn(stream: PaintedStream & { write(text: string): unknown }): Progress {
  if (stream.isTTY !== true) return { step: () => undefined, done: () => undefined };
  let isShown = false;
  return {
    step(text) {
      isShown = true;
      stream.write(`\r\u001b[K${text}…`);
    },
    done() {
      if (isShown) stream.write('\r\u001b[K');
      isShown = false;
    },
  };
}

/** A bar for counted work. */
export function bar(done: number, total: number): string {
  const width = 20;
  const filled = total === 0 ? width : Math.round((width * done) / total);
  return `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${done}/${total}`;
}
