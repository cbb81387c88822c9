/** Colours for a terminal. Each gives the text as it is where colours are not wanted. */
export interface Paint {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
}

/** Where text goes, as far as it matters for colours. */
export interface PaintedStream {
  readonly isTTY?: boolean;
}

/** Colours only on a terminal, and never with NO_COLOR (any value but an empty one) or TERM=dumb. */
export function paintFor(stream: PaintedStream, env: Readonly<Record<string, string | undefined>>): Paint {
  const isPlain = stream.isTTY !== true || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return isPlain ? plain : coloured;
}

const same = (text: string): string => text;
export const plain: Paint = { good: same, bad: same, warn: same, dim: same, bold: same };

const wrap =
  (code: number) =>
  (text: string): string =>
    `\u001b[${code}m${text}\u001b[0m`;
const coloured: Paint = { good: wrap(32), bad: wrap(31), warn: wrap(33), dim: wrap(2), bold: wrap(1) };
