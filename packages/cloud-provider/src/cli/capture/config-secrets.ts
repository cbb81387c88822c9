import { redacted } from '../../telemetry/redact.ts';
import { redactTold } from '../output/redact-told.ts';

const name =
  '[\\w.-]*(?:token|passw|passphrase|secret|credential|private|api[-_]?key|access[-_]?key|authorization|auth[-_]?(?:key|data|info))[\\w.-]*';
/** INI, YAML and properties: the name begins the line, and everything after it is the value. */
const ownLine = new RegExp(`^(?<indent>\\s*(?:- )?)(?<key>${name}\\s*[:=]\\s*)(?<value>.*)$`, 'i');
/** JSON and the like: a quoted name, anywhere. */
const quoted = new RegExp(`((["'])${name}\\2\\s*[:=]\\s*)("(?:[^"\\\\]|\\\\.)*"|'[^']*'|[^\\s,}\\]]+)`, 'gi');

/** A configuration without its secrets: what a name that speaks of one stands for is left out, whatever the file's form. Pure. */
export function withoutSecrets(text: string): string {
  const kept: string[] = [];
  /** The indent of the secret whose value goes on in the lines that are deeper. */
  let below: number | undefined;
  for (const line of redactTold(text).split('\n')) {
    const indent = /^\s*/.exec(line)?.[0].length ?? 0;
    if (below !== undefined && (line.trim() === '' || indent > below)) continue;
    below = undefined;
    const { indent: before = '', key = '', value = '' } = ownLine.exec(line)?.groups ?? {};
    if (key === '') {
      kept.push(line.replace(quoted, (_whole, start: string) => `${start}"${redacted}"`));
      continue;
    }
    const isBlock = /^(?:[|>][\w+-]*\s*)?$/.test(value);
    if (isBlock) below = before.length;
    const quote = /^["']/.exec(value)?.[0] ?? '';
    kept.push(`${before}${key}${value === '' ? '' : `${quote}${redacted}${quote}`}`);
  }
  return kept.join('\n');
}
