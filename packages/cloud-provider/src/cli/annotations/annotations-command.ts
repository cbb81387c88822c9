import { adoptAnnotation, onDeleteAnnotation, protectAnnotation } from '../../api/well-known.ts';
import { annotationKey } from '../../cloud/annotations/define-annotations.ts';
import { suggest } from '../../base/suggest.ts';
import type { Command } from '../command.ts';
import { CommandFailure } from '../command-failure.ts';
import { exitCodes } from '../exit-codes.ts';

interface AnnotationRow {
  readonly annotation: string;
  readonly default: string;
  readonly example: string;
  readonly description: string;
  readonly since: string;
  readonly change: string;
  readonly kinds: readonly string[];
}

/** Those that every provider has, of the library itself. */
const shared: readonly AnnotationRow[] = [
  {
    annotation: protectAnnotation,
    default: 'false',
    example: 'true',
    description: 'Keeps the load balancer and its addresses from deletion.',
    since: '1.36',
    change: 'followed',
    kinds: ['*'],
  },
  {
    annotation: adoptAnnotation,
    default: '',
    example: 'my-load-balancer',
    description: 'The ids of objects in the cloud to take for the own of this Service though nothing proves it.',
    since: '1.36',
    change: 'followed',
    kinds: ['*'],
  },
  {
    annotation: onDeleteAnnotation,
    default: '',
    example: 'orphan',
    description: 'Lets a deleted Service go at once; what it has in the cloud stays there.',
    since: '1.36',
    change: 'followed',
    kinds: ['*'],
  },
];

/** `annotations`: everything that can be written on a Service. */
export const annotationsCommand: Command = {
  name: 'annotations',
  usage: '[PART-OF-NAME]',
  description: 'Lists the annotations of Services that this provider reads. Needs neither a cluster nor credentials.',
  examples: ['annotations', 'annotations health-check --output yaml'],
  flags: {},
  words: [],
  wordCount: { least: 0, most: 1 },
  async run({ session, words: [part = ''] }) {
    const { annotations: registry, name } = session.invocation.program.factory;
    const rows = [...shared];
    if (registry) {
      const { definition } = registry;
      for (const [key, declaration] of Object.entries(definition.annotations)) {
        const { change, default: byDefault, description, example, since } = declaration;
        const absent = new Set(
          Object.entries(declaration.on ?? {}).flatMap(([kind, place]) =>
            place && 'kind' in place && place.kind === 'absence' ? [kind] : [],
          ),
        );
        const kinds = definition.kinds.filter((kind) => !absent.has(kind));
        rows.push({
          annotation: annotationKey(definition, key),
          default: byDefault,
          example,
          description,
          since,
          change,
          kinds,
        });
      }
    }
    const shown = rows.filter(({ annotation }) => annotation.includes(part));
    if (shown.length === 0) {
      const near =
        suggest(
          part,
          rows.map(({ annotation }) => annotation),
        ) ?? suggestPart(part, rows);
      const next = near === undefined ? 'run it without a word to see all' : `did you mean ${near}?`;
      throw new CommandFailure(`${name} reads no annotation with ${JSON.stringify(part)} in its name`, next);
    }
    return {
      exit: exitCodes.fine,
      summary: `${shown.length} of ${rows.length} annotations of ${name}`,
      lines: (paint) =>
        shown.flatMap((row) => [
          '',
          `${paint.bold(row.annotation)}: ${JSON.stringify(row.example)}`,
          `  ${row.description}`,
          paint.dim(
            `  default: ${row.default === '' ? 'none' : row.default} · kinds: ${row.kinds.join(', ')} · since ${row.since}${row.change === 'atCreation' ? ' · only when the load balancer is made' : ''}`,
          ),
        ]),
      data: { annotations: shown },
    };
  },
};

/** People leave the domain out. */
function suggestPart(part: string, rows: readonly AnnotationRow[]): string | undefined {
  const names = new Map(rows.map(({ annotation }) => [annotation.slice(annotation.lastIndexOf('/') + 1), annotation]));
  return names.get(suggest(part, [...names.keys()]) ?? '');
}
