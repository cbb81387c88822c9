const longestLine = 120;

/** JSON as the formatter of this repository wants it: objects over several lines, lists on one where they fit. */
export function jsonText(value: unknown): string {
  return `${write(value, '', 0)}\n`;
}

/** @param used how much of the line is taken already */
function write(value: unknown, indent: string, used: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    if (items.length === 0) return '[]';
    const isFlat = items.every((item) => typeof item !== 'object' || item === null);
    const line = `[${items.map((item) => JSON.stringify(item)).join(', ')}]`;
    // The comma that may follow counts too.
    if (isFlat && used + line.length < longestLine) return line;
    return `[\n${items.map((item) => deeper + write(item, deeper, deeper.length)).join(',\n')}\n${indent}]`;
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return '{}';
  const lines = entries.map(([key, entry]) => {
    const start = `${deeper}${JSON.stringify(key)}: `;
    return start + write(entry, deeper, start.length);
  });
  return `{\n${lines.join(',\n')}\n${indent}}`;
}
