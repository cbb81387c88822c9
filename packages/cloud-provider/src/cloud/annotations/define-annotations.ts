import { suggest } from '../../base/suggest.ts';
import type {
  AnnotationAbsence,
  AnnotationCondition,
  AnnotationDeclaration,
  AnnotationRule,
  Annotations,
  KindChoice,
  NumberOf,
} from './annotation-declaration.ts';
import type { AnnotationFinding } from './annotation-finding.ts';
import { type AnnotationFormat, fits, matchesPattern } from './annotation-format.ts';

/** Declarations by what follows the prefix; those with a slash are whole keys. */
export type AnnotationDeclarations<Kind extends string> = Readonly<
  Record<string, AnnotationDeclaration<Kind, unknown>>
>;

/** All annotations of Services that one provider, or the library itself, reads. */
export interface AnnotationDefinition<
  Kind extends string,
  Declarations extends AnnotationDeclarations<Kind>,
  Name extends string = keyof Declarations & string,
> {
  /** Whose they are: the name of the provider. */
  readonly owner: string;
  /** Of the keys that are declared without a slash. */
  readonly prefix: string;
  /**
   * A pattern of keys in lower case that can only be meant for this owner: those among them that are not declared are misspelt.
   * In the syntax of formats.
   */
  readonly territory: string;
  /** Kinds of load balancers, as annotations tell them apart. */
  readonly kinds: readonly Kind[];
  readonly kindChoice: KindChoice<Kind, Name>;
  readonly annotations: Declarations;
  readonly rules: readonly AnnotationRule<Kind, NoInfer<Name>>[];
  /** What follows the prefix in keys that only another controller reads. @default none */
  readonly elsewhere?: { readonly names: readonly string[]; readonly fix: string };
}

/** What one annotation means. */
export type AnnotationValue<Declaration> = Declaration extends { readonly format: AnnotationFormat<infer Value> }
  ? Value
  : never;

export interface AnnotationRegistry<
  Kind extends string = string,
  Declarations extends AnnotationDeclarations<Kind> = AnnotationDeclarations<Kind>,
> {
  readonly definition: AnnotationDefinition<Kind, Declarations>;
  /** The whole key of a declared annotation. */
  keyOf(name: keyof Declarations & string): string;
  /** Which kind the annotations ask for; undefined for those that leave the Service to another controller. */
  kindOf(annotations: Annotations): Kind | undefined;
  /**
   * What an annotation means on the kind that the annotations ask for; undefined when it is not there, has no effect on that
   * kind, or does not fit and is refused for that.
   */
  read<Name extends keyof Declarations & string>(
    annotations: Annotations,
    name: Name,
  ): AnnotationValue<Declarations[Name]> | undefined;
  /**
   * What users should know about the annotations of a Service of the type LoadBalancer, in the order of the declarations. The
   * admission policy of the registry says the same.
   *
   * @param former those before an edit; only what the edit changed is judged. @default all are new
   */
  judge(annotations: Annotations, former?: Annotations): readonly AnnotationFinding[];
}

/** A registry whose names and values need not be known. */
export interface AnyAnnotationRegistry {
  readonly definition: LooseDefinition;
  keyOf(name: string): string;
  kindOf(annotations: Annotations): string | undefined;
  judge(annotations: Annotations, former?: Annotations): readonly AnnotationFinding[];
}

/** Makes a parser out of the declarations of annotations. Pure, as is everything that the registry does. */
export function defineAnnotations<const Kind extends string, const Declarations extends AnnotationDeclarations<Kind>>(
  definition: AnnotationDefinition<Kind, Declarations>,
): AnnotationRegistry<Kind, Declarations> {
  const keyOf = (name: string): string => annotationKey(definition, name);
  const kindOf = (annotations: Annotations): Kind | undefined => chooseKind(definition, annotations);
  const loose: AnnotationDeclarations<Kind> = definition.annotations;
  const index = indexOf<Kind>(definition);
  return {
    definition,
    keyOf,
    kindOf,
    read(annotations, name) {
      const text = annotations[keyOf(name)];
      const declaration = loose[name];
      const kind = kindOf(annotations);
      if (text === undefined || declaration === undefined || kind === undefined) return undefined;
      const place = placeOn(declaration, kind);
      if (isAbsence(place)) return undefined;
      if (declaration.misfit !== 'warned' && !fits(place, text)) return undefined;
      return place.parse(text) as AnnotationValue<Declarations[typeof name]>;
    },
    judge: (annotations, former) => judgeAnnotations(index, annotations, former),
  };
}

/** The definition without the types of its values, as what is made of it needs it. */
export type LooseDefinition<Kind extends string = string> = AnnotationDefinition<
  Kind,
  AnnotationDeclarations<Kind>,
  string
>;

export function annotationKey({ prefix }: Pick<LooseDefinition, 'prefix'>, name: string): string {
  return name.includes('/') ? name : prefix + name;
}

/** How an annotation is read on a kind of load balancer. */
export function placeOn<Kind extends string>(
  { format, on }: AnnotationDeclaration<Kind, unknown>,
  kind: Kind,
): AnnotationFormat<unknown> | AnnotationAbsence {
  return on?.[kind] ?? format;
}

export function isAbsence(place: AnnotationFormat<unknown> | AnnotationAbsence): place is AnnotationAbsence {
  return 'kind' in place;
}

/** The names that an edit must touch for the rule to be looked at. */
export function namesIn(rule: AnnotationRule<string, string>): ReadonlySet<string> {
  return new Set([rule.about, ...namesInCondition(rule.when)]);
}

function namesInCondition(condition: AnnotationCondition<string>): readonly string[] {
  switch (condition.kind) {
    case 'absent':
    case 'matches':
      return [condition.annotation];
    case 'atLeast':
      return [condition.left.annotation, condition.right.annotation];
    case 'not':
      return namesInCondition(condition.condition);
    case 'all':
      return condition.conditions.flatMap(namesInCondition);
  }
}

function chooseKind<Kind extends string>(
  definition: Pick<LooseDefinition<Kind>, 'prefix' | 'kindChoice'>,
  annotations: Annotations,
): Kind | undefined {
  const { by, values, otherwise } = definition.kindChoice;
  const text = by === undefined ? undefined : annotations[annotationKey(definition, by)];
  return text !== undefined && Object.hasOwn(values, text) ? values[text] : otherwise;
}

/** A definition with its keys made. */
interface AnnotationIndex<Kind extends string> {
  readonly definition: LooseDefinition<Kind>;
  readonly declarations: readonly {
    readonly key: string;
    readonly declaration: AnnotationDeclaration<Kind, unknown>;
  }[];
  readonly rules: readonly {
    readonly key: string;
    readonly keys: readonly string[];
    readonly rule: AnnotationRule<Kind, string>;
  }[];
  readonly known: ReadonlySet<string>;
  readonly foreign: ReadonlySet<string>;
  /** Of the annotation that says which kind; undefined when there is but one. */
  readonly kindKey: string | undefined;
}

function indexOf<Kind extends string>(definition: LooseDefinition<Kind>): AnnotationIndex<Kind> {
  const { annotations, elsewhere, kindChoice, prefix, rules } = definition;
  const keyOf = (name: string): string => annotationKey(definition, name);
  const declarations = Object.entries(annotations).map(([name, declaration]) => ({ key: keyOf(name), declaration }));
  return {
    definition,
    declarations,
    rules: rules.map((rule) => ({ key: keyOf(rule.about), keys: [...namesIn(rule)].map(keyOf), rule })),
    known: new Set(declarations.map(({ key }) => key)),
    foreign: new Set(elsewhere?.names.map((name) => prefix + name)),
    kindKey: kindChoice.by === undefined ? undefined : keyOf(kindChoice.by),
  };
}

function judgeAnnotations<Kind extends string>(
  index: AnnotationIndex<Kind>,
  annotations: Annotations,
  former: Annotations | undefined,
): readonly AnnotationFinding[] {
  const { declarations, definition, kindKey, rules } = index;
  const kind = chooseKind(definition, annotations);
  if (kind === undefined) return [];
  const isChanged = (key: string): boolean => annotations[key] !== former?.[key];
  const isKindChanged = kindKey !== undefined && isChanged(kindKey);
  const isKept = former !== undefined && chooseKind(definition, former) === kind;
  const findings = judgeUnknown(index, annotations, isChanged);
  for (const { key: annotation, declaration } of declarations) {
    const value = annotations[annotation];
    const place = placeOn(declaration, kind);
    const { misfit: effect = 'refused' } = declaration;
    if (value !== undefined && (isKindChanged || isChanged(annotation))) {
      if (isAbsence(place)) {
        findings.push({ kind: 'unsupported', effect: place.effect, annotation, value, fix: place.fix });
      } else if (!fits(place, value)) {
        findings.push({ kind: 'invalid', effect, annotation, value, fix: place.fix });
      }
    }
    if (isKept && declaration.change === 'atCreation' && !isAbsence(place) && isChanged(annotation)) {
      findings.push({ kind: 'late', effect: 'warned', annotation, value: value ?? '', fix: lateFix });
    }
  }
  for (const { key: annotation, keys, rule } of rules) {
    const { effect, finding, fix, kinds, when } = rule;
    if (!kinds.includes(kind) || !(isKindChanged || keys.some(isChanged))) continue;
    if (!holds(definition, annotations, when)) continue;
    findings.push({ kind: finding, effect, annotation, value: annotations[annotation] ?? '', fix });
  }
  return findings;
}

/** What users are told who change what only counts at the creation. */
export const lateFix =
  'it only counts when the load balancer is made: change it back, or make the Service anew to have another load balancer';

/** What users are told of keys that nobody knows, before suggestions. */
export const unknownFix = 'remove it';

function judgeUnknown(
  { definition, foreign, known }: AnnotationIndex<string>,
  annotations: Annotations,
  isChanged: (key: string) => boolean,
): AnnotationFinding[] {
  const { elsewhere, prefix, territory } = definition;
  const findings: AnnotationFinding[] = [];
  for (const [annotation, value] of Object.entries(annotations)) {
    if (known.has(annotation) || !isChanged(annotation)) continue;
    if (elsewhere !== undefined && foreign.has(annotation)) {
      findings.push({ kind: 'unsupported', effect: 'warned', annotation, value, fix: elsewhere.fix });
    } else if (matchesPattern(asciiLower(annotation), territory)) {
      const meant = suggestKey(annotation, known, prefix);
      const fix = meant === undefined ? unknownFix : `did you mean ${meant}?`;
      findings.push({ kind: 'unknown', effect: 'warned', annotation, value, fix });
    }
  }
  return findings;
}

/** Long prefixes must not make everything look near to everything: what follows them is compared. */
function suggestKey(key: string, known: ReadonlySet<string>, prefix: string): string | undefined {
  if (key.startsWith(prefix)) {
    const names = [...known].filter((one) => one.startsWith(prefix)).map((one) => one.slice(prefix.length));
    const name = suggest(key.slice(prefix.length), names);
    return name === undefined ? undefined : prefix + name;
  }
  const byName = new Map([...known].map((one) => [one.slice(one.indexOf('/') + 1), one]));
  const name = suggest(asciiLower(key.slice(key.indexOf('/') + 1)), byName.keys());
  return name === undefined ? undefined : byName.get(name);
}

function asciiLower(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function holds(definition: LooseDefinition, annotations: Annotations, condition: AnnotationCondition<string>): boolean {
  const textOf = (name: string): string | undefined => annotations[annotationKey(definition, name)];
  switch (condition.kind) {
    case 'absent':
      return textOf(condition.annotation) === undefined;
    case 'matches': {
      const text = textOf(condition.annotation);
      return text !== undefined && matchesPattern(text, condition.pattern);
    }
    case 'atLeast': {
      const left = numberIn(textOf(condition.left.annotation), condition.left);
      const right = numberIn(textOf(condition.right.annotation), condition.right);
      return left !== undefined && right !== undefined && left >= right;
    }
    case 'not':
      return !holds(definition, annotations, condition.condition);
    case 'all':
      return condition.conditions.every((each) => holds(definition, annotations, each));
  }
}

/** Texts of which two are compared as numbers; others are judged by their formats. */
export const comparedNumberPattern = String.raw`^[ \t\r\n]*[0-9]{1,9}[ \t\r\n]*$`;

function numberIn(text: string | undefined, { otherwise }: NumberOf<string>): number | undefined {
  if (text === undefined) return otherwise;
  return matchesPattern(text, comparedNumberPattern) ? Number(text) : undefined;
}
