import { escapeSeparators } from './log-json.ts';
import type { LogLevel, LogRecord } from './logger.ts';

const letters: Readonly<Record<LogLevel, string>> = { debug: 'I', info: 'I', warn: 'W', error: 'E' };
const bareName = /^[\w.\-/]+$/;

/**
 * One line in klog's text form, in UTC: `I1121 14:42:44.123000       1 ccm.ts:1] "Message" key="value" n=3`. The place in the
 * source is constant; it is there because parsers of klog demand one. Source: k8s.io/klog.
 */
export function textLine(record: LogRecord): string {
  const fields = record.fields.map(([name, value]) => ` ${nameText(name)}=${valueText(value)}`).join('');
  const pid = String(process.pid).padStart(7);
  return `${letters[record.level]}${timeText(record.time)} ${pid} ccm.ts:1] ${quote(record.message)}${fields}\n`;
}

function timeText(time: Date): string {
  const iso = time.toISOString();
  return `${iso.slice(5, 7)}${iso.slice(8, 10)} ${iso.slice(11, 23)}000`;
}

function nameText(name: string): string {
  return bareName.test(name) ? name : quote(name);
}

function valueText(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' ? quote(value) : escapeSeparators(JSON.stringify(value ?? null));
}

function quote(text: string): string {
  return escapeSeparators(JSON.stringify(text));
}
