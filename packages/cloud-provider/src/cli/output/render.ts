import { formatYaml } from '../../kube/yaml.ts';
import type { Report } from '../report.ts';
import type { Paint } from './paint.ts';
import { redactData, redactTold } from './redact-told.ts';

export const outputForms = ['text', 'json', 'yaml', 'markdown'] as const;
export type OutputForm = (typeof outputForms)[number];

/** The report in one of the forms, with its line feed at the end. What is plainly a secret is left out in every form. */
export function render(report: Report, form: OutputForm, paint: Paint): string {
  if (report.verbatim !== undefined) return report.verbatim;
  const { summary } = report;
  switch (form) {
    case 'text':
      return `${[summary, ...report.lines(paint)].map((line) => printable(redactTold(line))).join('\n')}\n`;
    case 'json':
      return `${JSON.stringify(plainData(report), undefined, 2)}\n`;
    case 'yaml':
      return formatYaml(plainData(report));
    case 'markdown':
      return `${redactTold(report.markdown?.() ?? [`**${summary}**`, '', '```', ...report.lines(paint), '```'].join('\n'))}\n`;
  }
}

function plainData({ data, summary }: Report): unknown {
  return redactData(JSON.parse(JSON.stringify({ summary, ...data })));
}

/** Names and annotations of objects are anybody's: they must not steer the terminal. Colours are our own. */
function printable(line: string): string {
  return line.replace(/[\u0000-\u0008\u000a-\u001a\u001c-\u001f\u007f]|\u001b(?!\[\d+m)/g, '\ufffd');
}
