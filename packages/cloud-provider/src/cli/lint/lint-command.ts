import { objectKey } from '../../api/object-meta.ts';
import type { Service } from '../../api/service.ts';
import { sourceRangesAnnotation } from '../../api/well-known.ts';
import { parseCidr } from '../../base/cidr.ts';
import { describeAnnotationFinding } from '../../cloud/annotations/annotation-finding.ts';
import type { AnyAnnotationRegistry } from '../../cloud/annotations/define-annotations.ts';
import { judgeOwnAnnotations } from '../../cloud/own-annotations.ts';
import type { FlagTable } from '../../config/flags/flag.ts';
import type { Command } from '../command.ts';
import { CommandFailure } from '../command-failure.ts';
import { exitCodes } from '../exit-codes.ts';
import { readManifests } from '../plan/read-manifests.ts';

/** One fault of a manifest. Plain data. */
export interface LintFinding {
  readonly service: string;
  readonly effect: 'refused' | 'warned';
  /** Names annotation or field, value and fix. */
  readonly text: string;
}

const flags = {
  filename: {
    kind: 'array',
    default: [],
    group: 'Generic',
    shorthand: 'f',
    help: 'A file with manifests; - reads standard input. Repeatable.',
  },
} as const satisfies FlagTable;

/** `lint`: what can be said about a Service without cluster and cloud. */
export const lintCommand: Command = {
  name: 'lint',
  usage: '-f FILE...',
  description:
    'Judges the Services in files: annotations that are misspelt, unknown, contradictory or without effect, and source ' +
    'ranges that are none. Needs neither a cluster nor credentials. What would be created says `plan -f`.',
  examples: ['lint -f service.yaml', 'lint -f - --output json < service.yaml'],
  flags,
  words: [],
  wordCount: { least: 0, most: 20 },
  async run({ flags: given, session, words }) {
    const files = [...(given['filename'] as readonly string[]), ...words];
    if (files.length === 0) {
      throw new CommandFailure('no file is named', 'write -f FILE', { exit: exitCodes.usage });
    }
    const manifests = readManifests(files);
    const { annotations } = session.invocation.program.factory;
    const findings = manifests.flatMap(({ service }) => lintService(service, annotations));
    const [first] = findings;
    const count = `${findings.length} in ${manifests.length} ${manifests.length === 1 ? 'Service' : 'Services'}`;
    return {
      exit: first ? exitCodes.found : exitCodes.fine,
      summary: first ? `Lint: Service ${first.service}: ${first.text} (${count})` : `Lint: nothing wrong (${count})`,
      lines: (paint) =>
        findings.map(({ effect, service, text }) => {
          const word = effect === 'refused' ? paint.bad('refused') : paint.warn('warning');
          return `${word} Service ${service}: ${text}`;
        }),
      data: { findings },
    };
  },
};

/** Pure. */
export function lintService(service: Service, registry: AnyAnnotationRegistry | undefined): readonly LintFinding[] {
  const key = objectKey(service);
  const { annotations } = service.metadata;
  const ofCloud = service.spec.type === 'LoadBalancer' ? (registry?.judge(annotations) ?? []) : [];
  const judged = [...judgeOwnAnnotations(annotations), ...ofCloud].map(
    (finding): Finding => ({ effect: finding.effect, text: describeAnnotationFinding(finding) }),
  );
  return [...judged, ...rangeFindings(service)].map(({ effect, text }) => ({ service: key, effect, text }));
}

type Finding = Omit<LintFinding, 'service'>;

function rangeFindings({ metadata, spec }: Service): readonly Finding[] {
  const written = metadata.annotations[sourceRangesAnnotation];
  const byAnnotation = written === undefined ? [] : written.split(',').map((range) => range.trim());
  const check = (field: string, ranges: readonly string[]): readonly Finding[] =>
    ranges
      .filter((range) => parseCidr(range.trim()) === undefined)
      .map((range) => ({
        effect: 'refused',
        text: `${field}: ${JSON.stringify(range)} is not possible: write ranges such as 203.0.113.0/24`,
      }));
  return [
    ...check('spec.loadBalancerSourceRanges', spec.loadBalancerSourceRanges),
    ...check(sourceRangesAnnotation, byAnnotation),
  ];
}
