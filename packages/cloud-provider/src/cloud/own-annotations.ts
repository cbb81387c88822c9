import { adoptAnnotation, onDeleteAnnotation, protectAnnotation } from '../api/well-known.ts';
import type { Annotations } from './annotations/annotation-declaration.ts';
import type { AnnotationFinding } from './annotations/annotation-finding.ts';
import { freeText, listOf, oneOf } from './annotations/annotation-format.ts';
import { defineAnnotations, unknownFix } from './annotations/define-annotations.ts';
import { intentAnnotationPrefix } from './create-intent.ts';

const domain = 'ccm-ts/';
/** Where the group is recorded that a Service was last written in. */
export const groupAnnotation = `${domain}load-balancer-group`;

const about = { since: '1.36.0', change: 'followed', source: 'this library' } as const;

/** What the library itself reads from annotations of Services, with every provider. */
export const ownAnnotations = defineAnnotations({
  owner: 'ccm-ts',
  prefix: domain,
  territory: `^${domain}`,
  kinds: ['any'],
  kindChoice: { by: undefined, values: {}, otherwise: 'any' },
  annotations: {
    [protectAnnotation]: {
      ...about,
      format: freeText('any text'),
      default: 'false',
      sets: 'nothing',
      example: 'true',
      description: 'Anything but `false` keeps its load balancers and addresses from being deleted.',
    },
    [adoptAnnotation]: {
      ...about,
      format: listOf({ name: 'ids of objects of the cloud', fix: 'write the ids that OwnershipConflict names' }),
      misfit: 'warned',
      default: 'nothing is adopted without proof',
      sets: 'tags of ownership',
      example: 'lb-1',
      description:
        'Objects that stand where those of the Service would, without proof that they are, are taken for its own.',
    },
    [onDeleteAnnotation]: {
      ...about,
      format: oneOf(['orphan']),
      misfit: 'warned',
      default: 'its load balancer is deleted with it',
      sets: 'nothing',
      example: 'orphan',
      description: 'Deleting the Service leaves its load balancer in the cloud.',
    },
  },
  rules: [],
});

/** What users should know about the annotations of a Service that are meant for the library. Pure. */
export function judgeOwnAnnotations(annotations: Annotations): readonly AnnotationFinding[] {
  const ofUsers = Object.entries(annotations).filter(([key]) => key.toLowerCase().startsWith(domain) && !isRecord(key));
  return ofUsers.length === 0 ? [] : ownAnnotations.judge(Object.fromEntries(ofUsers));
}

/**
 * What users should know about the annotations of a Node that are meant for the library, which reads none there. Pure.
 */
export function judgeNodeAnnotations(annotations: Annotations): readonly AnnotationFinding[] {
  const findings: AnnotationFinding[] = [];
  for (const annotation in annotations) {
    if (!annotation.toLowerCase().startsWith(domain) || isRecord(annotation)) continue;
    const value = annotations[annotation] ?? '';
    const isOfServices = Object.hasOwn(ownAnnotations.definition.annotations, annotation);
    const kind = isOfServices ? 'unsupported' : 'unknown';
    const fix = isOfServices ? 'it counts on Services alone, so remove it' : unknownFix;
    findings.push({ kind, effect: 'warned', annotation, value, fix });
  }
  return findings;
}

/** Whether the manager itself writes it. */
function isRecord(key: string): boolean {
  return key === groupAnnotation || key.startsWith(intentAnnotationPrefix);
}
