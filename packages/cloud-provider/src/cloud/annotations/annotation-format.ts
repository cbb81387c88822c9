import { numberPattern } from './number-pattern.ts';

/**
 * How the text of an annotation must look, and what it means then. Patterns are written so that JavaScript (with the flag `u`),
 * RE2 and JSON Schema read them alike: without `.`, `\s`, flags or look-around. No text may match in two ways: JavaScript
 * would try all of them, and whoever writes an annotation could keep the manager busy for ever.
 */
export interface AnnotationFormat<Value> {
  /** For people: `a number from 2 to 10`. */
  readonly name: string;
  /** What to write instead of a text that does not fit: `write a number from 2 to 10`. */
  readonly fix: string;
  /** Each must match; those for whole texts are anchored. Empty when any text will do. */
  readonly patterns: readonly string[];
  /** In characters. @default no limit */
  readonly maxLength?: number;
  /** What a text means. Not called for texts that do not fit, unless those are only warned of and mean something all the same. */
  parse(text: string): Value;
}

/** Whether the text is one of the format's. */
export function fits(format: Pick<AnnotationFormat<unknown>, 'patterns' | 'maxLength'>, text: string): boolean {
  const { patterns, maxLength } = format;
  if (maxLength !== undefined && [...text].length > maxLength) return false;
  return patterns.every((pattern) => matchesPattern(text, pattern));
}

/** The one way in which patterns of annotations are read. */
export function matchesPattern(text: string, pattern: string): boolean {
  return new RegExp(pattern, 'u').test(text);
}

/** Blanks that do not count; manifests with block scalars end values with a line break. */
const blanks = String.raw`[ \t\r\n]*`;

/** For texts in which there is anything but blanks. */
export const notBlank = String.raw`[^ \t\r\n]`;

/** For texts in which there is anything. */
export const notEmpty = String.raw`^(?:[ \t\r\n]|[^ \t\r\n])`;

/** Any text, without the blanks around it. */
export function freeText(name: string): AnnotationFormat<string> {
  return { name, fix: `write ${name}`, patterns: [], parse: (text) => text.trim() };
}

/** Any text, as it is written. */
export function verbatimText(name: string): AnnotationFormat<string> {
  return { name, fix: `write ${name}`, patterns: [], parse: (text) => text };
}

export interface WordOptions {
  /** `any`: case and blanks around the word do not count. @default exact */
  readonly spelling?: 'exact' | 'any';
  /** Whether an empty text fits too; it gives the empty word. @default refused */
  readonly empty?: 'allowed' | 'refused';
  /** @default write one of the words */
  readonly fix?: string;
}

/** One of some words; gives the word as it is declared. */
export function oneOf<const Word extends string>(
  words: readonly Word[],
  { spelling = 'exact', empty = 'refused', fix = `write ${alternatives(words)}` }: WordOptions = {},
): AnnotationFormat<Word | ''> {
  const written = words.map((word) => (spelling === 'any' ? anyCase(escape(word)) : escape(word)));
  const body = `(?:${written.join('|')})${spelling === 'any' ? blanks : ''}`;
  return {
    name: alternatives(words),
    fix,
    patterns: [`^${spelling === 'any' ? blanks : ''}(?:${body})${empty === 'allowed' ? '?' : ''}$`],
    parse(text) {
      const lower = text.trim().toLowerCase();
      return words.find((word) => (spelling === 'any' ? word.toLowerCase() === lower : word === text)) ?? '';
    },
  };
}

const goTruths = ['true', '1', 't', 'T', 'TRUE', 'True'];
const goLies = ['false', '0', 'f', 'F', 'FALSE', 'False'];

/** The texts that Go's strconv.ParseBool takes for true. */
export const goTruthPattern = `^(?:${goTruths.join('|')})$`;

/** A boolean as Go's strconv.ParseBool reads it. @param empty `false` when an empty text means false, as in some managers */
export function goBoolean(empty: 'false' | 'refused'): AnnotationFormat<boolean> {
  const texts = [...goTruths, ...goLies, ...(empty === 'false' ? [''] : [])];
  return {
    name: 'true or false',
    fix: 'write true or false',
    patterns: [`^(?:${texts.join('|')})$`],
    parse: (text) => goTruths.includes(text),
  };
}

export interface NumberOptions {
  readonly min: number;
  readonly max: number;
  /** What is counted: `seconds`. @default nothing */
  readonly unit?: string;
  /** Whether an empty text fits too; it gives undefined. @default refused */
  readonly empty?: 'allowed' | 'refused';
  /** Whether there may be a plus in front. @default no */
  readonly plus?: 'yes' | 'no';
}

/** A whole number; blanks around it do not count. */
export function wholeNumber({
  min,
  max,
  unit,
  empty = 'refused',
  plus = 'no',
}: NumberOptions): AnnotationFormat<number | undefined> {
  const number = `${plus === 'yes' ? String.raw`\+?` : ''}${numberPattern(min, max)}`;
  const name = unit === undefined ? `a number from ${min} to ${max}` : `${min} to ${max} ${unit}`;
  return {
    name,
    fix: `write ${name}`,
    patterns: [`^${blanks}(?:${number}${blanks})${empty === 'allowed' ? '?' : ''}$`],
    parse: (text) => (text.trim() === '' ? undefined : Number(text)),
  };
}

export interface ListOptions {
  /** A pattern of one item, without anchors, that matches neither commas nor blanks nor nothing. @default anything */
  readonly item?: string;
  /** `ids of security groups`. */
  readonly name: string;
  readonly fix: string;
  /** Whether there may be no item at all. @default refused */
  readonly empty?: 'allowed' | 'refused';
}

/** Items between commas. Blanks around them do not count, and neither do empty ones. */
export function listOf({ item, name, fix, empty = 'refused' }: ListOptions): AnnotationFormat<readonly string[]> {
  const one = `${blanks}(?:(?:${item})${blanks})?`;
  return {
    name: `${name}, with commas between`,
    fix,
    patterns: [
      ...(item === undefined ? [] : [`^${one}(?:,${one})*$`]),
      ...(empty === 'refused' ? [String.raw`[^, \t\r\n]`] : []),
    ],
    parse: splitItems,
  };
}

export interface PairOptions {
  /** Patterns of keys and values, which match neither commas nor equals signs, blanks or nothing. @default all fit */
  readonly of?: { readonly key: string; readonly value: string };
  readonly name: string;
  readonly fix: string;
  /** Whether there may be no pair at all. @default allowed */
  readonly empty?: 'allowed' | 'refused';
}

/**
 * `key=value,key=,key`: blanks around keys and values do not count, a key without a value has an empty one, and what has no key
 * is left out.
 */
export function pairsOf({
  of,
  name,
  fix,
  empty = 'allowed',
}: PairOptions): AnnotationFormat<Readonly<Record<string, string>>> {
  const pair = of && `(?:${of.key})${blanks}=${blanks}(?:${of.value})${blanks}`;
  const one = `${blanks}(?:${pair}|=[^,]*)?`;
  return {
    name: `${name}, with commas between`,
    fix,
    patterns: [
      ...(pair === undefined ? [] : [`^${one}(?:,${one})*$`]),
      ...(empty === 'refused' ? [String.raw`(?:^|,)[^,=]*[^,= \t\r\n]`] : []),
    ],
    parse: splitPairs,
  };
}

/** Of further equals signs in an item the first decides. */
function splitPairs(text: string): Readonly<Record<string, string>> {
  const pairs = splitItems(text).map((item): readonly [string, string] => {
    const at = item.indexOf('=');
    return at < 0 ? [item, ''] : [item.slice(0, at).trim(), item.slice(at + 1).trim()];
  });
  return Object.fromEntries(pairs.filter(([key]) => key !== ''));
}

/** The items between commas, without blanks around them and without empty ones. */
export function splitItems(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function alternatives(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}

function escape(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
}

function anyCase(pattern: string): string {
  return pattern.replaceAll(/[A-Za-z]/g, (letter) => `[${letter.toUpperCase()}${letter.toLowerCase()}]`);
}
