import { fieldFault } from './status.ts';
import type { StatusCause } from './status.ts';
import type { NameRule } from './resource.ts';

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const label1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const namePart = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

const labelAdvice =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const label1035Advice =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const subdomainAdvice =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const namePartAdvice =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const labelValueAdvice =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

export function dnsLabelFault(field: string, text: string): readonly StatusCause[] {
  if (text.length > 63) return [fieldFault.invalid(field, text, 'must be no more than 63 bytes')];
  return label.test(text) ? [] : [fieldFault.invalid(field, text, labelAdvice)];
}

export function dnsSubdomainFault(field: string, text: string): readonly StatusCause[] {
  if (text.length > 253) return [fieldFault.invalid(field, text, 'must be no more than 253 bytes')];
  return subdomain.test(text) ? [] : [fieldFault.invalid(field, text, subdomainAdvice)];
}

/** What is wrong with an object's name by its kind's rule. */
export function nameFault(rule: NameRule, field: string, name: string): readonly StatusCause[] {
  switch (rule) {
    case 'label':
      return dnsLabelFault(field, name);
    case 'label1035':
      return label1035.test(name) ? [] : [fieldFault.invalid(field, name, label1035Advice)];
    case 'subdomain':
      return dnsSubdomainFault(field, name);
    case 'path':
      return /[/%]/.test(name) || name === '.' || name === '..'
        ? [fieldFault.invalid(field, name, "may not contain '/' or '%'")]
        : [];
  }
}

/** What is wrong with a `prefix/name` key: of a label, an annotation, a taint. */
export function qualifiedNameFault(field: string, key: string): readonly StatusCause[] {
  const slash = key.indexOf('/');
  const prefix = slash < 0 ? undefined : key.slice(0, slash);
  const name = key.slice(slash + 1);
  const faults: StatusCause[] = [];
  if (prefix === '') faults.push(fieldFault.invalid(field, key, 'prefix part must be non-empty'));
  else if (prefix !== undefined && !subdomain.test(prefix)) {
    faults.push(fieldFault.invalid(field, key, `prefix part ${subdomainAdvice}`));
  }
  if (name === '') faults.push(fieldFault.invalid(field, key, 'name part must be non-empty'));
  else if (name.length > 63) faults.push(fieldFault.invalid(field, key, 'name part must be no more than 63 bytes'));
  else if (!namePart.test(name)) faults.push(fieldFault.invalid(field, key, namePartAdvice));
  return faults;
}

export function labelValueFault(field: string, value: string): readonly StatusCause[] {
  if (value.length > 63) return [fieldFault.invalid(field, value, 'must be no more than 63 bytes')];
  return labelValue.test(value) ? [] : [fieldFault.invalid(field, value, labelValueAdvice)];
}
