/** One condition of a label selector. */
export type LabelRequirement =
  /** `notin` holds for objects without the label too. */
  | { readonly operator: 'in' | 'notin'; readonly key: string; readonly values: ReadonlySet<string> }
  | { readonly operator: 'exists' | 'absent'; readonly key: string }
  /** The label is there and is a whole number above or below the bound. */
  | { readonly operator: 'above' | 'below'; readonly key: string; readonly bound: number };

/** All of its requirements must hold; without any it matches everything. */
export type LabelSelector = readonly LabelRequirement[];

export type ParsedLabelSelector =
  | { readonly kind: 'parsed'; readonly selector: LabelSelector }
  /** `problem` says what stands where, and what was expected there. */
  | { readonly kind: 'bad'; readonly problem: string };

/**
 * Reads a label selector as kubectl and the API server write it: `a=b`, `a==b`, `a!=b`, `a in (x,y)`, `a notin (x)`, `a`,
 * `!a`, `a>1`, `a<9`, with commas between. Keys and values must be such that a label can have them.
 * Source: k8s.io/apimachinery/pkg/labels, Parse.
 */
export function parseLabelSelector(text: string): ParsedLabelSelector {
  try {
    return { kind: 'parsed', selector: new SelectorReader(text).read() };
  } catch (error) {
    if (error instanceof UnexpectedText) return { kind: 'bad', problem: error.message };
    throw error;
  }
}

export function matchesLabels(
  selector: LabelSelector,
  labels: Readonly<Record<string, string>> | undefined = {},
): boolean {
  return selector.every((requirement) => {
    const value = Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined;
    switch (requirement.operator) {
      case 'in':
        return value !== undefined && requirement.values.has(value);
      case 'notin':
        return value === undefined || !requirement.values.has(value);
      case 'exists':
        return value !== undefined;
      case 'absent':
        return value === undefined;
      case 'above':
        return isWholeNumber(value) && Number(value) > requirement.bound;
      case 'below':
        return isWholeNumber(value) && Number(value) < requirement.bound;
    }
  });
}

class UnexpectedText extends Error {
  override readonly name = 'UnexpectedText';
}

const comparisons = ['=', '==', '!=', '>', '<'];

/** Reads one text, from left to right, once. */
class SelectorReader {
  readonly #tokens: readonly string[];
  #next = 0;

  constructor(text: string) {
    this.#tokens = text.match(/==|!=|[=!<>(),]|[^\s=!<>(),]+/g) ?? [];
  }

  read(): LabelSelector {
    const requirements: LabelRequirement[] = [];
    if (this.#tokens.length === 0) return requirements;
    do requirements.push(this.#requirement());
    while (this.#takeIf(','));
    const rest = this.#peek();
    if (rest !== undefined) throw unexpected(rest, 'a comma or the end');
    return requirements;
  }

  #requirement(): LabelRequirement {
    if (this.#takeIf('!')) return { operator: 'absent', key: this.#key() };
    const key = this.#key();
    const operator = this.#peek();
    if (operator === undefined || operator === ',') return { operator: 'exists', key };
    this.#next++;
    switch (operator) {
      case '=':
      case '==':
        return { operator: 'in', key, values: new Set([this.#value()]) };
      case '!=':
        return { operator: 'notin', key, values: new Set([this.#value()]) };
      case 'in':
      case 'notin':
        return { operator, key, values: this.#values() };
      case '>':
        return { operator: 'above', key, bound: this.#bound() };
      case '<':
        return { operator: 'below', key, bound: this.#bound() };
      default:
        throw unexpected(operator, `one of ${[...comparisons, 'in', 'notin'].join(' ')}, a comma or the end`);
    }
  }

  #key(): string {
    const token = this.#peek();
    if (token === undefined || !isWord(token)) throw unexpected(token, "a label's key");
    const problem = problemOfKey(token);
    if (problem !== undefined) throw new UnexpectedText(`${JSON.stringify(token)} is no label's key: ${problem}`);
    this.#next++;
    return token;
  }

  /** Nothing at all is the empty value. */
  #value(): string {
    const token = this.#peek();
    if (token === undefined || token === ',' || token === ')') return '';
    if (!isWord(token)) throw unexpected(token, "a label's value");
    if (!isLabelValue(token)) {
      throw new UnexpectedText(`${JSON.stringify(token)} is no label's value: ${nameRule}`);
    }
    this.#next++;
    return token;
  }

  #values(): ReadonlySet<string> {
    if (!this.#takeIf('(')) throw unexpected(this.#peek(), 'an opening bracket');
    const values = new Set<string>();
    do values.add(this.#value());
    while (this.#takeIf(','));
    if (!this.#takeIf(')')) throw unexpected(this.#peek(), 'a comma or a closing bracket');
    return values;
  }

  #bound(): number {
    const token = this.#peek();
    if (!isWholeNumber(token)) throw unexpected(token, 'a whole number');
    this.#next++;
    return Number(token);
  }

  #peek(): string | undefined {
    return this.#tokens[this.#next];
  }

  #takeIf(token: string): boolean {
    if (this.#peek() !== token) return false;
    this.#next++;
    return true;
  }
}

function unexpected(found: string | undefined, expected: string): UnexpectedText {
  return new UnexpectedText(`${found === undefined ? 'it ends' : JSON.stringify(found)} where ${expected} is expected`);
}

const nameRule =
  'at most 63 letters, digits, dashes, dots and underscores, with a letter or a digit at the beginning and at the end';
const name = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const prefix = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function isWord(token: string): boolean {
  return !/^[=!<>(),]/.test(token);
}

function isLabelValue(text: string): boolean {
  return text === '' || name.test(text);
}

function isWholeNumber(text: string | undefined): text is string {
  return text !== undefined && /^-?\d{1,15}$/.test(text);
}

function problemOfKey(key: string): string | undefined {
  const [first = '', second, ...more] = key.split('/');
  if (more.length > 0) return 'it has more than one slash';
  const own = second ?? first;
  if (!name.test(own)) return nameRule;
  if (second !== undefined && (first.length > 253 || !prefix.test(first))) {
    return 'what is before the slash must be a DNS name in small letters';
  }
  return undefined;
}
