/** One `key = value` of a section. */
export interface GcfgEntry {
  readonly key: string;
  /** Undefined for a key without `=`, which stands for true. */
  readonly value: string | undefined;
  readonly line: number;
}

/** One section header and what follows it. A section may be opened more than once. */
export interface GcfgSection {
  readonly name: string;
  /** The quoted part of `[name "subsection"]`; empty when there is none. */
  readonly subsection: string;
  readonly line: number;
  readonly entries: readonly GcfgEntry[];
}

/** A line that does not follow the syntax. */
export interface GcfgFault {
  readonly line: number;
  readonly text: string;
  readonly problem: string;
}

export interface GcfgFile {
  readonly sections: readonly GcfgSection[];
  readonly faults: readonly GcfgFault[];
}

const sectionHeader = /^\[\s*([A-Za-z0-9][A-Za-z0-9-]*)\s*(?:"((?:[^"\\]|\\.)*)"\s*)?\]\s*(?:[;#].*)?$/;
const keyStart = /^([A-Za-z][A-Za-z0-9-]*)\s*(.*)$/s;

/**
 * Reads the INI dialect of the Go managers' cloud-config: git's configuration syntax with `;` and `#` comments, double quotes
 * with the escapes `\"`, `\\`, `\n` and `\t`, and a backslash at the end of a line to go on with the next. Judges every line;
 * never throws. Source: gopkg.in/gcfg.v1, doc.go.
 */
export function parseGcfg(text: string): GcfgFile {
  const sections: { name: string; subsection: string; line: number; entries: GcfgEntry[] }[] = [];
  const faults: GcfgFault[] = [];
  for (const { line, text: content } of logicalLines(text)) {
    const fault = (problem: string): void => void faults.push({ line, text: content, problem });
    if (content === '' || content.startsWith('#') || content.startsWith(';')) continue;
    if (content.startsWith('[')) {
      const header = sectionHeader.exec(content);
      if (header === null) {
        fault('write a section as [Name] or [Name "subsection"]');
        continue;
      }
      const subsection = (header[2] ?? '').replaceAll(/\\(.)/g, '$1');
      sections.push({ name: header[1] ?? '', subsection, line, entries: [] });
      continue;
    }
    const key = keyStart.exec(content);
    if (key === null) {
      fault('write Key = value');
      continue;
    }
    const section = sections.at(-1);
    if (section === undefined) {
      fault('put it below a section such as [Global]');
      continue;
    }
    const rest = key[2] ?? '';
    if (rest === '' || rest.startsWith('#') || rest.startsWith(';')) {
      section.entries.push({ key: key[1] ?? '', value: undefined, line });
      continue;
    }
    if (!rest.startsWith('=')) {
      fault('write Key = value');
      continue;
    }
    const value = readValue(rest.slice(1).trimStart());
    if ('problem' in value) fault(value.problem);
    else section.entries.push({ key: key[1] ?? '', value: value.text, line });
  }
  return { sections, faults };
}

/** Lines with their numbers, those that end in a backslash joined with the next. */
function* logicalLines(text: string): Generator<{ line: number; text: string }> {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  let pending = '';
  let start = 1;
  for (const [index, line] of lines.entries()) {
    if (pending === '') start = index + 1;
    const backslashes = /\\*$/.exec(line)?.[0].length ?? 0;
    const isContinued = backslashes % 2 === 1 && index < lines.length - 1 && !/^\s*[;#]/.test(pending + line);
    if (isContinued) {
      pending += line.slice(0, -1);
      continue;
    }
    yield { line: start, text: (pending + line).trim() };
    pending = '';
  }
}

function readValue(source: string): { readonly text: string } | { readonly problem: string } {
  let text = '';
  // Blanks outside of quotes count only when something follows them.
  let blanks = '';
  let isQuoted = false;
  for (let index = 0; index < source.length; index++) {
    const character = source.charAt(index);
    if (!isQuoted && (character === '#' || character === ';')) break;
    if (!isQuoted && /\s/.test(character)) {
      blanks += character;
      continue;
    }
    text += blanks;
    blanks = '';
    if (character === '"') {
      isQuoted = !isQuoted;
    } else if (character === '\\') {
      index++;
      const escaped = unescape(source.charAt(index));
      if (escaped === undefined) return { problem: 'after a backslash only ", \\, n and t can stand' };
      text += escaped;
    } else {
      text += character;
    }
  }
  return isQuoted ? { problem: 'close the double quote' } : { text };
}

function unescape(character: string): string | undefined {
  switch (character) {
    case '"':
    case '\\':
      return character;
    case 'n':
      return '\n';
    case 't':
      return '\t';
    default:
      return undefined;
  }
}
