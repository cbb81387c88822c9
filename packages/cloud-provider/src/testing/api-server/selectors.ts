import { badRequest } from './status.ts';

/** A label selector: every requirement must hold. */
export type LabelRequirement =
  | { readonly operator: 'in' | 'notin'; readonly key: string; readonly values: ReadonlySet<string> }
  | { readonly operator: 'exists' | 'absent'; readonly key: string };

/** A field selector: every requirement must hold. */
export interface FieldRequirement {
  readonly path: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

const setRequirement = /^([^\s!=,()]+)\s+(in|notin)\s*\(([^)]*)\)$/;
const equality = /^([^\s!=,()]+)\s*(==|!=|=)\s*([^\s!=,()]*)$/;
const existence = /^(!?)\s*([^\s!=,()]+)$/;

/** @throws StatusError 400 when the text is no label selector. */
export function parseLabelSelector(text: string): readonly LabelRequirement[] {
  return splitOutsideBrackets(text).map((part) => parseLabelRequirement(part, text));
}

function parseLabelRequirement(part: string, whole: string): LabelRequirement {
  const set = setRequirement.exec(part);
  if (set) {
    const values = new Set((set[3] ?? '').split(',').map((value) => value.trim()));
    return { operator: set[2] === 'in' ? 'in' : 'notin', key: set[1] ?? '', values };
  }
  const equal = equality.exec(part);
  if (equal) {
    return { operator: equal[2] === '!=' ? 'notin' : 'in', key: equal[1] ?? '', values: new Set([equal[3] ?? '']) };
  }
  const exists = existence.exec(part);
  if (exists) return { operator: exists[1] === '!' ? 'absent' : 'exists', key: exists[2] ?? '' };
  throw badRequest(`unable to parse requirement: ${JSON.stringify(part)} in ${JSON.stringify(whole)}`);
}

export function matchesLabels(
  requirements: readonly LabelRequirement[],
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  return requirements.every((requirement) => {
    const value = labels?.[requirement.key];
    switch (requirement.operator) {
      case 'in':
        return value !== undefined && requirement.values.has(value);
      case 'notin':
        return value === undefined || !requirement.values.has(value);
      case 'exists':
        return value !== undefined;
      case 'absent':
        return value === undefined;
    }
  });
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

function splitOutsideBrackets(text: string): string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
