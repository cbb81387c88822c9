import { type Refusal, shorten } from '../refusal.ts';
import type { AnnotationEffect } from './annotation-declaration.ts';

/**
 * - `unknown`: nothing of that name, though it is in the provider's territory.
 * - `unsupported`: the kind of load balancer has no place for it, or another controller's annotation.
 * - `ignored`: without effect beside the others.
 * - `contradictory`: impossible beside the others.
 * - `invalid`: the text does not fit.
 * - `late`: changed though it only counts when the load balancer is made.
 */
export type AnnotationFindingKind = 'unknown' | 'unsupported' | 'ignored' | 'contradictory' | 'invalid' | 'late';

/** Something about an annotation that its user should know. */
export interface AnnotationFinding {
  readonly kind: AnnotationFindingKind;
  readonly effect: AnnotationEffect;
  /** The whole key. */
  readonly annotation: string;
  /** Empty when it is not there. */
  readonly value: string;
  readonly fix: string;
}

/** One sentence that names annotation, value and fix. Values that are long are cut. */
export function describeAnnotationFinding({ kind, effect, annotation, value, fix }: AnnotationFinding): string {
  const verdict: Readonly<Record<AnnotationFindingKind, string>> = {
    unknown: 'has no effect, as there is no such annotation',
    unsupported: 'has no effect here',
    ignored: 'has no effect',
    contradictory: 'does not go with the other annotations',
    invalid: effect === 'refused' ? 'is not possible' : 'is not what it takes',
    late: 'comes too late',
  };
  return `${annotation}: ${JSON.stringify(shorten(value))} ${verdict[kind]}: ${fix}`;
}

const reasons: Readonly<Record<AnnotationFindingKind, string>> = {
  unknown: 'UnknownAnnotation',
  unsupported: 'UnsupportedAnnotation',
  ignored: 'IgnoredAnnotation',
  contradictory: 'ContradictoryAnnotations',
  invalid: 'InvalidAnnotation',
  late: 'ImmutableAnnotation',
};

/** CamelCase, for conditions and Events. */
export function reasonOfFinding({ kind, effect }: Pick<AnnotationFinding, 'kind' | 'effect'>): string {
  return effect === 'refused' ? 'InvalidAnnotation' : reasons[kind];
}

/** The refusal that the findings amount to: that of the first that can't be had; undefined when all can be served. */
export function refusalOfFindings(findings: readonly AnnotationFinding[]): Refusal | undefined {
  const first = findings.find(({ effect }) => effect === 'refused');
  if (first === undefined) return undefined;
  const { annotation, value, fix } = first;
  return { kind: 'refusal', reason: 'InvalidAnnotation', field: annotation, value: value.slice(0, 100), fix };
}
