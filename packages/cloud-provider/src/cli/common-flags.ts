import { Duration } from '../base/duration.ts';
import type { FlagTable } from '../config/flags/flag.ts';
import { outputForms } from './output/render.ts';

/** The flags of every subcommand. */
export const commonFlags = {
  output: {
    kind: 'string',
    default: 'text',
    group: 'Generic',
    shorthand: 'o',
    help: `The form of what is printed: ${outputForms.join(', ')}.`,
    check: (value) =>
      outputForms.some((form) => form === value) ? undefined : `write one of ${outputForms.join(', ')}`,
  },
  timeout: {
    kind: 'duration',
    default: Duration.minutes(2),
    group: 'Generic',
    help: 'How long cluster and cloud may take together.',
  },
} as const satisfies FlagTable;
