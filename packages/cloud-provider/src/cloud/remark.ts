import {
  type AnnotationFinding,
  describeAnnotationFinding,
  reasonOfFinding,
} from './annotations/annotation-finding.ts';

/** Something in a Service that is served, but not, or not only, as its user may think. Becomes an Event and a condition. */
export interface Remark {
  /** CamelCase. */
  readonly reason: string;
  /** One sentence that names field, value and fix. */
  readonly text: string;
}

/** What users are told of findings that do not keep their Service from being served. Pure. */
export function remarksOf(findings: readonly AnnotationFinding[]): readonly Remark[] {
  return findings
    .filter(({ effect }) => effect === 'warned')
    .map((finding) => ({ reason: reasonOfFinding(finding), text: describeAnnotationFinding(finding) }));
}
