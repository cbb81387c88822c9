import type { AnnotationFormat } from './annotation-format.ts';

export type Annotations = Readonly<Record<string, string>>;

/** What a misplaced or unfit annotation leads to: the Service is not served, or it is, and its user is told. */
export type AnnotationEffect = 'refused' | 'warned';

/** Everything that is known of one annotation. Parser, findings, reference page, schema and policy are made from it. */
export interface AnnotationDeclaration<Kind extends string, Value> {
  readonly format: AnnotationFormat<Value>;
  /** Kinds of load balancers where it is read in another way, or has no place. @default as `format` on all kinds */
  readonly on?: Readonly<Partial<Record<Kind, AnnotationFormat<Value> | AnnotationAbsence>>>;
  /** What a text that does not fit leads to. @default refused */
  readonly misfit?: AnnotationEffect;
  /** What holds without it, for people. */
  readonly default: string;
  /** The release of this provider that knows it first. */
  readonly since: string;
  /** `atCreation`: later changes of it do not change a load balancer that exists. */
  readonly change: 'followed' | 'atCreation';
  /** What of the cloud's objects it sets: `Scheme of the load balancer`. */
  readonly sets: string;
  readonly example: string;
  /** One sentence or two. */
  readonly description: string;
  /** Whose behaviour this is: a file and release, or the page of an API. */
  readonly source: string;
}

/** An annotation that a kind of load balancer has no use for. */
export interface AnnotationAbsence {
  readonly kind: 'absence';
  readonly effect: AnnotationEffect;
  /** Why, and what to do. */
  readonly fix: string;
}

export function withoutEffect(fix: string): AnnotationAbsence {
  return { kind: 'absence', effect: 'warned', fix };
}

export function refusedThere(fix: string): AnnotationAbsence {
  return { kind: 'absence', effect: 'refused', fix };
}

/** What several annotations say together. */
export interface AnnotationRule<Kind extends string, Name extends string> {
  /** The annotation to look at first; it need not be there. */
  readonly about: Name;
  readonly kinds: readonly Kind[];
  readonly finding: 'ignored' | 'contradictory' | 'invalid';
  readonly effect: AnnotationEffect;
  /** When the rule is broken. */
  readonly when: AnnotationCondition<Name>;
  readonly fix: string;
}

/** What can be asked about annotations without a cloud, a configuration or the rest of the Service. */
export type AnnotationCondition<Name extends string> =
  | { readonly kind: 'absent'; readonly annotation: Name }
  /** It is there, and the pattern matches. */
  | { readonly kind: 'matches'; readonly annotation: Name; readonly pattern: string }
  /** Both are whole numbers, or not there, and the left one is at least the right one. */
  | { readonly kind: 'atLeast'; readonly left: NumberOf<Name>; readonly right: NumberOf<Name> }
  | { readonly kind: 'not'; readonly condition: AnnotationCondition<Name> }
  | { readonly kind: 'all'; readonly conditions: readonly AnnotationCondition<Name>[] };

export interface NumberOf<Name extends string> {
  readonly annotation: Name;
  /** Where it is not there. */
  readonly otherwise: number;
}

/** How the kind of load balancer is told from the annotations alone. */
export interface KindChoice<Kind extends string, Name extends string> {
  /** The annotation that says so; undefined when there is but one kind. */
  readonly by: Name | undefined;
  /** By the annotation's text; undefined for texts that ask for another controller, whose annotations are not judged. */
  readonly values: Readonly<Record<string, Kind | undefined>>;
  /** For all other texts, and without the annotation. */
  readonly otherwise: Kind;
}
