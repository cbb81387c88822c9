import { type LabelSelector, parseLabelSelector as parse } from '../../base/label-selector.ts';
import { badRequest } from './status.ts';

/** A field selector: every requirement must hold. */
export interface FieldRequirement {
  readonly path: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** @throws StatusError 400 when the text is no label selector. */
export function parseLabelSelector(text: string): LabelSelector {
  const parsed = parse(text);
  if (parsed.kind === 'parsed') return parsed.selector;
  throw badRequest(`unable to parse requirement: ${JSON.stringify(text)}: ${parsed.problem}`);
}

/** @throws StatusError 400 when the text is no field selector. */
export function parseFieldSelector(text: string): readonly FieldRequirement[] {
  return text
    .split(/(?<!\\),/)
    .filter((part) => part !== '')
    .map((part) => {
      const [, path, operator, value] = /^([^=!]+)(==|!=|=)(.*)$/.exec(part) ?? [];
      if (path === undefined || value === undefined) {
        throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
      }
      return { path, operator: operator === '!=' ? '!=' : '=', value: value.replace(/\\([\\,=])/g, '$1') };
    });
}

export function matchesFields(requirements: readonly FieldRequirement[], valueOf: (path: string) => string): boolean {
  return requirements.every(({ path, operator, value }) => (valueOf(path) === value) === (operator === '='));
}
